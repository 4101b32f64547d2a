import Daybook
import Events
import Testing

@testable import REPL

/// What long work says of itself.
@Suite struct ProgressTests {
  @Test(
    arguments: [
      (84_000, 188_746, 9_210, "verify: 84,000 of 188,746 events, 9,121/s, 12 s left"),
      (0, 188_746, 600, "verify: 0 of 188,746 events, 0 s"),
      (188_746, 188_746, 20_000, "verify: 188,746 of 188,746 events, 9,437/s, finishing"),
      (1, 1, 1_000, "verify: 1 of 1 event, 1.0/s, finishing"),
      (10, 4_000, 10_000, "verify: 10 of 4,000 events, 1.0/s, 1 h 6 min left"),
      (1_204, nil, 7_870, "verify: 1,204 events, 153/s, 7 s"),
      (1, nil, 700, "verify: 1 event, 1.4/s, 0 s"),
    ] as [(Int64, Int64?, Int64, String)])
  func `a line has count, rate and time left`(
    done: Int64, total: Int64?, milliseconds: Int64, line: String
  ) {
    let text = ProgressText(name: "verify", unit: "event")
    let progress = WorkProgress(done: done, total: total)
    #expect(text.text(progress, after: .milliseconds(milliseconds)) == line)
  }

  @Test(
    arguments: [(400, "diff: at work, 0 s"), (3_900, "diff: at work, 3 s")] as [(Int64, String)])
  func `work of which nobody knows how far it is has its time`(milliseconds: Int64, line: String) {
    #expect(ProgressText.text("diff", atWorkFor: .milliseconds(milliseconds)) == line)
  }

  @Test(
    arguments: [
      (["diff", "1", "head"], "diff"), (["poll", "run", "--all"], "poll run"),
      (["sql", "--", "SELECT 1"], "sql"),
    ] as [([String], String)])
  func `a command goes by the words that name it`(words: [String], name: String) {
    #expect(CommandShape.name(of: words) == name)
  }

  @Test func `an interruption says how far it was and how to go on`() {
    let progress = WorkProgress(done: 84_000, total: 188_746)
    let failure = Failure.interrupted(progress, "event", "`verify` begins anew")
    #expect(failure.status == 130)
    #expect(
      failure.message == "interrupted at 84,000 of 188,746 events; `verify` begins anew")
    let unknown = Failure.interrupted(WorkProgress(done: 1), "event", "x")
    #expect(unknown.message == "interrupted at 1; x")
  }

  @Test func `attempts are counted by what came of them`() {
    var total = AttemptTotal()
    var report = AttemptReport(
      position: 1, id: "1", url: "https://example.com/", attempt: 1, duration: .zero,
      outcome: "succeeded")
    total.add(report)
    #expect(total.text == "1 attempt: 1 succeeded")
    report.outcome = "exhausted"
    total.add(report)
    report.outcome = "held"
    report.isDeliberate = true
    total.add(report)
    #expect(total.text == "2 attempts: 1 succeeded, 1 failed, 1 set aside")
  }

  @Test func `a run tells of polls with changes and of attempts`() throws {
    let now = try #require(Moment(rfc3339: "2026-11-30T02:32:01Z"))
    let lines = WorkLines(now: { now }, zone: .utc)
    var poll = PollReport(
      instance: 1, resource: "calendars/primary/changed-events", status: .completed)
    #expect(lines.line(.polled(poll)) == nil)
    poll.changes = 1
    #expect(lines.line(.polled(poll)) == "02:32:01 instance 1 calendars/primary: 1 change")
    poll.status = .failed
    poll.error = "backendError: try \u{1B}[31mlater"
    #expect(
      lines.line(.polled(poll))
        == "02:32:01 instance 1 calendars/primary: failed: backendError: try \\u{1B}[31mlater"
        || lines.line(.polled(poll))?.contains("\u{1B}") == false)
    var attempt = AttemptReport(
      position: 1, id: "7", url: "https://example.com/", attempt: 2, status: 503,
      duration: .milliseconds(1_031), outcome: "failed", nextAt: now + .seconds(312))
    #expect(
      lines.line(.attempted(attempt))
        == "02:32:01 delivery 7 to https://example.com/: failed with 503, attempt 2; next at"
        + " 02:37:13")
    attempt.outcome = "succeeded"
    attempt.status = 204
    #expect(
      lines.line(.attempted(attempt))
        == "02:32:01 delivered 7 to https://example.com/: 204 in 1,031 ms")
    #expect(lines.line(.requested(deliveries: 3)) == nil)
  }
}
