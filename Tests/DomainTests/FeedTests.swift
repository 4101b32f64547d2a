import Domain
import Events
import Testing

private let noon = Moment(milliseconds: 1_795_000_000_000)

private func item(
  _ id: String, _ revision: String = "2", isGone: Bool = false, series: String? = nil
) -> Item {
  Item(id: id, revision: revision, isGone: isGone, series: series, bytes: 0..<1)
}

@Suite struct VerdictTests {
  @Test(
    arguments: [
      // gone?, known?, known gone?, same revision?, series known?, verdict
      (false, false, false, false, false, .created), (false, false, false, false, true, .updated),
      (false, true, false, false, false, .updated), (false, true, false, true, false, nil),
      (false, true, true, true, false, .created), (true, true, false, false, false, .deleted),
      (true, true, false, true, false, .deleted), (true, true, true, false, false, nil),
      (true, false, false, false, true, .deleted), (true, false, false, false, false, nil),
    ] as [(Bool, Bool, Bool, Bool, Bool, ChangeKind?)])
  func `known or unknown decides`(
    isGone: Bool, isKnown: Bool, wasGone: Bool, isSame: Bool, isSeriesKnown: Bool,
    kind: ChangeKind?
  ) {
    let known = isKnown ? Known(revision: isSame ? "2" : "1", isGone: wasGone) : nil
    let verdict = Verdict.of(
      item("a", isGone: isGone), known: known, isSeriesKnown: isSeriesKnown)
    #expect(verdict.kind == kind)
    #expect(!verdict.reason.isEmpty)
  }

  @Test(
    arguments: [
      // Known by a listing alone: the sum of its traits decides.
      ("- a1", "7 a1", nil), ("- a1", "7 a2", .updated),
      // Known whole: its own revision decides, whatever the traits came back to.
      ("6 a1", "7 a1", .updated), ("7 a1", "7 a1", nil),
      // No sum at all.
      ("a1", "a1", nil), ("x a1", "y a1", .updated),
    ] as [(String, String, ChangeKind?)])
  func `what a listing showed without revisions is held against its traits`(
    known: String, seen: String, kind: ChangeKind?
  ) {
    let item = item("a", seen)
    #expect(Verdict.of(item, known: Known(revision: known), isSeriesKnown: false).kind == kind)
    #expect(ChangeSet.matters(item, known: Known(revision: known)) == (kind != nil))
  }
}

@Suite struct ChangeSetTests {
  private func candidate(
    _ item: Item, known: Known? = nil, isSeriesKnown: Bool = false
  ) -> ChangeSet.Candidate {
    ChangeSet.Candidate(
      item: item, known: known, isSeriesKnown: isSeriesKnown, date: nil, payload: nil, bytes: 1)
  }

  @Test func `the last state of an object counts, where it was last seen`() {
    var changeSet = ChangeSet()
    changeSet.take(candidate(item("a", "1")))
    changeSet.take(candidate(item("b", "1")))
    changeSet.take(candidate(item("a", "2")))
    let changes = changeSet.changes()
    #expect(changes.map(\.candidate.item) == [item("b", "1"), item("a", "2")])
    #expect(changes.map(\.kind) == [.created, .created])
    changeSet.drop("b")
    #expect(changeSet.count == 1)
  }

  @Test func `created and gone in one poll is nothing`() {
    var changeSet = ChangeSet()
    changeSet.take(candidate(item("a")))
    changeSet.take(candidate(item("a", isGone: true)))
    #expect(changeSet.changes().isEmpty)
  }

  @Test func `a series counts as it is after the poll`() {
    var changeSet = ChangeSet()
    changeSet.take(candidate(item("s_1", series: "s")))
    #expect(changeSet.changes().map(\.kind) == [.created])
    changeSet.take(candidate(item("s")))
    #expect(changeSet.changes().map(\.kind) == [.created, .updated])
    var gone = ChangeSet()
    gone.take(candidate(item("s_1", isGone: true, series: "s"), isSeriesKnown: true))
    #expect(gone.changes().map(\.kind) == [.deleted])
    gone.take(candidate(item("s", isGone: true), known: Known(revision: "1")))
    #expect(gone.changes().map(\.candidate.item.id) == ["s"])
  }

