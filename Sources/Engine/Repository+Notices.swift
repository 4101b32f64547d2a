import Domain
import EventStore
import Events

/// The ends of notices: appended with what mends their causes, at the versions that were read, so
/// that each ends once.
struct NoticeEnds: Sendable {
  var newEvents: [NewEvent] = []
  var expected: [String: Int64] = [:]
}

extension Repository {
  /// The notice of that kind about that subject, where it is open.
  func openNotice(
    _ kind: String, _ subject: String
  ) async throws(JournalError) -> (notice: NoticeRaised, version: Int64)? {
    let stream = Repository.noticeStream(kind, subject)
    let last = try await reader.read { snapshot throws(JournalError) in
      try snapshot.lastEvent(of: stream)
    }
    guard let last, case .noticeRaised(let notice) = try last.event() else {
      return nil
    }
    return (notice, last.version)
  }

  /// Ends a notice where it is open.
  ///
  /// - Parameters:
  ///   - cause: What mended it; the first event of the append where nothing else is said.
  ///   - ends: Takes it along.
  func end(
    _ kind: String, about subject: String, because reason: String, instance: Int64? = nil,
    cause: NewEvent.Cause = .newEvent(0), in ends: inout NoticeEnds
  ) async throws(JournalError) {
    guard let (_, version) = try await openNotice(kind, subject) else { return }
    let stream = Repository.noticeStream(kind, subject)
    let closed = NoticeClosed(kind: kind, subject: subject, reason: reason, instance: instance)
    ends.newEvents.append(NewEvent(stream, .noticeClosed(closed), cause: cause))
    ends.expected[stream] = version
  }

  /// Ends what is open about a feed that is watched no longer.
  func endNotices(
    aboutFeed feed: FeedRow, because reason: String, in ends: inout NoticeEnds
  ) async throws(JournalError) {
    let missed = try await reader.read { snapshot throws(JournalError) in
      try snapshot.missed(of: feed.feed)
    }
    for one in missed {
      try await end(
        Feed.unreadableKind, about: Feed.subject(one.object, of: feed.feed), because: reason,
        instance: feed.instance, in: &ends)
    }
    for kind in ["feed-disabled", "feed-unsupported"] {
      try await end(
        kind, about: "feed/\(feed.feed)", because: reason, instance: feed.instance, in: &ends)
    }
  }
}
