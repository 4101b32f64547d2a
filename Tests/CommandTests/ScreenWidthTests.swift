import Foundation
import RawJSON
import Testing

/// Every list on terminals of three widths, over a journal with titles from all over the world.
@Suite(.serialized)
struct ScreenWidthTests {
  private static let titles = [
    "日本語のタイトルと会議室での打ち合わせ", "e\u{301}te\u{301} \u{1B}[31mred\u{9B}2J",
    "\u{202E}evil\u{2066} שלום",
    "👩‍👩‍👧 family, a title that is much longer than any screen is wide "
      + String(repeating: "ab ", count: 60),
  ]
  private static let lists = [
    "events", "changes", "deliveries", "instance list", "cursor list", "callback list", "notices",
    "replay list", "trace 5", "tail -n 30", "diff 1 head", "poll run 1",
    "sql 'SELECT position, type, body FROM events'", "sql 'SELECT * FROM deliveries'",
    "redeliver 10",
  ]

  private func prepare(_ stage: Stage) async throws {
    try await stage.prepare()
    for title in Self.titles {
      let event: JSON = [
        "summary": .string(title), "start": ["dateTime": "2026-12-07T09:00:00Z"],
        "end": ["dateTime": "2026-12-07T10:00:00Z"],
      ]
      try await stage.tell(
        "POST", "/sandbox/calendars/primary/events", String(decoding: event.bytes(), as: UTF8.self))
    }
    try await stage.tell(
      "POST", "/sandbox/receiver",
      #"{"path":"/receiver/hook","answers":[{"status":503,"retryAfter":"600"}]}"#)
    try await stage.done("poll", "run", "1")
    _ = try await stage.daybook("deliver")
  }

  @Test func `no list is wider than its screen, and no id in it is cut`() async throws {
    try await withStage { stage in
      try await prepare(stage)
      let ids = try await stage.rows("changes").compactMap { $0["objectId"]?.text }
      #expect(ids.count == Self.titles.count)
      for width in [60, 100, 160] {
        for list in Self.lists {
          let shown = try await show(stage, list, width)
          #expect(!shown.isEmpty, "\(list)")
          #expect(
            !shown.unicodeScalars.contains { scalar in
              scalar != "\n" && scalar.properties.generalCategory == .control
                || scalar.properties.isBidiControl
            }, "\(list) at \(width)")
          // The terminal breaks lines that are one field each.
          guard !shown.contains(" = ") else { continue }
          for line in shown.split(separator: "\n") {
            #expect(Self.cells(line) <= width, "\(list) at \(width): \(line)")
          }
          if list == "changes" {
            let joined = shown.filter { $0 != " " && $0 != "\n" }
            if width > 60 { #expect(ids.allSatisfy { joined.contains($0) }, "\(shown)") }
          }
        }
      }
    }
  }

  /// Cells of the characters that stand in the titles.
  private static func cells(_ line: Substring) -> Int {
    line.reduce(0) { cells, character in
      let scalars = character.unicodeScalars
      let isWide = scalars.first.map { $0.value >= 0x1100 && $0.value != 0x2026 } ?? false
      let isBox = scalars.first.map { (0x2000..<0x2E80).contains($0.value) } ?? false
      return cells + (isWide && !isBox ? 2 : 1)
    }
  }

  private func show(_ stage: Stage, _ command: String, _ width: Int) async throws -> String {
    let terminal = try Terminal(columns: UInt16(width))
    let environment = stage.environment.merging(
      ["TERM": "xterm", "PAGER": "cat", "NO_COLOR": "1"]) { $1 }
    let program = try Program(
      daybookPath(), ["-c", command], environment: environment, terminal: terminal.path)
    try await wait("the end of \(command)") {
      _ = terminal.shown()
      return !program.isRunning
    }
    _ = try await program.end()
    return terminal.leftOnScreen()
  }
}
