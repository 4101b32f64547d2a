import Events
import Glibc
import REPL
import Testing

/// What a provider may send as a title.
let hostileTitle = "a\u{1B}[2J\u{9B}1m\0\u{202E}|`\n\"<b>, 🎉日"

/// Everything that a writer prints.
func written(
  _ format: OutputFormat, isTerminal: Bool = false, columns: Int? = nil, single: Bool = false,
  color: ColorMode = .auto, names: [String]? = nil, _ records: [Record]
) throws -> String {
  var text = ""
  let destination = Destination(isTerminal: isTerminal, columns: columns, rows: 24)
  let presentation = Presentation(format: format, destination: destination, color: color)
  var writer = RecordWriter(presentation, single: single) { text += $0 }
  try writer.begin(columns: names ?? records.first?.names ?? [])
  for record in records { try writer.write(record) }
  try writer.end()
  return text
}

@Suite struct FormatsTests {
  static let noon = Moment(milliseconds: 1_700_000_000_123)
  static let row: Record = [
    "position": .integer(41), "title": .text("Team, \"lunch\""), "at": .moment(noon),
    "open": .boolean(true), "raw": .json("{\n\t\"id\": 1\n}"), "digest": .bytes([0xDE, 0xAD]),
    "cause": .null, "share": .real(0.5),
  ]

  @Test func `jsonl nests JSON and keeps a record on one line`() throws {
    let line =
      #"{"position":41,"title":"Team, \"lunch\"","at":"2023-11-14T22:13:20.123Z","open":true,"#
      + #""raw":{"id": 1},"digest":"dead","cause":null,"share":0.5}"# + "\n"
    #expect(try written(.jsonl, [Self.row, Self.row]) == line + line)
    #expect(try written(.auto, [Self.row]) == line)
  }

  @Test func `json is an array, or one object where there is one`() throws {
    let one: Record = ["n": .integer(1)]
    #expect(try written(.json, [one, one]) == "[\n{\"n\":1},\n{\"n\":1}\n]\n")
    #expect(try written(.json, [one]) == "[\n{\"n\":1}\n]\n")
    #expect(try written(.json, []) == "[]\n")
    #expect(try written(.json, single: true, [one]) == "{\"n\":1}\n")
  }

  @Test func `numbers that JSON has none of are null`() throws {
    #expect(try written(.jsonl, [["n": .real(.infinity)]]) == "{\"n\":null}\n")
  }

  @Test func `csv quotes what needs it and tells null from empty`() throws {
    let rows: [Record] = [
      ["a": .text("x,y"), "b": .text("")], ["a": .text("q\"q"), "b": .null],
      ["a": .text("l\nl"), "b": .json("{}")],
    ]
    #expect(try written(.csv, rows) == "a,b\n\"x,y\",\"\"\n\"q\"\"q\",\n\"l\nl\",{}\n")
    #expect(try written(.csv, names: ["a", "b"], []) == "a,b\n")
    #expect(try written(.csv, [["a": .null]]) == "a\n\"\"\n")
  }

  @Test func `line sets names flush right and records apart`() throws {
    let rows: [Record] = [
      ["n": .integer(1), "name": .null], ["n": .integer(2), "name": .text("x")],
    ]
    #expect(try written(.line, rows) == "   n = 1\nname =\n\n   n = 2\nname = x\n")
  }

