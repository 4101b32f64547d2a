import Daybook
package import Events

/// One event of a trace, as a row of `RowTable.trace` has it.
package struct TracedEvent: Equatable, Sendable {
  package var position: Int64
  package var type: String
  package var stream: String
  /// 0 for the event traced, below 0 before it.
  package var depth: Int64
  package var recordedAt: Moment
  package var summary: String
  package var title: String?
  /// Every event that it came of, ascending.
  package var causes: [Int64]

  /// nil for a row that is none of a trace.
  package init?(_ row: Row) {
    guard let position = row["position"]?.integer, let type = row["type"]?.string,
      let recordedAt = row["recordedAt"]?.moment
    else { return nil }
    self.position = position
    self.type = type
    self.recordedAt = recordedAt
    stream = row["stream"]?.string ?? ""
    depth = row["depth"]?.integer ?? 0
    summary = row["summary"]?.string ?? ""
    title = row["title"]?.string
    let list = row["causes"]?.string ?? "[]"
    causes = list.dropFirst().dropLast().split(separator: ",").compactMap { Int64($0) }
  }
}

/// A trace as a tree: each event under the first event that it came of.
///
///     14 poll.completed
///     ├─ 15 change.observed
///     │  └─ 18 delivery.requested      it tells 16 as well: it stands here, once
///     │     ├─ 24 delivery.attempted
///     │     └─ 25 delivery.failed      caused by 24, and yet beside it: one delivery, one list
///     └─ 16 change.observed
///
/// The first of several causes is the first that led to no other of them: of a poll and the changes
/// that it found, the first change. Attempts and what came of them stand beside each other under
/// their delivery, however often it was tried.
package struct TraceTree: Sendable {
  /// One event and its place in the tree.
  package struct Node: Equatable, Sendable {
    package var event: TracedEvent
    /// Its line, from the root: false for each branch that goes on below.
    package var isLast: [Bool]
    /// Causes under which it does not stand and that do not stand above it.
    package var alsoOf: [Int64]
    /// False where what is above it is called the same.
    package var tellsTitle: Bool
    package var hasChildren: Bool
  }

  /// From the top to the bottom.
  package let nodes: [Node]

  /// - Parameter events: In order of the log, each once.
  package init(_ events: [TracedEvent]) {
    let links = Links(events)
    var nodes: [Node] = []
    nodes.reserveCapacity(events.count)
    // A list of its own in place of recursion: a chain may be as long as the trace.
    var open = links.siblings(links.roots, below: [], title: nil)
    while let next = open.popLast() {
      let event = events[next.place]
      let children = links.children[next.place]
      nodes.append(
        Node(
          event: event, isLast: next.isLast, alsoOf: links.alsoOf(next.place),
          tellsTitle: event.title != next.title, hasChildren: !children.isEmpty))
      open += links.siblings(children, below: next.isLast, title: event.title)
    }
    self.nodes = nodes
  }
}

/// Which event of a trace stands under which, by their places in the list.
private struct Links {
  private let events: [TracedEvent]
  private var places: [Int64: Int] = [:]
  private(set) var roots: [Int] = []
  private(set) var children: [[Int]]
  private var parents: [Int?]

  struct Open {
    var place: Int
    var isLast: [Bool]
    /// The title of what it stands under.
    var title: String?
  }

  init(_ events: [TracedEvent]) {
    self.events = events
    children = Array(repeating: [], count: events.count)
    parents = Array(repeating: nil, count: events.count)
    for (place, event) in events.enumerated() { places[event.position] = place }
    var beginnings: [String: Int] = [:]
    for (place, event) in events.enumerated() {
      let isOfDelivery = event.stream.hasPrefix("delivery/")
      let parent = isOfDelivery ? beginnings[event.stream] ?? first(event) : first(event)
      if isOfDelivery, beginnings[event.stream] == nil { beginnings[event.stream] = place }
      parents[place] = parent
      if let parent { children[parent].append(place) } else { roots.append(place) }
    }
  }

  /// The first cause that led to no other one; nil where none is in the trace.
  private func first(_ event: TracedEvent) -> Int? {
    let known = event.causes.filter { places[$0] != nil }
    let above = Set(known.flatMap { places[$0].map { events[$0].causes } ?? [] })
    return known.first { !above.contains($0) }.flatMap { places[$0] }
  }

  /// An event's other causes, as far as they are told: not what led to the one above it, and not a
  /// replay, which its summary names.
  func alsoOf(_ place: Int) -> [Int64] {
    let event = events[place]
    guard event.causes.count > 1, let parent = parents[place] else { return [] }
    let above = Set(events[parent].causes + [events[parent].position])
    let own = event.causes.filter { !above.contains($0) }
    return event.stream.contains("/replay/") ? own.filter { places[$0] != nil } : own
  }

  /// Siblings to be told, the last one first.
  func siblings(_ places: [Int], below line: [Bool], title: String?) -> [Open] {
    places.enumerated().reversed().map { number, place in
      Open(place: place, isLast: line + [number == places.count - 1], title: title)
    }
  }
}
