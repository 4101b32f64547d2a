import Daybook
import Events
import HTTPTypes
import RawJSON
import Synchronization

/// Events as they are appended, as server-sent events.
///
///     retry: 2000          at the beginning, with the place where the stream begins
///     id: 41
///
///     id: 42               each event, its position as the id
///     data: {"position":42,…}
///
///     :                    where nothing happened for a while; `id` moves on past what filters
///     id: 57               leave out
///
///     event: end           the server stops, and `Last-Event-ID` goes on later; or the secrets
///                          that were shown are good no longer
///     id: 57
///     data: {"position":57,"reason":"the server stops"}
///
/// Source: WHATWG HTML, §9.2, “Server-sent events”.
enum StreamRoutes {
  static let all = [follow]

  private static let type = "text/event-stream"
  /// Filters that make no sense of what is still to come.
  private static let pastOnly: Set<String> = ["before", "until", "limit", "reverse"]

  private static let follow = Route(
    .get, "/daybook/v1/events/stream", .client,
    "Events as they are appended, as server-sent events; goes on after `Last-Event-ID` or `after`.",
    parameters: Filters.parameters(of: .events).filter { !pastOnly.contains($0.name) } + [
      .header("Last-Event-ID", .text, "The position after which to go on; comes before `after`.")
    ], answer: .text(type)
  ) { call in
    _ = try call.form(of: [type])
    let part = try await Filters.part(of: .events, call)
    try await call.journal.check(part)
    let head = try await call.journal.head()
    let start = try start(call, part, head: head)
    let stream = EventStream(
      site: call.site, caller: call.caller, shown: call.shown, part: part,
      permit: try Permit(call, .streams), start: start, head: head)
    return Answer(type: type, .stream { writer in try await stream.run(writer) })
  }

  /// The position after which a stream begins: where the client was, else where it asked for, else
  /// the head.
  ///
  /// - Throws: `Refusal` for what lies past the head: it would leave out what comes until then.
  private static func start(
    _ call: Call, _ part: Selection, head: Int64
  ) throws(Refusal) -> Int64 {
    let start: Int64
    if let text = call.request.headerFields[.lastEventID], !text.isEmpty {
      guard let number = Int64(text), number >= 0 else {
        throw Refusal(at: "Last-Event-ID", "\(text) is no position")
      }
      start = number
    } else {
      start = part.after ?? (part.since == nil ? head : 0)
    }
    guard start <= head else {
      throw Refusal(.notFound(.event), "there is no event \(start); the log ends at \(head)")
    }
    return start
  }
}

/// One client that follows the log.
private struct EventStream: Sendable {
  let site: Site
  let caller: Caller
  let shown: Credentials?
  let part: Selection
  /// Held for as long as the stream is there.
  let permit: Permit
  let start: Int64
  let head: Int64

  private static let pageRows = 500

  func run(_ writer: AnswerWriter) async throws {
    try await writer.write(Array("retry: 2000\nid: \(start)\n\n".utf8))
    var seen = start
    try await tell(&seen, upTo: head, writer)
    var spokeAt = site.world.now()
    while true {
      let news = await site.watch.news(past: seen)
      if news != .stopped, await !site.knows(caller, by: shown) {
        return try await writer.write(end(seen, "the secrets are good no longer"))
      }
      switch news {
      case .changed: break
      case .grown(let head):
        let hasSpoken = try await tell(&seen, upTo: head, writer)
        // What grows may all be left out by the filters.
        if hasSpoken || site.world.now() - spokeAt >= site.settings.silence {
          if !hasSpoken { try await breathe(seen, writer) }
          spokeAt = site.world.now()
        }
      case .quiet:
        try await breathe(seen, writer)
        spokeAt = site.world.now()
      case .stopped:
        try Task.checkCancellation()
        return try await writer.write(end(seen, "the server stops"))
      // The connection closes in the middle, and the client asks again.
      case .unreadable(let why): throw DaybookError.failed(why)
      }
    }
  }

  /// Shows that the stream lives, and how far it is.
  private func breathe(_ seen: Int64, _ writer: AnswerWriter) async throws {
    try await writer.write(Array(":\nid: \(seen)\n\n".utf8))
  }

  /// Writes what was appended up to a position, a page at a time.
  ///
  /// - Returns: False where the filters left all of it out.
  @discardableResult
  private func tell(
    _ seen: inout Int64, upTo head: Int64, _ writer: AnswerWriter
  ) async throws -> Bool {
    var hasSpoken = false
    var part = part
    part.before = head + 1
    while seen < head, !site.counts.withLock(\.isStopping) {
      part.after = seen
      let rows = try await site.journal.events.rows(part, limit: EventStream.pageRows)
      var text: [UInt8] = []
      for row in rows {
        text += "id: \(row["position"]?.integer ?? 0)\ndata: ".utf8
        text += row.json
        text += "\n\n".utf8
      }
      try await writer.write(text)
      hasSpoken = hasSpoken || !rows.isEmpty
      let isLast = rows.count < EventStream.pageRows
      seen = isLast ? head : rows.last?["position"]?.integer ?? head
    }
    return hasSpoken
  }

  private func end(_ seen: Int64, _ reason: String) -> [UInt8] {
    let data: JSON = ["position": .number(seen), "reason": .string(reason)]
    return Array("event: end\nid: \(seen)\ndata: ".utf8) + data.bytes() + Array("\n\n".utf8)
  }
}
