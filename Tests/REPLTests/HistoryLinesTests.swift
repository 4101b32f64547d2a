import Events
import Testing

@testable import REPL

/// One object's history on a terminal.
@Suite struct HistoryLinesTests {
  private static let start = Moment(
    CalendarTime(year: 2026, month: 11, day: 24, hour: 8, minute: 47, second: 1))

  private func version(
    _ position: Int64, _ kind: String, title: String?, changes: String? = nil,
    deliveries: String = "[]", note: String? = nil, after: Duration = .zero
  ) -> Row {
    [
      "position": .integer(position), "recordedAt": .moment(Self.start + after),
      "date": .moment(Self.start), "eventType": .text(kind),
      "title": title.map { .text($0) } ?? .null, "changes": changes.map { .json($0) } ?? .null,
      "deliveries": .json(deliveries), "note": note.map { .text($0) } ?? .null,
      "instance": .integer(1), "resource": .text("calendars/primary/changed-events"),
      "objectId": .text("a"),
    ]
  }

  private func lines(_ rows: [Row], columns: Int? = 100) -> [String] {
    var lines = HistoryLines(.plain, .utc, columns: columns)
    return rows.flatMap { lines.lines($0) }
  }

  @Test func `a version says what it changed and who was told when`() {
    let told =
      #"[{"position":18,"id":"7","url":"http://a/hook","status":"succeeded","attempts":2,"#
      + #""lastStatus":204,"lastAttemptAt":"2026-11-24T08:47:07.312Z","#
      + #""finishedAt":"2026-11-25T08:47:07.313Z","replay":null},"#
      + #"{"position":40,"id":"7","url":"http://b/","status":"failed","attempts":1,"#
      + #""lastStatus":500,"lastAttemptAt":"2026-11-24T08:48:00.000Z","finishedAt":null,"#
      + #""replay":39}]"#
    let changes =
      #"[{"field":"start.dateTime","before":"2026-12-07","after":"2026-12-08"},"#
      + #"{"field":"color","before":null,"after":7}]"#
    #expect(
      lines([
        version(15, "CREATED", title: "Planning", deliveries: told),
        version(20, "UPDATED", title: "Planning", changes: changes, after: .seconds(60)),
      ]) == [
        "2026-11-24",
        "      15  08:47:01.000  CREATED  Planning  instance 1, calendars/primary/changed-events",
        "          told http://a/hook: succeeded 2026-11-25 08:47:07.313 (delivery 18)",
        "          told http://b/: failed 08:48:00.000 (delivery 40, replay 39)",
        "      20  08:48:01.000  UPDATED  Planning",
        #"          start.dateTime  "2026-12-07" → "2026-12-08""#,
        "          color           – → 7",
        "          nobody was told",
      ])
  }

  @Test func `of a deletion only what is other is told, and a note says what is not known`() {
    let changes =
      #"[{"field":"status","before":"confirmed","after":"cancelled"},"#
      + #"{"field":"summary","before":"Planning","after":null}]"#
    #expect(
      lines([version(21, "DELETED", title: nil, changes: changes, note: "a note")]) == [
        "2026-11-24",
        "      21  08:47:01.000  DELETED  instance 1, calendars/primary/changed-events",
        #"          status  "confirmed" → "cancelled""#,
        "          1 more field; --output json shows all", "          a note",
        "          nobody was told",
      ])
  }

  @Test(arguments: [60, 100, 160])
  func `long values are shortened in the middle`(columns: Int) {
    let long = String(repeating: "夕", count: 500)
    let changes = #"[{"field":"description","before":"\#(long)","after":"a\u001b[31mb"}]"#
    let told = lines([version(21, "UPDATED", title: nil, changes: changes)], columns: columns)
    let line = told[2]
    #expect(line.contains("…") && displayWidth(line) <= columns && !line.contains("\u{1B}"))
  }
}
