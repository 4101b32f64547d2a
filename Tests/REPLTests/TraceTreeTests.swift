import Events
import Testing

@testable import REPL

/// A trace as a tree, on a terminal and on a page.
@Suite struct TraceTreeTests {
  private static let start = Moment(
    CalendarTime(year: 2026, month: 11, day: 24, hour: 8, minute: 47, second: 1))

  private func event(
    _ position: Int64, _ type: String, _ stream: String, causes: [Int64] = [], depth: Int64 = 1,
    _ summary: String = "", title: String? = nil, after: Duration = .zero
  ) throws -> TracedEvent {
    try #require(
      TracedEvent([
        "position": .integer(position), "type": .text(type), "stream": .text(stream),
        "depth": .integer(depth), "summary": .text(summary),
        "recordedAt": .moment(Self.start + after), "title": title.map { .text($0) } ?? .null,
        "causes": .json("[\(causes.map(String.init).joined(separator: ","))]"),
      ]))
  }

  /// A poll with two changes that one delivery tells, and which fails once.
  private func usual() throws -> [TracedEvent] {
    let delivery = "delivery/7"
    return [
      try event(14, "poll.completed", "feed/2", depth: -1, "changes: 2 items, 2 changes"),
      try event(
        15, "change.observed", "feed/2", causes: [14], depth: -1, "CREATED a", title: "Planning"),
      try event(
        16, "change.observed", "feed/2", causes: [14], depth: -1, "CREATED b", title: "Lunch"),
      try event(
        18, "delivery.requested", delivery, causes: [14, 15, 16], depth: 0, "2 CREATED",
        title: "Planning +1"),
      try event(
        24, "delivery.attempted", delivery, causes: [18], "attempt 1 to http://a",
        title: "Planning +1"),
      try event(25, "delivery.failed", delivery, causes: [24], "503", title: "Planning +1"),
      try event(
        30, "delivery.attempted", delivery, causes: [25], "attempt 2 to http://a",
        title: "Planning +1"),
      try event(
        31, "delivery.succeeded", delivery, causes: [30], "204 in 0 ms", title: "Planning +1",
        after: .seconds(86_400)),
    ]
  }

  private func lines(_ events: [TracedEvent], columns: Int? = nil) -> [String] {
    var lines = TraceLines(.plain, .utc, last: events.last?.position ?? 0, columns: columns)
    return TraceTree(events).nodes.flatMap { lines.lines($0) }
  }

  @Test func `each event stands once, under the first that it came of`() throws {
    let expected = [
      "2026-11-24",
      "    14  08:47:01.000    poll.completed  changes: 2 items, 2 changes",
      "    15  08:47:01.000    ├─ change.observed  Planning · CREATED a",
      "    18  08:47:01.000  ▶ │  └─ delivery.requested  Planning +1 · 2 CREATED",
      "                        │     │  also of 16",
      "    24  08:47:01.000    │     ├─ delivery.attempted  attempt 1 to http://a",
      "    25  08:47:01.000  ✗ │     ├─ delivery.failed  503",
      "    30  08:47:01.000  ↻ │     ├─ delivery.attempted  attempt 2 to http://a",
      "2026-11-25",
      "    31  08:47:01.000  ✓ │     └─ delivery.succeeded  204 in 0 ms",
      "2026-11-24",
      "    16  08:47:01.000    └─ change.observed  Lunch · CREATED b",
    ]
    #expect(lines(try usual()) == expected)
  }

  @Test func `of a delivery by a replay it is not told that it came of the replay`() throws {
    let events = [
      try event(15, "change.observed", "feed/2", causes: [14], depth: 0, "CREATED a"),
      try event(
        40, "delivery.requested", "delivery/7/replay/39", causes: [15, 16, 39], "replay 39"),
    ]
    let nodes = TraceTree(events).nodes
    #expect(nodes.map(\.event.position) == [15, 40])
    #expect(nodes[1].alsoOf == [])
  }

  @Test func `events whose causes are not in the trace stand beside each other`() throws {
    let events = [
      try event(1, "journal.created", "journal", depth: 0), try event(2, "run.started", "journal"),
    ]
    #expect(TraceTree(events).nodes.map(\.isLast) == [[false], [true]])
    #expect(TraceTree([]).nodes == [])
  }

  @Test func `a chain of any length is a tree`() throws {
    let chain = try (1...2_000).map {
      try event(Int64($0), "poll.completed", "feed/\($0)", causes: $0 == 1 ? [] : [Int64($0 - 1)])
    }
    let nodes = TraceTree(chain).nodes
    #expect(nodes.map(\.event.position) == Array(1...2_000))
    #expect(nodes[1_999].isLast.count == 2_000)
  }

  @Test(arguments: [40, 60, 100, 160])
  func `what is longer than the window goes on below, and nothing is cut`(columns: Int) throws {
    let title = "夕食 \(String(repeating: "lang ", count: 30))end"
    let long = String(repeating: "x", count: 200)
    let events = [
      try event(14, "poll.completed", "feed/2", depth: 0, "changes"),
      try event(15, "change.observed", "feed/2", causes: [14], "CREATED \(long)", title: title),
    ]
    let lines = lines(events, columns: columns)
    let letters = lines.joined().filter { $0 == "x" }.count
    #expect(letters == 200)
    #expect(lines.joined().contains("end"))
    for line in lines where columns >= 60 { #expect(displayWidth(line) <= columns, "\(line)") }
  }

  @Test func `no byte from outside reaches the terminal raw`() throws {
    let lines = lines([
      try event(1, "change.observed", "feed/2", depth: 0, "a\u{1B}[31m", title: "\u{202E}b\n")
    ])
    #expect(!lines.joined().contains { "\u{1B}\u{202E}\n".contains($0) })
  }
}

extension TraceTreeTests {
  private func page(_ events: [TracedEvent], body: String) throws -> String {
    let page = TracePage(journal: "a<b>.journal", .utc)
    var text = page.beginning(try #require(events.first { $0.depth == 0 }))
    var before: TraceTree.Node?
    for node in TraceTree(events).nodes {
      text += page.event(node, after: before, body: [body])
      before = node
    }
    return text + page.closing(before) + page.end
  }

  @Test func `a page is whole, opens what it closes and holds every event`() throws {
    let text = try page(try usual(), body: "{}")
    for tag in ["ul", "li", "details", "summary", "pre", "dl", "html", "body", "head"] {
      let opened = text.count(of: "<\(tag)>") + text.count(of: "<\(tag) ")
      let closed = text.count(of: "</\(tag)>")
      #expect(opened == closed && opened > 0, "\(tag): \(opened), \(closed)")
    }
    #expect(text.count(of: "<summary") == 8)
    for position in [14, 15, 16, 18, 24, 25, 30, 31] {
      #expect(text.contains("<span class=\"n\">\(position)</span>"))
    }
  }

  @Test func `a page loads nothing, runs nothing and obeys no text from outside`() throws {
    let evil = #"</pre><script>alert("1")</script><img src='http://evil.example/x'>&"#
    let text = try page(
      [try event(1, "change.observed", evil, depth: 0, evil, title: "\u{202E}\(evil)")],
      body: evil)
    #expect(!text.contains("<script") && !text.contains("<img") && !text.contains("\u{202E}"))
    #expect(!text.contains("src='") && !text.contains("href="))
    #expect(text.contains("default-src 'none'"))
    #expect(text.contains("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;"))
    #expect(text.contains("a&lt;b&gt;.journal"))
  }
}

extension String {
  fileprivate func count(of part: String) -> Int { ranges(of: part).count }
}
