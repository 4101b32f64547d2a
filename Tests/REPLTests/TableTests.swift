import Events
import Glibc
import REPL
import Testing

@Suite struct TableTests {
  static let rows: [Record] = [
    ["position": .integer(7), "title": .text("Team lunch"), "by": .text("日本")],
    ["position": .integer(1_041), "title": .null, "by": .text("x")],
  ]

  @Test func `columns are as wide as they need, numbers flush right`() throws {
    #expect(
      try written(.table, Self.rows) == """
        position  title       by
        --------  ----------  ----
               7  Team lunch  日本
            1041              x

        """)
  }

  @Test func `an empty result shows its columns`() throws {
    #expect(try written(.table, names: ["a", "bc"], []) == "a  bc\n-  --\n")
  }

  @Test func `the widest text is cut to the window`() throws {
    let text = try written(
      .table, columns: 30,
      [["n": .integer(123), "a": .text("short"), "t": .text(String(repeating: "日x", count: 20))]])
    #expect(text == "  n  a      t\n---  -----  ------------------\n123  short  日x日x日x日x日x日…\n")
    #expect(text.split(separator: "\n").allSatisfy { displayWidth(String($0)) <= 30 })
  }

  @Test func `numbers and times are never cut`() throws {
    let row: Record = [
      "n": .integer(.min), "at": .moment(Moment(milliseconds: 0)), "t": .text("0123456789"),
    ]
    let text = try written(.table, columns: 10, [row])
    #expect(text.contains("\(Int64.min)  1970-01-01T00:00:00.000Z  0123456…"))
  }

  @Test func `auto prints lines where a table is too wide`() throws {
    let fields = (0..<9).map { Record.Field("column\($0)", .text("some words here")) }
    let text = try written(.auto, isTerminal: true, columns: 60, color: .never, [Record(fields)])
    #expect(text.hasPrefix("column0 = some words here\ncolumn1 = "))
    let narrow = Record(Array(fields.prefix(4)))
    let table = try written(.auto, isTerminal: true, columns: 60, color: .never, [narrow])
    #expect(table.hasPrefix("column0  "))
    #expect(table.split(separator: "\n").allSatisfy { displayWidth(String($0)) <= 60 })
  }

  @Test func `rows that follow later widen their columns where they need it`() throws {
    var text = ""
    var writer = RecordWriter(
      Presentation(format: .table, destination: Destination(isTerminal: false))
    ) { text += $0 }
    try writer.begin(columns: ["n", "t", "u"])
    try writer.write(["n": .integer(1), "t": .text("ab"), "u": .text("v")])
    try writer.settle()
    try writer.write(["n": .integer(2), "t": .text("cd"), "u": .text("w")])
    try writer.settle()
    try writer.write(["n": .integer(3), "t": .text("abcdef"), "u": .text("x")])
    try writer.settle()
    try writer.write(["n": .integer(4), "t": .text("ef"), "u": .text("y")])
    try writer.settle()
    try writer.settle()
    try writer.end()
    #expect(
      text == """
        n  t   u
        -  --  -
        1  ab  v
        2  cd  w
        3  abcdef  x
        4  ef      y

        """)
  }

  @Test func `rows past those measured go on with the widths`() throws {
    let first = (0..<1_000).map { _ in ["t": .text("ab")] as Record }
    let text = try written(.table, first + [["t": .text("abcdef")]])
    #expect(text.hasSuffix("ab\na…\n"))
  }

  @Test(arguments: OutputFormat.allCases)
  func `a record is out as soon as it is written, after those measured`(format: OutputFormat) throws
  {
    var bytes = 0
    let destination = Destination(isTerminal: format == .auto, columns: 80, rows: 24)
    var writer = RecordWriter(Presentation(format: format, destination: destination)) {
      bytes += $0.utf8.count
    }
    try writer.begin(columns: ["n"])
    for number in 0..<1_000 { try writer.write(["n": .integer(Int64(number))]) }
    for number in 1_000..<1_100 {
      let before = bytes
      try writer.write(["n": .integer(Int64(number))])
      #expect(bytes - before >= 4)
    }
  }
}