  @Test func `a series comes before its occurrences, in whatever order they were listed`() {
    var changeSet = ChangeSet()
    changeSet.take(candidate(item("a")))
    changeSet.take(candidate(item("s_1", isGone: true, series: "s")))
    changeSet.take(candidate(item("b")))
    changeSet.take(candidate(item("s_2", series: "s")))
    changeSet.take(candidate(item("s")))
    changeSet.take(candidate(item("t")))
    changeSet.take(candidate(item("t_1", series: "t")))
    let changes = changeSet.changes()
    #expect(
      changes.map(\.candidate.item.id) == ["a", "s", "s_1", "b", "s_2", "t", "t_1"])
    #expect(
      changes.map(\.kind)
        == [.created, .created, .deleted, .created, .updated, .created, .updated])
    #expect(changeSet.inOrder.map(\.item.id) == ["a", "s_1", "b", "s_2", "s", "t", "t_1"])
  }

  @Test(
    arguments: [
      (false, nil, false, true), (true, nil, false, false), (true, nil, true, true),
      (false, Known(revision: "2"), false, false), (false, Known(revision: "1"), false, true),
      (true, Known(revision: "2"), false, true),
      (true, Known(revision: "2", isGone: true), false, false),
    ] as [(Bool, Known?, Bool, Bool)])
  func `what cannot be a change is not kept`(
    isGone: Bool, known: Known?, isOccurrence: Bool, matters: Bool
  ) {
    let item = item("a", isGone: isGone, series: isOccurrence ? "s" : nil)
    #expect(ChangeSet.matters(item, known: known) == matters)
  }
}

@Suite struct FeedTests {
  private func feed(_ mode: PollMode = .changes(since: "c1"), failures: Int = 0) -> Feed {
    Feed(
      id: 7, instance: 1, resource: "r", interval: .seconds(900), mode: mode, cursor: "c1",
      failures: failures)
  }

  private func snapshot(_ changeSet: ChangeSet) -> Feed.Reading {
    Feed.Reading(
      cursor: "c2", pages: 1, items: 3, changeSet: changeSet, manifests: ["m"], evidence: ["e"],
      startedAt: noon, polledAt: noon + .seconds(1))
  }

  private func completed(_ mode: FeedMode, changes: Int, manifests: [String] = []) -> Event {
    .pollCompleted(
      PollCompleted(
        feed: 7, instance: 1, mode: .known(mode), cursorBefore: "c1", cursorAfter: "c2", pages: 1,
        items: 3, changes: changes, manifests: manifests, evidence: ["e"],
        startedAtMs: noon.milliseconds, polledAtMs: noon.milliseconds + 1_000,
        nextAtMs: Schedule.next(of: 7, every: .seconds(900), after: noon + .seconds(1)).milliseconds
      ))
  }

  private var changeSet: ChangeSet {
    var changeSet = ChangeSet()
    changeSet.take(
      ChangeSet.Candidate(
        item: item("a"), known: nil, isSeriesKnown: false, date: nil, objectId: "A",
        payload: "ab", bytes: 5))
    return changeSet
  }

