import Testing

@testable import EventStore

/// Counts without any lock of its own.
private actor Counter {
  private let executor = TurnExecutor(label: "counter")
  private var count = 0

  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  func add() -> Int {
    count += 1
    return count
  }

  /// - Returns: nil where it was not the caller's turn.
  nonisolated func addAtOnce() -> Int? {
    executor.turn { assumeIsolated { $0.add() } }
  }

  /// What a turn that is asked for within another comes to.
  nonisolated func addTwiceAtOnce() -> Int? {
    executor.turn { executor.turn { 1 } } ?? nil
  }

  func addFromWithin() -> Int? { addAtOnce() }
}

@Suite struct TurnExecutorTests {
  @Test func `jobs and turns from everywhere never meet`() async {
    let counter = Counter()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<16 {
        group.addTask {
          for _ in 0..<500 {
            if counter.addAtOnce() == nil { _ = await counter.add() }
            _ = await counter.add()
          }
        }
      }
    }
    #expect(await counter.add() == 16_001)
  }

  @Test func `whoever finds it idle has a turn at once`() async {
    let counter = Counter()
    #expect(counter.addAtOnce() == 1)
    #expect(counter.addAtOnce() == 2)
    #expect(await counter.add() == 3)
  }

  @Test func `there is no turn within a job or another turn`() async {
    let counter = Counter()
    #expect(await counter.addFromWithin() == nil)
    #expect(counter.addTwiceAtOnce() == nil)
    #expect(await counter.add() == 1)
  }
}
