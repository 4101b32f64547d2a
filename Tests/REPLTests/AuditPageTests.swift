import Daybook
import Events
import Testing

@testable import REPL

/// Rows of an audit on its page.
@Suite struct AuditPageTests {
  private let page = AuditPage(file: "a<b>.journal", .utc)

  private func row(_ text: String, status: String) -> Row {
    let moment = Field.moment(Moment(milliseconds: 1_795_000_000_000))
    return [
      "position": .integer(16), "recordedAt": moment, "instance": .integer(1),
      "resource": .text(text), "eventType": .text("CREATED"), "objectId": .text(text),
      "title": .text("\u{202E}\(text)"), "status": .text(status), "reason": .text(text),
      "url": .text("http://127.0.0.1/?\(text)"), "delivery": .integer(18), "id": .text(text),
      "replay": .null, "attempts": .integer(1), "lastStatus": .integer(204),
      "attempt": .integer(19), "acceptedAt": status == "accepted" ? moment : .null,
      "nextAt": .null, "body": .hex("00ff"), "bytes": .integer(512),
    ]
  }

  @Test(arguments: Audit.Standing.allCases.map(\.rawValue) + ["x\" onclick=\"y"])
  func `a row obeys no text from outside, and closes what it opens`(status: String) {
    let evil = #"</td></table><script>alert("1")</script><img src='http://evil.example/x'>&"#
    let text = page.row(row(evil, status: status))
    #expect(!text.contains("<script") && !text.contains("<img") && !text.contains("\u{202E}"))
    #expect(!text.contains("src='") && !text.contains("\" onclick"))
    for tag in ["tr", "td", "small", "code", "time", "strong", "b", "span"] {
      let opened = text.ranges(of: "<\(tag)>").count + text.ranges(of: "<\(tag) ").count
      #expect(opened == text.ranges(of: "</\(tag)>").count, "\(tag)")
    }
    #expect(text.ranges(of: "<td>").count == 5 && text.ranges(of: "\n").count == 1)
  }

  @Test func `what was accepted says when and as which bytes, all else why not`() {
    let accepted = page.row(row("a", status: "accepted"))
    #expect(accepted.contains("204 to attempt 19") && accepted.contains("512 bytes"))
    #expect(accepted.contains("<code>00ff</code>") && accepted.contains("delivery 18"))
    let open = page.row(row("it waits", status: "open"))
    #expect(open.contains("<b>open</b>: it waits"))
    #expect(page.row(row("a", status: "skipped")).contains("<b>not to be sent</b>"))
  }
}
