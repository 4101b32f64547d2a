import Domain
import Events
import Journal
import Testing

@testable import Engine

private let noon = Moment(milliseconds: 1_795_003_200_000)

private func task(_ kind: DueTask.Kind, _ subject: String, of instance: Int64) -> DueTask {
  DueTask(kind: kind, subject: subject, dueAt: noon, instance: instance, since: 1)
}

/// The bounds on what is under way at once.
@Suite struct CapacityTests {
  @Test func `a feed is not polled while it is polled, and an instance not twice at once`() {
    var capacity = Capacity(attemptsMax: 16)
    let first = task(.poll, "feed/1", of: 1)
    #expect(capacity.admit(first, at: .zero) == .take)
    #expect(capacity.admit(first, at: .zero) == .later)
    #expect(capacity.admit(task(.poll, "feed/2", of: 1), at: .zero) == .later)
    #expect(capacity.admit(task(.poll, "feed/3", of: 2), at: .zero) == .take)
    capacity.leave(first)
    #expect(capacity.admit(task(.poll, "feed/2", of: 1), at: .zero) == .take)
  }

  @Test func `no more polls than the bound are under way`() {
    var capacity = Capacity(attemptsMax: 16)
    for instance in 1...Int64(Limits.pollsInFlight) {
      #expect(capacity.admit(task(.poll, "feed/\(instance)", of: instance), at: .zero) == .take)
    }
    #expect(capacity.admit(task(.poll, "feed/1000", of: 1_000), at: .zero) == .full)
    // One that waits for its quota asks nobody.
    let isPaused = capacity.pausePoll()
    #expect(isPaused)
    #expect(capacity.admit(task(.poll, "feed/1000", of: 1_000), at: .zero) == .take)
    capacity.resumePoll()
    #expect(capacity.admit(task(.poll, "feed/1001", of: 1_001), at: .zero) == .full)
  }

  @Test func `whose receiver hangs leaves room for others`() {
    var capacity = Capacity(attemptsMax: 16)
    func fill(_ instance: Int64) -> Int {
      var count = 0
      while true {
        let next = task(.deliver, "delivery/\(instance)-\(count)", of: instance)
        guard capacity.admit(next, at: .zero) == .take else { break }
        count += 1
      }
      return count
    }
    #expect(fill(1) == 12)
    #expect(fill(2) > 0)
    #expect(fill(3) > 0)
  }

  @Test func `a single attempt at once is possible`() {
    var capacity = Capacity(attemptsMax: 1)
    let only = task(.deliver, "delivery/1", of: 1)
    #expect(capacity.admit(only, at: .zero) == .take)
    #expect(capacity.admit(task(.deliver, "delivery/2", of: 2), at: .zero) == .full)
    capacity.leave(only)
    #expect(capacity.admit(task(.deliver, "delivery/2", of: 2), at: .zero) == .take)
  }

  @Test func `a replay makes no more attempts at once than it asked for`() {
    var capacity = Capacity(attemptsMax: 16)
    capacity.bind(replay: 7, concurrency: 2, rate: nil, at: .zero)
    let first = task(.deliver, "delivery/1/replay/7", of: 1)
    #expect(capacity.admit(first, at: .zero) == .take)
    #expect(capacity.admit(task(.deliver, "delivery/2/replay/7", of: 1), at: .zero) == .take)
    #expect(capacity.admit(task(.deliver, "delivery/3/replay/7", of: 1), at: .zero) == .later)
    #expect(capacity.admit(task(.deliver, "delivery/4", of: 1), at: .zero) == .take)
    capacity.leave(first)
    #expect(capacity.admit(task(.deliver, "delivery/3/replay/7", of: 1), at: .zero) == .take)
  }

  @Test func `a replay begins no more attempts in a second than it asked for`() {
    var capacity = Capacity(attemptsMax: 256)
    capacity.bind(replay: 7, concurrency: nil, rate: 10, at: .seconds(60))
    var begun: [Duration] = []
    // Looked at every seven milliseconds, with a break of a second and a half.
    for round in 0..<400 {
      let now = Duration.seconds(60) + .milliseconds(7 * round + (round > 100 ? 1_500 : 0))
      capacity.pacedUntil = nil
      let next = task(.deliver, "delivery/\(round)/replay/7", of: 1)
      if capacity.admit(next, at: now) == .take {
        begun.append(now)
        capacity.leave(next)
      } else {
        #expect(capacity.pacedUntil.map { now < $0 && $0 <= now + .milliseconds(100) } == true)
      }
      #expect(capacity.admit(task(.deliver, "delivery/\(round)", of: 1), at: now) == .take)
      capacity.leave(task(.deliver, "delivery/\(round)", of: 1))
    }
    let gaps = zip(begun, begun.dropFirst()).map { $1 - $0 }
    #expect(gaps.allSatisfy { $0 >= .milliseconds(80) })
    #expect(begun.count { $0 < .seconds(60) + .milliseconds(700) } == 7)
    #expect((29...30).contains(begun.count))
    capacity.forget(replay: 7)
    #expect(!capacity.knows(replay: 7))
  }
}
