import Events
import Testing

@testable import REPL

/// Whoever makes attempts waits for nobody who shows them.
@Suite struct AttemptFeedTests {
  private static func report(
    _ number: Int, _ outcome: String = "succeeded"
  ) -> AttemptReport {
    AttemptReport(
      position: Int64(number), id: "\(number)", url: "https://example.com/", attempt: 1,
      duration: .zero, outcome: outcome)
  }

  private static func positions(_ feed: AttemptFeed) async -> [Int64] {
    var positions: [Int64] = []
    while let rows = await feed.next() { positions += rows.map(\.position) }
    return positions
  }

  @Test func `what is read in time is shown whole and in order`() async {
    let feed = AttemptFeed(rowsMax: 10)
    for number in 1...10 { feed.add(Self.report(number)) }
    feed.finish()
    #expect(await Self.positions(feed) == Array(1...10))
    #expect(feed.dropped == 0)
  }

  @Test func `while nobody reads the newest are kept, and the others counted`() async {
    let feed = AttemptFeed(rowsMax: 10)
    for number in 1...1_000 { feed.add(Self.report(number)) }
    feed.finish()
    #expect(feed.dropped == 990)
    #expect(await Self.positions(feed) == Array(991...1_000))
  }

  @Test func `whoever waits for rows is woken by one, and by the end`()
    async
  {
    let feed = AttemptFeed()
    async let positions = Self.positions(feed)
    for number in 1...100 {
      feed.add(Self.report(number))
      await Task.yield()
    }
    feed.finish()
    #expect(await positions == Array(1...100))
  }

  @Test func `what has not arrived is known also of what is not shown`() {
    let feed = AttemptFeed(rowsMax: 1)
    for number in 1...5 { feed.add(Self.report(number, "failed")) }
    #expect(feed.missing == 5)
    feed.add(Self.report(2))
    feed.add(Self.report(3, "failed"))
    #expect(feed.missing == 4 && feed.dropped == 6)
  }
}