  @Test func `markdown escapes what Markdown would obey`() throws {
    let rows: [Record] = [["n": .integer(1), "title": .text("a|b `c` <i> [x](y) & \\")]]
    #expect(
      try written(.markdown, rows)
        == "| n | title |\n|---:|---|\n| 1 | a\\|b \\`c\\` \\<i\\> \\[x\\](y) &amp; \\\\ |\n")
    #expect(try written(.markdown, names: ["n"], []) == "| n |\n|---|\n")
  }

  @Test(arguments: OutputFormat.allCases)
  func `no control byte reaches a terminal raw`(format: OutputFormat) throws {
    let json = "{\"t\":\"\u{9B}\u{202E}\u{7F}🎉\"}"
    let rows: [Record] = [["title\u{1B}": .text(hostileTitle), "raw": .json(json)]]
    for color in [ColorMode.never, .always] {
      let text = try written(format, isTerminal: true, columns: 200, color: color, rows)
        .replacing("\u{1B}[1m", with: "").replacing("\u{1B}[0m", with: "")
      let hidden = text.unicodeScalars.filter { scalar in
        scalar != "\n"
          && (scalar.properties.generalCategory == .control
            || scalar.properties.generalCategory == .format)
      }
      #expect(hidden.isEmpty)
      #expect(text.contains("🎉日"))
    }
  }

  @Test(arguments: [OutputFormat.table, .line, .markdown])
  func `formats for people escape control bytes into a pipe too`(format: OutputFormat) throws {
    let text = try written(format, [["title": .text(hostileTitle)]])
    #expect(!text.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{9B}" || $0 == "\u{202E}" })
    #expect(text.contains("u{1B}"))
  }

  @Test func `JSON on a terminal is still JSON, with escapes`() throws {
    let rows: [Record] = [["t": .text("\u{1B}\u{9B}\u{E0041}"), "r": .json("[\"\u{202E}\"]")]]
    #expect(
      try written(.jsonl, isTerminal: true, rows)
        == #"{"t":"\u001b\u009b\udb40\udc41","r":["\u202e"]}"# + "\n")
  }

  @Test func `json and csv are exact into a pipe`() throws {
    let text = "\u{9B}\u{202E}\u{7F}🎉日"
    #expect(try written(.jsonl, [["t": .text(text)]]) == "{\"t\":\"\(text)\"}\n")
    #expect(try written(.jsonl, [["t": .json("\"\(text)\"")]]) == "{\"t\":\"\(text)\"}\n")
    #expect(try written(.csv, [["t": .text("\u{1B}\0" + text)]]) == "t\n\u{1B}\0\(text)\n")
  }

  @Test(arguments: OutputFormat.allCases)
  func `a title of ten megabytes passes through every format`(format: OutputFormat) throws {
    let title = String(repeating: String(repeating: "x", count: 1_023) + "\u{1B}", count: 10 << 10)
    let text = try written(
      format, isTerminal: format == .auto, columns: 80, [["n": .integer(1), "t": .text(title)]])
    switch format {
    case .table, .auto: #expect(text.utf8.count < 1_000)
    default: #expect(text.utf8.count >= 10 << 20)
    }
  }

  @Test func `colour is for terminals and people, and NO_COLOR says no`() throws {
    let rows: [Record] = [["n": .integer(1)]]
    #expect(try written(.table, isTerminal: true, columns: 80, rows).contains("\u{1B}[1mn"))
    #expect(try !written(.table, rows).contains("\u{1B}"))
    #expect(try written(.table, color: .always, rows).contains("\u{1B}"))
    #expect(try !written(.json, isTerminal: true, color: .always, rows).contains("\u{1B}"))
    let terminal = Destination(isTerminal: true)
    #expect(!Palette(.auto, destination: terminal, environment: ["NO_COLOR": "1"]).isOn)
    #expect(Palette(.auto, destination: terminal, environment: ["NO_COLOR": ""]).isOn)
    #expect(!Palette(.auto, destination: terminal, environment: ["TERM": "dumb"]).isOn)
    #expect(Palette(.always, destination: terminal, environment: ["NO_COLOR": "1"]).isOn)
    #expect(!Palette(.never, destination: terminal, environment: [:]).isOn)
  }

  @Test func `local times carry the offset of the zone`() {
    // No other test reads the zone.
    setenv("TZ", "Europe/Vienna", 1)
    let winter = Moment(milliseconds: 1_700_000_000_123)
    #expect(MomentStyle.local.text(winter) == "2023-11-14T23:13:20.123+01:00")
    setenv("TZ", "<-0330>3:30", 1)
    #expect(MomentStyle.local.text(winter) == "2023-11-14T18:43:20.123-03:30")
    #expect(MomentStyle.utc.text(winter) == "2023-11-14T22:13:20.123Z")
    let early = Moment(milliseconds: -1)
    #expect(MomentStyle.local.text(early) == "1969-12-31T20:29:59.999-03:30")
    unsetenv("TZ")
  }
}
