import Daybook
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

  @Test func `an empty result shows its columns, and a person that it has no rows`() throws {
    #expect(try written(.table, names: ["a", "bc"], []) == "a  bc\n-  --\n")
    for format in [OutputFormat.table, .line, .auto] {
      #expect(try written(format, isTerminal: true, names: ["a", "bc"], []) == "(0 rows)\n")
    }
    #expect(try written(.line, names: ["a"], []) == "")
    #expect(try written(.jsonl, isTerminal: true, names: ["a"], []) == "")
  }

  @Test func `the widest text goes on in the next line`() throws {
    let text = try written(
      .table, columns: 30,
      [["n": .integer(123), "a": .text("short"), "t": .text(String(repeating: "日x", count: 12))]])
    #expect(
      text == """
          n  a      t
        ---  -----  ------------------
        123  short  日x日x日x日x日x日x
                    日x日x日x日x日x日x

        """)
  }

  @Test func `what may be shortened is so in the middle, and stays apart`() throws {
    let resources = ["changed-events", "changed-groups", "changed-messages"].map {
      ["n": .integer(1), "resource": .text("calendars/primary/\($0)")] as Record
    }
    let text = try written(.table, columns: 30, resources)
    #expect(
      text
        == """
        n  resource
        -  --------------------------
        1  calendars/pri…hanged-events
        1  calendars/pri…hanged-groups
        1  calendars/pri…nged-messages

        """.replacing("--------------------------", with: String(repeating: "-", count: 27)))
    let narrow = try written(.table, columns: 14, resources).split(separator: "\n").dropFirst(2)
    #expect(Set(narrow).count == 3)
    let calendars = ["a", "b", "c"].map {
      ["resource": .text("calendars/\($0)/changed-events"), "n": .integer(.max)] as Record
    }
    // With a middle left out these would be the same.
    let whole = try written(.table, columns: 33, calendars)
    #expect(["calendars/a/", "calendars/b/", "calendars/c/"].allSatisfy { whole.contains($0) })
  }

  @Test func `a column is set by its kind and not by its values`() throws {
    let difference = OutputColumn.of(RowTable.difference.names, in: .difference)
    #expect(difference.allSatisfy { $0.isNumber == false })
    let rows: [Record] = [["field": .text("url"), "after": .integer(5)]]
    let mixed = rows + [["field": .text("status"), "after": .text("sent")]]
    #expect(try written(.table, rows).hasSuffix("url        5\n"))
    #expect(try written(.table, mixed).hasSuffix("url     5\nstatus  sent\n"))
  }

  @Test func `columns without values go where space is short, and what comes later is told`() throws
  {
    let first = (0..<1_000).map { _ in
      ["n": .integer(1), "wide": .text("abcdefgh"), "error": .null] as Record
    }
    let last: Record = ["n": .integer(2), "wide": .text("x"), "error": .text("it was refused")]
    let text = try written(.auto, isTerminal: true, columns: 14, color: .never, first + [last])
    #expect(text.hasPrefix("n  wide\n-  --------\n1  abcdefgh\n"))
    #expect(text.hasSuffix("2  x\n    error: it\n    was\n    refused\n"))
    #expect(try written(.table, columns: 14, [first[0]]).hasPrefix("n  wide      error\n"))
  }

  @Test func `a narrow list of events keeps room for what they tell`() throws {
    let columns = OutputColumn.of(RowTable.events.main, in: .events)
    let rows: [Record] = (1...3 as ClosedRange<Int64>).map { number in
      [
        "position": .integer(number), "recordedAt": .moment(Moment(milliseconds: 0)),
        "type": .text("delivery.attempted"), "stream": .text("delivery/3993646715961097362"),
        "cause": .integer(number),
        "summary": .text("attempt \(number) to http://127.0.0.1:18095/hook"),
      ]
    }
    for (width, names) in [
      (80, ["position", "recordedAt", "type", "summary"]), (160, RowTable.events.main),
    ] {
      let lines = try listed(columns, columns: width, rows).split(separator: "\n")
      #expect(lines[0].split(separator: " ").map(String.init) == names)
      // One line an event, under heading, rule and day.
      #expect(lines.count == 6)
    }
  }

  @Test(arguments: [60, 100, 160])
  func `why something failed is told whole, other summaries are shortened`(width: Int) throws {
    let columns = OutputColumn.of(RowTable.events.main, in: .events)
    let why =
      "403 rateLimitExceeded: Quota exceeded for quota metric 'Queries' of service x; next poll"
      + " 08:47:06Z"
    let rows: [Record] = ["poll.failed", "poll.completed"].enumerated().map { number, type in
      [
        "position": .integer(Int64(number)), "recordedAt": .moment(Moment(milliseconds: 0)),
        "type": .text(type), "stream": .text("feed/7"), "cause": .null, "summary": .text(why),
      ]
    }
    let text = try listed(columns, columns: width, rows)
    #expect(text.split(separator: "\n").allSatisfy { displayWidth(String($0)) <= width })
    let failed = try listed(columns, columns: width, [rows[0]])
    #expect(!failed.contains("…") && failed.contains("rateLimitExceeded:"))
    let words = Set(failed.split { " \n".contains($0) })
    #expect(why.split(separator: " ").allSatisfy { words.contains($0) }, "\(failed)")
    #expect(text.contains("…") == (width < 160))
  }

  @Test func `columns that were chosen stay, with and without a value`() throws {
    let names = ["position", "nextAt", "error", "replay"]
    let columns = OutputColumn.of(names, in: .deliveries, areChosen: true)
    let row: Record = [
      "position": .integer(1), "nextAt": .null, "error": .null, "replay": .null,
    ]
    // Without room for all of them rows become lines.
    let narrow = try listed(columns, columns: 20, [row]).split(separator: "\n")
    #expect(narrow.compactMap { $0.split(separator: " ").first.map(String.init) } == names)
    let wide = try listed(columns, columns: 80, [row]).prefix { $0 != "\n" }
    #expect(wide.split(separator: " ").map(String.init) == names)
  }

  @Test func `an error is among the columns as soon as a row has one`() throws {
    let names = RowTable.deliveries.main + RowTable.deliveries.asNeeded
    let columns = OutputColumn.of(names, in: .deliveries)
    #expect(columns.last?.isAsNeeded == true)
    func heading(_ error: Cell) throws -> Substring {
      let row = Record(names.map { .init($0, $0 == "error" ? error : .null) })
      return try listed(columns, columns: 160, [row]).prefix { $0 != "\n" }
    }
    let (without, with) = (try heading(.null), try heading(.text("status")))
    #expect(!without.contains("error"))
    #expect(with.contains("error"))
  }

  @Test func `times in the order of the log stand under their day`() throws {
    let columns = OutputColumn.of(["position", "openedAt", "closedAt"], in: .notices)
    let day = Moment(milliseconds: 1_700_000_000_000)
    let rows: [Record] = [
      ["position": .integer(1), "openedAt": .moment(day), "closedAt": .moment(day + .seconds(60))],
      ["position": .integer(2), "openedAt": .moment(day + .seconds(1)), "closedAt": .null],
      [
        "position": .integer(3), "openedAt": .moment(day + .seconds(7_200)),
        "closedAt": .moment(day),
      ],
    ]
    #expect(
      try listed(columns, columns: 80, rows) == """
        position  openedAt      closedAt
        --------  ------------  ------------------------
        2023-11-14 UTC
               1  22:13:20.000  22:14:20.000
               2  22:13:21.000
        2023-11-15 UTC
               3  00:13:20.000  2023-11-14T22:13:20.000Z

        """)
    #expect(
      try listed(columns, isTerminal: false, columns: 80, rows)
        .contains("2023-11-14T22:13:20.000Z  2023-11-14T22:14:20.000Z"))
  }

  @Test func `times of one day stand under it, those of several in full`() throws {
    let columns = OutputColumn.of(["instance", "movedAt", "nextAt"], in: .cursors)
    let noon = Moment(milliseconds: 1_700_000_000_000)
    func rows(_ wait: Duration) -> [Record] {
      [["instance": .integer(1), "movedAt": .moment(noon), "nextAt": .moment(noon + wait)]]
    }
    #expect(
      try listed(columns, columns: 80, rows(.seconds(60))) == """
        instance  movedAt       nextAt
        --------  ------------  ------------
        2023-11-14 UTC
               1  22:13:20.000  22:14:20.000

        """)
    let days = try listed(columns, columns: 80, rows(.seconds(7_200)))
    #expect(days.hasSuffix("1  2023-11-14T22:13:20.000Z  2023-11-15T00:13:20.000Z\n"))
  }

  /// What is printed on a terminal of columns of which more is known than their names.
  private func listed(
    _ columns: [OutputColumn], isTerminal: Bool = true, columns width: Int, _ records: [Record]
  ) throws -> String {
    var text = ""
    let destination = Destination(isTerminal: isTerminal, columns: width, rows: 24)
    let presentation = Presentation(
      format: isTerminal ? .auto : .table, destination: destination, color: .never)
    var writer = RecordWriter(presentation) { text += $0 }
    try writer.begin(columns: columns)
    for record in records { try writer.write(record) }
    try writer.end()
    return text
  }

  @Test func `numbers and times are never cut`() throws {
    let row: Record = [
      "n": .integer(.min), "at": .moment(Moment(milliseconds: 0)), "t": .text("0123456789"),
    ]
    let text = try written(.table, columns: 10, [row])
    #expect(text.contains("\(Int64.min)  1970-01-01T00:00:00.000Z  0123456789"))
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
    #expect(text.hasSuffix("ab\nabcdef\n"))
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
