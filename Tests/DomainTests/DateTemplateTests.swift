import Domain
import Events
import Testing

private let window = DateWindow(
  since: Moment(milliseconds: 1_676_838_584_421), now: Moment(milliseconds: 1_795_000_000_000))

private func fault(_ text: String) -> String? {
  do throws(DateTemplate.Fault) {
    _ = try DateTemplate(text)
    return nil
  } catch {
    return error.text
  }
}

@Test(
  arguments: [
    ("${gmtDate:yyyy-MM-dd'T'HH:mm:ss'Z'}", "2023-02-19T20:29:44Z"),
    ("${gmtDate:yyyy-MM-ddTHH:mm:ssZ}", "2023-02-19T20:29:44Z"),
    ("${date}", "2023-02-19T20:29:44.421Z"), ("${date:MM/dd/yyyy}", "02/19/2023"),
    ("${dateTimeZone:America/Denver:yyyy-MM-dd HH:mm}", "2023-02-19 13:29"),
    ("${DateTimeZone:PST:HH:mm}", "12:29"), ("${dateTimeZone:-8:00:HH:mm}", "12:29"),
    ("${dateTimeZone:-8:HH:mm}", "12:29"), ("${dateTimeZone:+0530:HH:mm}", "01:59"),
    ("${nowTimeZone:GMT:yyyy-MM-dd}", "2026-11-18"), ("${epoch}", "1676838584421"),
    ("${epoch:ms}", "1676838584421"), ("${epoch:0}", "1676838584421"),
    ("${milliseconds}", "1676838584421"), ("${epoch:s}", "1676838584"),
    ("${epoch:us}", "1676838584421000"), ("after:${epoch:s} in:inbox", "after:1676838584 in:inbox"),
    ("${epoch:s}-${date:yyyy}", "1676838584-2023"), ("no date $ {x}", "no date $ {x}"), ("", ""),
  ])
func `a date goes where its template stands`(text: String, filled: String) throws {
  #expect(try DateTemplate(text).filled(by: window) == filled)
}

@Test(arguments: [
  ("${epoch", "is not closed"), ("${}", "means nothing"), ("${today}", "means nothing"),
  ("${epoch:h}", "means nothing"), ("${gmtDate:QQ}", "QQ is no date pattern"),
  ("${dateTimeZone:Mars/Base:yyyy}", "names no zone"), ("${dateTimeZone}", "names no zone"),
  ("${nowTimeZone:GMT:T}", "T is no date pattern"),
])
func `a template that means nothing says so`(text: String, expected: String) throws {
  #expect(try #require(fault(text)).contains(expected))
}

@Test func `a date alone is told from a text that holds one`() throws {
  #expect(try DateTemplate("${date}").isDate)
  #expect(try !DateTemplate("after:${date}").isDate)
  #expect(try !DateTemplate("${date}${date}").isDate)
  #expect(try !DateTemplate("2026").isDate)
}
