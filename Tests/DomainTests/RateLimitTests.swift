import Domain
import Events
import Testing

@Suite struct RateLimitTests {
  @Test(arguments: [1, 3, 30, 300, 700, 1_500])
  func `no second has more than was asked for, and hardly less`(rate: Int) throws {
    let pace = RateLimit(rate: rate)
    let most = try #require(pace.batchMax)
    #expect(most == max(rate / 10, 1))
    // Batch after batch, as they are asked for.
    var (first, dues) = (Moment(milliseconds: 0), [Int64]())
    while dues.count < rate * 4 {
      let batch = (0..<min(most, 50)).map { first + pace.wait($0) }
      dues += batch.map(\.milliseconds)
      first = batch[batch.count - 1] + pace.wait(1)
    }
    for place in 0..<(dues.count - rate) {
      #expect(dues[place + rate] - dues[place] >= 1_000)
    }
    #expect(Double(dues[rate * 3]) <= 3_000 * 1.05)
  }

  @Test func `without a rate nothing is apart`() {
    let pace = RateLimit(rate: nil)
    #expect(!pace.isBound && pace.batchMax == nil && pace.wait(1_000) == .zero)
  }
}
