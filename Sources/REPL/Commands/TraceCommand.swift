import ArgumentParser
import Daybook
import Events
import RawJSON

struct TraceCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace",
    abstract: "Why: the chain of causes before an event, and everything that came of it.",
    discussion: """
      On a terminal it is a tree: each event stands under the first event that it came of. \
      Elsewhere there is a row for each event, in the order of the log. --html writes the tree \
      into one page that needs no network.

      EXAMPLE
        daybook trace head
      """)

  @OptionGroup var shared: SharedOptions
  @Argument(help: EventPlace.helpWithDefault) var position: EventPlace?
  @Option(help: "Write a page for a browser into this file, of mode 0600.") var html: OutputPath?
  @Flag(help: "Write over a file that is there.") var force = false

  func validate() throws {
    if force, html == nil { throw ValidationError("--force goes with --html FILE") }
  }

  @MainActor func perform(_ session: Session) async throws {
    let position = try await session.position(position?.text ?? session.standing, flag: "trace")
    let journal = try session.journal()
    // One that is not there is refused before anything is shown.
    _ = try await journal.events.glance(position)
    if let html {
      return try await session.writePage(html.text, over: force, of: position, journal)
    }
    if session.isForPeople, let events = try await session.tree(of: position, journal) {
      return try await session.show(events)
    }
    try await session.show(RowTable.trace.names, of: .trace) { write in
      try await journal.trace(position) { @MainActor rows in
        for row in rows { try write(Record(row)) }
        return !Task.isCancelled
      }
    }
  }
}

extension Session {
  /// The events of a trace, as many as a tree holds; nil, with a remark, where there are more.
  fileprivate func tree(of position: Int64, _ journal: Journal) async throws -> [TracedEvent]? {
    let most = TerminalLimits.treeEventsMax
    let events = try await traced(position, journal, most: most)
    if events == nil {
      remark("more than \(most) events: they are listed in the order of the log")
    }
    return events
  }

  private func traced(
    _ position: Int64, _ journal: Journal, most: Int
  ) async throws -> [TracedEvent]? {
    let events = TracedEvents()
    try await journal.trace(position) { @MainActor rows in
      events.list += rows.compactMap { TracedEvent($0) }
      return events.list.count <= most && !Task.isCancelled
    }
    try Task.checkCancellation()
    return events.list.count > most ? nil : events.list
  }

  fileprivate func show(_ events: [TracedEvent]) async throws {
    let tree = TraceTree(events)
    var lines = traceLines(upTo: events.last?.position ?? 0)
    try await showLines { write in
      for node in tree.nodes { try write(lines.lines(node)) }
    }
  }

  /// Writes a trace as a page, which is whole or not there.
  fileprivate func writePage(
    _ path: String, over isForced: Bool, of position: Int64, _ journal: Journal
  ) async throws {
    try checkResults(path)
    let most = TerminalLimits.pageEventsMax
    guard let events = try await traced(position, journal, most: most) else {
      throw Failure.failed(
        "--html: event \(position) leads to more than \(most) events, and no page holds more")
    }
    guard let traced = events.first(where: { $0.depth == 0 }) else { return }
    let page = TracePage(journal: journalName, moments)
    var text = page.beginning(traced)
    var before: TraceTree.Node?
    for node in TraceTree(events).nodes {
      try Task.checkCancellation()
      let body = try await journal.events.body(node.event.position)
      text += page.event(node, after: before, body: Self.lines(of: body))
      before = node
    }
    text += page.closing(before) + page.end
    try OwnPage.write(Array(text.utf8), to: path, over: isForced)
    remark("\(path): \(events.count) \(events.count == 1 ? "event" : "events")")
  }

  private static func lines(of body: String) -> [String] {
    guard let json = try? JSON.parse(Array(body.utf8)) else { return [body] }
    return json.lines
  }
}

/// Events of a trace as they come.
@MainActor private final class TracedEvents {
  var list: [TracedEvent] = []
}
