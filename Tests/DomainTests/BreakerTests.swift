import Domain
import Testing

/// A receiver that fails most of what it is sent rests.
@Suite struct BreakerTests {
  private var breaker = Breaker()
  private static let wait = Duration.seconds(30)

  /// Takes in so many outcomes at one instant.
  private mutating func note(
    _ count: Int, hasFailed: Bool, isProbe: Bool = false, at seconds: Int = 0
  ) -> [Breaker.Change] {
    (0..<count).compactMap { _ in
      breaker.note(
        hasFailed: hasFailed, isProbe: isProbe, wait: Self.wait, at: .seconds(seconds))
    }
  }

  @Test mutating func `it opens where ten of ten fail, and not before`() {
    #expect(note(9, hasFailed: true).isEmpty && !breaker.isOpen)
    #expect(note(1, hasFailed: true) == [.opened(attempts: 10, failed: 10)])
    #expect(breaker.nextAt == .seconds(30))
  }

  @Test mutating func `seven of ten are enough, and six are not`() {
    #expect(note(4, hasFailed: false).isEmpty && note(6, hasFailed: true).isEmpty)
    breaker = Breaker()
    #expect(note(3, hasFailed: false).isEmpty)
    #expect(note(7, hasFailed: true) == [.opened(attempts: 10, failed: 7)])
  }

  @Test mutating func `what is five minutes old does not count`() {
    #expect(note(9, hasFailed: true, at: 0).isEmpty)
    #expect(note(9, hasFailed: true, at: 300).isEmpty)
    #expect(!note(1, hasFailed: true, at: 301).isEmpty)
  }

  @Test mutating func `open, only the one that is let through says anything`() {
    _ = note(10, hasFailed: true)
    #expect(note(5, hasFailed: false, at: 10).isEmpty && breaker.isOpen)
    #expect(note(1, hasFailed: true, isProbe: true, at: 40).isEmpty)
    #expect(breaker.nextAt == .seconds(70))
    #expect(note(1, hasFailed: false, isProbe: true, at: 71) == [.closed])
    // It begins anew.
    #expect(!breaker.isOpen && note(9, hasFailed: true, at: 72).isEmpty)
  }

  @Test mutating func `it forgets what nobody asks for any more`() {
    #expect(breaker.isIdle(at: .zero))
    _ = note(1, hasFailed: false)
    #expect(!breaker.isIdle(at: .seconds(1)) && breaker.isIdle(at: .seconds(301)))
  }
}
