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
@Suite struct RoomTests {
  @Test func `a feed is not polled while it is polled, and an instance not twice at once`() {
    var room = Room(attemptsMax: 16)
    let first = task(.poll, "feed/1", of: 1)
    #expect(room.admit(first) == .take)
    #expect(room.admit(first) == .later)
    #expect(room.admit(task(.poll, "feed/2", of: 1)) == .later)
    #expect(room.admit(task(.poll, "feed/3", of: 2)) == .take)
    room.leave(first)
    #expect(room.admit(task(.poll, "feed/2", of: 1)) == .take)
  }

  @Test func `no more polls than the bound are under way`() {
    var room = Room(attemptsMax: 16)
    for instance in 1...Int64(Limits.pollsInFlight) {
      #expect(room.admit(task(.poll, "feed/\(instance)", of: instance)) == .take)
    }
    #expect(room.admit(task(.poll, "feed/1000", of: 1_000)) == .full)
    // One that waits for its quota asks nobody.
    let isPaused = room.pausePoll()
    #expect(isPaused)
    #expect(room.admit(task(.poll, "feed/1000", of: 1_000)) == .take)
    room.resumePoll()
    #expect(room.admit(task(.poll, "feed/1001", of: 1_001)) == .full)
  }

  @Test func `whose receiver hangs leaves room for others`() {
    var room = Room(attemptsMax: 16)
    func fill(_ instance: Int64) -> Int {
      var count = 0
      while room.admit(task(.deliver, "delivery/\(instance)-\(count)", of: instance)) == .take {
        count += 1
      }
      return count
    }
    #expect(fill(1) == 12)
    #expect(fill(2) > 0)
    #expect(fill(3) > 0)
  }

  @Test func `a single attempt at once is possible`() {
    var room = Room(attemptsMax: 1)
    let only = task(.deliver, "delivery/1", of: 1)
    #expect(room.admit(only) == .take)
    #expect(room.admit(task(.deliver, "delivery/2", of: 2)) == .full)
    room.leave(only)
    #expect(room.admit(task(.deliver, "delivery/2", of: 2)) == .take)
  }

  @Test func `a replay makes no more attempts at once than it asked for`() {
    var room = Room(attemptsMax: 16)
    room.ceilings[7] = 2
    let first = task(.deliver, "delivery/1/replay/7", of: 1)
    #expect(room.admit(first) == .take)
    #expect(room.admit(task(.deliver, "delivery/2/replay/7", of: 1)) == .take)
    #expect(room.admit(task(.deliver, "delivery/3/replay/7", of: 1)) == .later)
    #expect(room.admit(task(.deliver, "delivery/4", of: 1)) == .take)
    room.leave(first)
    #expect(room.admit(task(.deliver, "delivery/3/replay/7", of: 1)) == .take)
  }
}
