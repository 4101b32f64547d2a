import Domain
import EventStore
import Events

/// Tells a person of polls that begin so late that somebody should know.
///
/// Lives inside the worker.
final class PollLag {
  private static let kind = NoticeKind.lag
  private static let subject = StreamName.journal

  private let repository: Repository
  private let world: World
  /// Since when this process works through the agenda as things come due, by a clock that never
  /// jumps; nil: it does not.
  var runningSince: Duration?
  /// True where a notice says that polls begin late; nil: not looked at yet.
  private var isOpen: Bool?

  init(_ repository: Repository, world: World) {
    self.repository = repository
    self.world = world
  }

  /// Raises a notice when a poll begins more than three intervals after it was due, and closes it
  /// when polls keep their schedule again.
  ///
  /// What came due while nobody ran the journal is no lag.
  nonisolated(nonsending) func note(
    _ feed: FeedID, _ task: DueTask
  ) async throws(JournalError) {
    guard let runningSince else { return }
    var late = min(world.now() - task.dueAt, world.uptime() - runningSince)
    if isOpen == nil {
      isOpen = try await repository.isNoticeOpen(.known(PollLag.kind), PollLag.subject)
    }
    guard isOpen == true || late > Limits.lagMin,
      let interval = try await repository.feed(feed)?.interval
    else { return }
    // What was enabled again is due since then, whatever its schedule was.
    let planned = try await repository.reader.read { snapshot throws(JournalError) in
      try snapshot.event(at: task.since)
    }
    if let planned { late = min(late, world.now() - planned.recordedAt) }
    if isOpen == false, late > max(interval * 3, Limits.lagMin) {
      try await raise(late)
    } else if isOpen == true, late < interval {
      try await close()
    }
  }

  private nonisolated(nonsending) func raise(_ late: Duration) async throws(JournalError) {
    // At once, so that nobody says it twice while this is under way.
    isOpen = true
    let text =
      "Polls begin \(late.wholeMilliseconds / 1_000) s after they are due, more than three"
      + " intervals. Nothing is lost, but changes are told late: watch less in this journal, give"
      + " longer intervals, or see whether Google answers slowly."
    let notice = NoticeRaised(kind: .known(PollLag.kind), subject: PollLag.subject, text: text)
    let stream = StreamName.notice(notice.kind, about: notice.subject)
    _ = try await repository.writer.append(
      AppendRequest([NewEvent(stream, .noticeRaised(notice))], at: world.now()))
  }

  private nonisolated(nonsending) func close() async throws(JournalError) {
    isOpen = false
    try await repository.end(
      PollLag.kind, about: PollLag.subject, because: "the schedule is kept", in: world)
  }
}
