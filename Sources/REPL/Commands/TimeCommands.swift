import ArgumentParser
import EventStore

struct AtCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "at", abstract: "Time travel: all queries answer as of that event.",
    discussion: "EXAMPLE\n  daybook -c 'at 3' -c 'instance list'")

  @OptionGroup var shared: SharedOptions
  @Argument(help: "A position, a mark, or a time.") var position: String

  @MainActor func perform(_ session: Session) async throws {
    let past = session.asOf
    // Seen from the past, what came after it could not be named.
    try await session.travel(to: nil)
    do {
      let position = try await session.position(position, flag: "at")
      let head = try await session.reader().read { snapshot throws(JournalError) in
        try snapshot.head().position
      }
      guard position > 0 else {
        throw Failure.failed("nothing had been recorded by then; the log begins with event 1")
      }
      guard position <= head else {
        throw Failure.failed("there is no event \(position); the log ends at \(head)")
      }
      try await session.travel(to: position)
      session.visit(position)
    } catch {
      try await session.travel(to: past)
      throw error
    }
  }
}

struct NowCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "now", abstract: "Comes back to the present.",
    discussion: "EXAMPLE\n  daybook -c 'at 3' -c now -c 'instance list'")

  @OptionGroup var shared: SharedOptions

  @MainActor func perform(_ session: Session) async throws {
    try await session.travel(to: nil)
  }
}

struct NextCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "next", abstract: "The next event of the log.",
    discussion: "EXAMPLE\n  daybook -c 'at 1' -c 'next --type feed.opened'")

  @OptionGroup var shared: SharedOptions
  @Option(name: .customLong("type"), parsing: .upToNextOption, help: "Types.")
  var types: [String] = []

  @MainActor func perform(_ session: Session) async throws {
    try await session.step(forward: true, types: types)
  }
}

struct PrevCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "prev", abstract: "The event before.",
    discussion: "EXAMPLE\n  daybook -c prev -c prev")

  @OptionGroup var shared: SharedOptions
  @Option(name: .customLong("type"), parsing: .upToNextOption, help: "Types.")
  var types: [String] = []

  @MainActor func perform(_ session: Session) async throws {
    try await session.step(forward: false, types: types)
  }
}

extension Session {
  /// Remembers a position, for going back and forward.
  func visit(_ position: Int64) {
    place = position
    // What lay ahead is forgotten, as in any history of visits.
    visited = visited.prefix(visitedPlace + 1).suffix(Session.visitsMax) + [position]
    visitedPlace = visited.count - 1
  }

  /// Shows the neighbouring event and stands there; in the past, the time goes along.
  func step(forward: Bool, types: [String]) async throws {
    try await stepping(
      { reader in
        let head = try await reader.read { snapshot throws(JournalError) in
          try snapshot.head().position
        }
        let from = place ?? asOf ?? (forward ? 0 : head + 1)
        guard let position = try await reader.step(from: from, isBack: !forward, types: types)
        else {
          let what = types.isEmpty ? "event" : "event of these types"
          throw Failure.failed("there is no \(what) \(forward ? "after" : "before") \(from)")
        }
        return position
      }, arrived: visit)
  }

  /// Finds a position in the whole log, shows what is there and stands there; in the past all
  /// queries answer as of it from then on.
  ///
  /// - Parameter arrived: Told before it is shown: who leaves the pager stands there all the same.
  func stepping(
    _ find: (JournalReader) async throws -> Int64, arrived: (Int64) -> Void
  ) async throws {
    let past = asOf
    if past != nil { try await travel(to: nil) }
    do {
      let reader = try await reader()
      let position = try await find(reader)
      guard let row = try await reader.glance(at: position) else {
        throw Failure.failed("there is no event \(position)")
      }
      if past != nil { try await travel(to: position) }
      arrived(position)
      place = position
      try await showOne(Record(row))
    } catch {
      if past != nil, asOf == nil { try await travel(to: past) }
      throw error
    }
  }
}

struct DiffCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "What changed in instances, cursors and deliveries between two events.",
    discussion: "EXAMPLE\n  daybook diff 1 head")

  @OptionGroup var shared: SharedOptions
  @Argument(help: "The earlier position.") var from: String
  @Argument(help: "The later position.") var to: String

  @MainActor func perform(_ session: Session) async throws {
    let start = try await session.position(from, flag: "diff")
    let end = try await session.position(to, flag: "diff")
    let reader = try await session.reader()
    for place in [start, end] where place > 0 {
      guard try await reader.glance(at: place) != nil else {
        throw Failure.failed("there is no event \(place)")
      }
    }
    let rows = try await reader.difference(from: start, to: end)
    try await session.show(["kind", "id", "field", "before", "after"], rows.map { Record($0) })
  }
}

struct TraceCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace",
    abstract: "Why: the chain of causes before an event, and everything that came of it.",
    discussion: "EXAMPLE\n  daybook trace head")

  @OptionGroup var shared: SharedOptions
  @Argument(help: "A position.") var position: String

  @MainActor func perform(_ session: Session) async throws {
    let position = try await session.position(position, flag: "trace")
    let reader = try await session.reader()
    let trace = try await reader.trace(position)
    guard !trace.isEmpty else { throw Failure.failed("there is no event \(position)") }
    try await session.show(["position", "type", "stream", "cause", "depth", "summary"]) { write in
      for start in stride(from: 0, to: trace.count, by: JournalReader.tracePage) {
        try Task.checkCancellation()
        let page = trace[start..<min(start + JournalReader.tracePage, trace.count)]
        for row in try await reader.rows(of: page) { try write(Record(row)) }
      }
    }
  }
}
