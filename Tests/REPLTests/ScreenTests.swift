import Daybook
import Events
import REPL
import Testing

/// Lists as they look on screens of any width, with values from all over the world.
@Suite struct ScreenTests {
  private static let texts = [
    "3duqsj4kirqlbasi40i30vhec5", "日本語のタイトル会議室での打ち合わせ", "e\u{301}te\u{301} à la plage",
    "👩‍👩‍👧‍👦 family 🏳️‍🌈", "\u{202E}evil\u{2066}", "שלום עולם", "\u{1B}[2J\u{9B}1mred\r\n\ttab\0",
    "https://hooks.example.com/a/very/long/path?with=query&and=more#part",
    String(repeating: "नमस्ते ", count: 9), "",
  ]
  private static let errors = [
    "invalid_grant: Google gives no more tokens for instance 1. Authorize again, then"
      + " `instance update 1` with the new code.",
    "the receiver answered 503", "見つかりません: 接続できませんでした", nil,
  ]
  private static let types = [
    "delivery.succeeded", "poll.completed", "feed.reset", "notice.raised",
  ]
  private static let noon = Moment(milliseconds: 1_795_424_700_000)

  /// A value as the column may have it, of the row with that number.
  private func cell(_ column: RowTable.Column, _ row: Int) -> Cell {
    switch (column.kind, column.name) {
    case (.integer, _): return .integer(Int64(row) * 977)
    case (.flag, _): return .boolean(row.isMultiple(of: 2))
    case (.moment, _): return .moment(Self.noon + .seconds(row * 7_919))
    case (.json, _): return .json("{\"text\":\"\u{202E}\(row)\"}")
    case (.hex, _): return .text(String(repeating: "0123456789abcdef", count: 4))
    case (.text, "error"), (.text, "text"):
      return Self.errors[row % Self.errors.count].map(Cell.text) ?? .null
    case (.text, "type"): return .text(Self.types[row % Self.types.count])
    case (.text, "status"), (.text, "state"): return .text(["failed", "held", "open"][row % 3])
    case (.text, "objectId"), (.text, "id"): return .text("3duqsj4kirqlbasi40i30vhec\(row)")
    case (.text, _): return .text(Self.texts[row % Self.texts.count])
    }
  }

  private static let tables =
    RowTable.lists + [.trace, .difference, .polls, .attempts, .pollSteps, .replayPlans]

  @Test(
    arguments: tables.map(\.name), [20, 33, 40, 57, 60, 79, 80, 100, 121, 160, 200])
  func `a list fits the screen, nothing important cut`(name: String, width: Int) throws {
    let table = try #require(Self.tables.first { $0.name == name })
    let names = table.main + table.asNeeded
    let columns = OutputColumn.of(names, in: table)
    let records = (0..<12).map { row in
      Record(table.columns.map { Record.Field($0.name, cell($0, row)) })
    }.map { record in Record(record.fields.filter { names.contains($0.name) }) }
    for color in [ColorMode.never, .always] {
      let text = try screen(columns, width, color, records)
      let plain = text.replacing(/\u{1B}\[[0-9]+m/, with: "")
      #expect((color == .never) == (text == plain))
      #expect(
        !plain.unicodeScalars.contains { scalar in
          scalar != "\n" && scalar.properties.generalCategory == .control
            || scalar.properties.isBidiControl
        })
      // Of lines a terminal takes care by itself.
      guard !plain.contains(" = ") else { continue }
      let lines = plain.split(separator: "\n").map(String.init)
      #expect(lines.allSatisfy { displayWidth($0) <= width }, "\(plain)")
      try check(lines, columns, records)
    }
  }

  /// Reads the cells by the dashes under the heading, and puts together what was wrapped.
  private func check(_ lines: [String], _ columns: [OutputColumn], _ records: [Record]) throws {
    let rule = try #require(lines.dropFirst().first)
    let spans = rule.split(separator: " ").map { part in
      let start = rule.distance(from: rule.startIndex, to: part.startIndex)
      return start..<start + part.count
    }
    var seen = Array(repeating: "", count: spans.count)
    var names: [String] = []
    for (number, line) in lines.enumerated() where number != 1 && !line.hasSuffix(" UTC") {
      let cells = Self.cells(of: line)
      for gap in zip(spans, spans.dropFirst()).map({ $0.upperBound..<$1.lowerBound }) {
        #expect(cells.dropFirst(gap.lowerBound).prefix(gap.count).joined().allSatisfy { $0 == " " })
      }
      let values = spans.map { span in
        cells.dropFirst(span.lowerBound).prefix(span.count).joined().filter { $0 != " " }
      }
      if number == 0 { names = values } else { seen = zip(seen, values).map { $0 + $1 } }
    }
    let shown = columns.filter { names.contains($0.name) }
    #expect(shown.count == spans.count)
    for column in columns where column.fit == .wrapped && column.dispensable == nil {
      let place = names.firstIndex(of: column.name)
      let all = records.compactMap { $0.fields.first { $0.name == column.name }?.value }
      for case .text(let text) in all {
        let cell = try #require(place.map { seen[$0] }, "\(column.name)")
        #expect(cell.contains(visible(text).filter { $0 != " " }), "\(column.name)")
      }
    }
  }

  /// The characters of a line by the cells that they begin in; "" where one of two goes on.
  private static func cells(of line: String) -> [String] {
    line.flatMap { character in
      let width = displayWidth(String(character))
      return [String(character)] + Array(repeating: "", count: max(0, width - 1))
    }
  }

  private func screen(
    _ columns: [OutputColumn], _ width: Int, _ color: ColorMode, _ records: [Record]
  ) throws -> String {
    var text = ""
    let destination = Destination(isTerminal: true, columns: width, rows: 24)
    let presentation = Presentation(format: .auto, destination: destination, color: color)
    var writer = RecordWriter(presentation) { text += $0 }
    try writer.begin(columns: columns)
    for record in records { try writer.write(record) }
    try writer.end()
    return text
  }
}
