import Domain
import EventStore
import Events

/// Polls that begin so late that a person should know.
extension Worker {
  static let lagKind = "lag"
  private static let lagSubject = "journal"

  /// Tells a person when a poll begins more than three intervals after it was due, and when polls
  /// keep their schedule again.
  ///
  /// What came due while nobody ran the journal is no lag.
  func noticeLag(_ task: DueTask) async throws(JournalError) {
    guard let since = runningSince else { return }
    var late = world.now() - max(task.dueAt, since)
    if isLagging == nil {
      isLagging = try await repository.isNoticeOpen(Worker.lagKind, Worker.lagSubject)
    }
    guard isLagging == true || late > Limits.lagMin, let feed = Int64(task.subject.dropFirst(5)),
      let interval = try await repository.feed(feed)?.interval
    else { return }
    // What was enabled again is due since then, whatever its schedule was.
    let planned = try await repository.reader.read { snapshot throws(JournalError) in
      try snapshot.event(at: task.since)
    }
    if let planned { late = min(late, world.now() - planned.recordedAt) }
    if isLagging == false, late > max(interval * 3, Limits.lagMin) {
      // At once, so that nobody says it twice while this is under way.
      isLagging = true
      let text =
        "Polls begin \(late.wholeMilliseconds / 1_000) s after they are due, more than three"
        + " intervals. Nothing is lost, but changes are told late: watch less in this journal, give"
        + " longer intervals, or see whether Google answers slowly."
      let notice = NoticeRaised(kind: Worker.lagKind, subject: Worker.lagSubject, text: text)
      let stream = Repository.noticeStream(notice.kind, notice.subject)
      _ = try await repository.writer.append(
        AppendRequest([NewEvent(stream, .noticeRaised(notice))], at: world.now()))
    } else if isLagging == true, late < interval {
      isLagging = false
      var ends = NoticeEnds()
      try await repository.end(
        Worker.lagKind, about: Worker.lagSubject, because: "the schedule is kept", cause: .none,
        in: &ends)
      guard !ends.newEvents.isEmpty else { return }
      _ = try await repository.attempt(
        AppendRequest(ends.newEvents, expecting: ends.expected, at: world.now()))
    }
  }
}