  @Test func `a poll and its changes come together`() {
    let observed = ChangeObserved(
      feed: 7, instance: 1, resource: "r", kind: .created, object: "a", objectId: "A",
      revision: "2", dateMs: noon.milliseconds + 1_000, polledAtMs: noon.milliseconds + 1_000,
      item: "ab", bytes: 5)
    #expect(
      feed().complete(snapshot(changeSet))
        == [completed(.changes, changes: 1), .changeObserved(observed)])
  }

  @Test func `a poll that finds nothing tells neither its cursor nor what there is none of`() {
    var reading = snapshot(ChangeSet())
    reading.cursor = "c1"
    reading.items = 0
    reading.evidence = []
    guard case .pollCompleted(let body)? = feed().complete(reading).first else {
      Issue.record("no poll")
      return
    }
    #expect(body.cursorBefore == nil && body.cursorAfter == nil)
    #expect(body.pages == 1 && body.items == 0 && body.changes == 0)
  }

  @Test func `a baseline learns and announces nothing`() {
    #expect(
      feed(.baseline).complete(snapshot(changeSet))
        == [completed(.baseline, changes: 0, manifests: ["m"])])
  }

  private func refusal(retryAfter: Duration? = nil, isPermanent: Bool = false) -> ProviderRefusal {
    ProviderRefusal(
      status: 403, reason: "rateLimitExceeded", text: "Too many.", retryAfter: retryAfter,
      isPermanent: isPermanent)
  }

  private func failed(_ count: Int, nextAt: Moment?, jitter: Int64) -> Event {
    .pollFailed(
      PollFailed(
        feed: 7, instance: 1, mode: .known(.changes), reason: "rateLimitExceeded",
        text: "Too many.",
        status: 403, asked: "GET /x", failures: count, startedAtMs: noon.milliseconds,
        nextAtMs: nextAt?.milliseconds, jitterMs: jitter))
  }

  private var failure: Feed.Failure {
    Feed.Failure(refusal: refusal(), asked: "GET /x", startedAt: noon)
  }

  @Test func `a failed poll is tried again later each time`() {
    #expect(
      feed().fail(failure, at: noon, chance: 0)
        == [failed(1, nextAt: noon + .seconds(2), jitter: 0)])
    #expect(
      feed(failures: 2).fail(failure, at: noon, chance: 1)
        == [failed(3, nextAt: noon + .milliseconds(9_600), jitter: 1_600)])
  }

  @Test func `the hundredth failure in a row disables the feed and asks for a person`() {
    let events = feed(failures: 99).fail(failure, at: noon, chance: 0)
    #expect(events.count == 3)
    #expect(events[0] == failed(100, nextAt: nil, jitter: 0))
    #expect(
      events[1] == .feedDisabled(FeedDisabled(feed: 7, instance: 1, reason: "failures")))
    guard case .noticeRaised(let notice) = events[2] else {
      Issue.record("no notice: \(events[2])")
      return
    }
    #expect(notice.kind == .known(.feedDisabled))
    #expect(notice.subject == .feed(7))
    #expect(feed(failures: 98).fail(failure, at: noon, chance: 0).count == 1)
  }

  @Test(
    arguments: [
      (1, nil, false, 2), (2, nil, false, 4), (11, nil, false, 2_048), (12, nil, false, 3_600),
      (99, nil, false, 3_600), (1, 60, false, 60), (12, 60, false, 3_600),
      (1, 999_999, false, 86_400), (1, nil, true, 900), (1, 60, true, 900), (1, 1_000, true, 1_000),
    ] as [(Int, Int?, Bool, Int)])
  func `waits double, and a provider may only lengthen them`(
    failures: Int, asked: Int?, isPermanent: Bool, wait: Int
  ) {
    let refusal = refusal(
      retryAfter: asked.map { .seconds($0) }, isPermanent: isPermanent)
    #expect(feed().waitAfter(failures: failures, refusal) == .seconds(wait))
  }

  @Test func `a dead cursor is compared at once`() {
    let expired = CursorExpired(
      feed: 7, instance: 1, cursor: "c1", reason: "fullSyncRequired",
      nextAtMs: noon.milliseconds)
    #expect(feed().expire(reason: "fullSyncRequired", at: noon) == [.cursorExpired(expired)])
  }

  @Test(arguments: [
    (0, 0, false), (1, 1, true), (20, 100, false), (21, 100, true), (1_000, 100_000, false),
    (1_001, 100_000, true),
  ])
  func `many absences need a second listing`(absent: Int, known: Int, isNeeded: Bool) {
    #expect(Feed.needsSecondListing(absent: absent, known: known) == isNeeded)
  }
}
