import Domain
import EventStore
import Events

/// The ends of notices: appended with what mends their causes, at the versions that were read, so
/// that each ends once.
struct NoticeEnds: Sendable {
  var newEvents: [NewEvent] = []
  var expected: [StreamName: Int64] = [:]
}

extension Repository {
  /// Ends a notice by itself, where it is open; nothing where another was faster.
  nonisolated(nonsending) func end(
    _ kind: NoticeKind, about subject: StreamName, because reason: String,
    instance: InstanceID? = nil,
    in world: World
  ) async throws(JournalError) {
    _ = try await decide(on: [], in: world) { view, now throws(JournalError) in
      var ends = NoticeEnds()
      try view.end(
        kind, about: subject, because: reason, instance: instance, cause: .none, in: &ends)
      return Decision(AppendRequest(ends.newEvents, expecting: ends.expected, at: now))
    }
  }
}
