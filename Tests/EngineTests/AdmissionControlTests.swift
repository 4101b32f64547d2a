import Domain
import EventStore
import Events
import TestSupport
import Testing

@testable import Engine

private let noon = Moment(milliseconds: 1_795_003_200_000)

private func task(_ subject: DueTask.Subject, of instance: InstanceID) -> DueTask {
  var lane: Int64?
  if case .deliver(let delivery) = subject { lane = delivery.replayOfDelivery.map { -$0.number } }
  return DueTask(subject, dueAt: noon, instance: instance, since: 1, lane: lane)
}

/// The bounds on what is under way at once.
@Suite struct AdmissionControlTests {
  @Test func `a feed is not polled while it is polled, and an instance not twice at once`() {
    var capacity = AdmissionControl(attemptsMax: 16)
    let first = task(.poll(feed: 1), of: 1)
    #expect(capacity.admit(first) == .take)
    #expect(capacity.admit(first) == .later)
    #expect(capacity.admit(task(.poll(feed: 2), of: 1)) == .later)
    #expect(capacity.admit(task(.poll(feed: 3), of: 2)) == .take)
    capacity.leave(first)
    #expect(capacity.admit(task(.poll(feed: 2), of: 1)) == .take)
  }

  @Test func `no more polls than the bound are under way`() {
    var capacity = AdmissionControl(attemptsMax: 16)
    for number in 1...Int64(Limits.pollsInFlight) {
      #expect(capacity.admit(task(.poll(feed: FeedID(number)), of: InstanceID(number))) == .take)
    }
    #expect(capacity.admit(task(.poll(feed: 1_000), of: 1_000)) == .full)
    // One that waits for its quota asks nobody.
    let isPaused = capacity.pausePoll()
    #expect(isPaused)
    #expect(capacity.admit(task(.poll(feed: 1_000), of: 1_000)) == .take)
    capacity.resumePoll()
    #expect(capacity.admit(task(.poll(feed: 1_001), of: 1_001)) == .full)
  }

  @Test func `whose receiver hangs leaves room for others`() {
    var capacity = AdmissionControl(attemptsMax: 16)
    func fill(_ instance: InstanceID) -> Int {
      var count = 0
      while capacity.admit(task(.deliver("delivery/\(instance)-\(count)"), of: instance)) == .take {
        count += 1
      }
      return count
    }
    #expect(fill(1) == 12)
    #expect(fill(2) > 0)
    #expect(fill(3) > 0)
  }

  @Test func `a receiver that has not answered yet takes little room beside others`() {
    var capacity = AdmissionControl(attemptsMax: 64)
    var number = 0
    func fill(_ instance: InstanceID) -> [DueTask] {
      var taken: [DueTask] = []
      while true {
        number += 1
        let next = task(.deliver("delivery/\(number)"), of: instance)
        guard capacity.admit(next) == .take else { return taken }
        taken.append(next)
      }
    }
    #expect(capacity.admit(task(.deliver("delivery/0"), of: 2)) == .take)
    let first = fill(1)
    #expect(first.count == 4)
    capacity.note(isAnswered: true, 2)
    #expect(fill(2).count == 44)
    capacity.note(isAnswered: true, 1)
    #expect(!fill(1).isEmpty)
    capacity.note(isAnswered: false, 1)
    first.forEach { capacity.leave($0) }
    #expect(fill(1).isEmpty)
  }

  @Test func `a receiver that answers nothing is asked once at a time while another answers`() {
    var capacity = AdmissionControl(attemptsMax: 16)
    func fill(_ instance: InstanceID) -> [DueTask] {
      var taken: [DueTask] = []
      while true {
        let next = task(.deliver("delivery/\(instance)-\(taken.count)"), of: instance)
        guard capacity.admit(next) == .take else { return taken }
        taken.append(next)
      }
    }
    for _ in 0..<Limits.unansweredMax { capacity.note(isAnswered: false, 1) }
    // Nobody else is kept waiting.
    for taken in fill(1) { capacity.leave(taken) }
    capacity.note(isAnswered: true, 2)
    let probe = fill(1)
    #expect(probe.count == 1)
    #expect(fill(2).count == 12)
    capacity.note(isAnswered: true, 1)
    probe.forEach { capacity.leave($0) }
    #expect(fill(1).count > 1)
  }

  @Test func `a replay with a rate makes up for little of what came due before`() {
    var capacity = AdmissionControl(attemptsMax: 16)
    capacity.rates[7] = RateLimit(rate: 2)
    capacity.pass(to: .seconds(60))
    func taken() -> Int {
      var count = 0
      while true {
        let next = task(.deliver("delivery/\(count)/replay/7"), of: 1)
        guard capacity.admit(next) == .take else { return count }
        capacity.leave(next)
        // It is read again with the next of them.
        capacity.rates[7] = RateLimit(rate: 2)
        count += 1
      }
    }
    #expect(taken() == 2)
    #expect(capacity.nextTurn == .milliseconds(60_500))
    // Others go on, and so does what failed before.
    #expect(capacity.admit(task(.deliver("delivery/9"), of: 2)) == .take)
    let retry = DueTask(
      .deliver("delivery/8/replay/7"), dueAt: noon, instance: 1, since: 1, lane: -7, isTried: true)
    #expect(capacity.admit(retry) == .take)
    capacity.leave(retry)
    capacity.rates[7] = RateLimit(rate: 2)
    capacity.pass(to: .milliseconds(60_499))
    #expect(taken() == 0)
    capacity.pass(to: .milliseconds(60_500))
    #expect(taken() == 1)
    capacity.pass(to: .seconds(90))
    #expect(capacity.nextTurn == nil)
    #expect(taken() == 2)
  }

  @Test func `a fast replay may be late by a little and keeps its rate`() {
    var capacity = AdmissionControl(attemptsMax: 16)
    capacity.rates[7] = RateLimit(rate: 100)
    var count = 0
    for look in 0..<50 {
      capacity.pass(to: .milliseconds(20 * look))
      // Two have come due since the last look.
      for _ in 0..<2 {
        let next = task(.deliver("delivery/\(count)/replay/7"), of: 1)
        guard capacity.admit(next) == .take else { continue }
        count += 1
        capacity.leave(next)
        capacity.rates[7] = RateLimit(rate: 100)
      }
    }
    #expect(count == 100)
  }

  @Test func `a single attempt at once is possible`() {
    var capacity = AdmissionControl(attemptsMax: 1)
    let only = task(.deliver("delivery/1"), of: 1)
    #expect(capacity.admit(only) == .take)
    #expect(capacity.admit(task(.deliver("delivery/2"), of: 2)) == .full)
    capacity.leave(only)
    #expect(capacity.admit(task(.deliver("delivery/2"), of: 2)) == .take)
  }

  @Test func `a replay makes no more attempts at once than it asked for`() {
    var capacity = AdmissionControl(attemptsMax: 16)
    capacity.ceilings[7] = 2
    let first = task(.deliver("delivery/1/replay/7"), of: 1)
    #expect(capacity.admit(first) == .take)
    #expect(capacity.admit(task(.deliver("delivery/2/replay/7"), of: 1)) == .take)
    #expect(capacity.admit(task(.deliver("delivery/3/replay/7"), of: 1)) == .laneIsFull)
    #expect(capacity.admit(task(.deliver("delivery/4"), of: 1)) == .take)
    capacity.leave(first)
    #expect(capacity.admit(task(.deliver("delivery/3/replay/7"), of: 1)) == .take)
  }
}
