import Domain
import Events
import Testing

private let noon = Moment(milliseconds: 1_795_000_000_000)

@Suite struct ScheduleTests {
  @Test(arguments: [60, 900, 3_600, 5_256_000 * 60])
  func `the next poll is a quarter to five quarters of the interval away`(seconds: Int) {
    let interval = Duration.seconds(seconds)
    for feed in (1...200).map({ FeedID($0) }) {
      let next = Schedule.next(of: feed, every: interval, after: noon)
      #expect(next >= noon + interval / 4)
      #expect(next < noon + interval / 4 + interval)
    }
  }

  @Test func `a poll that is done at once is followed by one an interval later`() {
    let first = Schedule.next(of: 7, every: .seconds(60), after: noon)
    let second = Schedule.next(of: 7, every: .seconds(60), after: first + .milliseconds(900))
    #expect(second - first == .seconds(60))
  }

  @Test func `ten thousand feeds are spread over the interval`() {
    var seconds = [Int](repeating: 0, count: 60)
    for feed in (1...10_000).map({ FeedID($0) }) {
      let next = Schedule.next(of: feed, every: .seconds(60), after: noon)
      seconds[Int(next.milliseconds / 1_000 % 60)] += 1
    }
    #expect(seconds.allSatisfy { (100...240).contains($0) })
  }

  @Test func `times before 1970 have a place as well`() {
    let early = Moment(milliseconds: -1_234_567)
    let next = Schedule.next(of: 3, every: .seconds(60), after: early)
    #expect(next >= early + .seconds(15) && next < early + .seconds(75))
  }
}

@Suite struct TokenBucketTests {
  @Test func `a user’s quota of a minute is never passed`() {
    var pace = TokenBucket(at: .zero)
    var now = Duration.zero
    var spent: [(at: Duration, units: Int)] = []
    for _ in 0..<4_000 {
      now += pace.spend(5, at: now)
      spent.append((now, 5))
    }
    for (place, start) in spent.enumerated() where place.isMultiple(of: 97) {
      let minute = spent.filter { $0.at >= start.at && $0.at < start.at + .seconds(60) }
      #expect(minute.reduce(0) { $0 + $1.units } <= 6_000)
    }
    #expect(now > .seconds(60 * 3))
  }

  @Test func `what is left unspent is not saved up beyond the store`() {
    var pace = TokenBucket(at: .zero)
    #expect(pace.spend(1_000, at: .seconds(86_400)) == .zero)
    #expect(pace.spend(5, at: .seconds(86_400)) == .milliseconds(60))
  }
}

@Suite struct LabelSumTests {
  @Test func `the order of traits does not count, and each counts once`() {
    #expect(LabelSum.of(["INBOX", "UNREAD"]) == LabelSum.of(["UNREAD", "INBOX", "UNREAD"]))
    #expect(LabelSum.of(["INBOX"]) != LabelSum.of(["UNREAD"]))
    #expect(LabelSum.of([String]()) == 0)
    #expect(LabelSum.of("INBOX") + LabelSum.of("UNREAD") == LabelSum.of(["INBOX", "UNREAD"]))
  }

  @Test(arguments: [
    ("81 5f", "81 5f", true), ("81 5f", "82 5f", false), ("- 5f", "82 5f", true),
    ("- 5f", "82 60", false), ("81 5f", "- 60", false), ("81 5f", "81 60", true),
    ("etag", "etag", true), ("etag", "other", false),
  ])
  func `two revisions are of one state`(one: String, other: String, same: Bool) {
    #expect(LabelSum.isSame(one, other) == same)
  }

  @Test func `a revision keeps the sum of its traits`() {
    let sum = LabelSum.of(["INBOX", "Label_7"])
    #expect(LabelSum.sum(of: LabelSum.revision("81", sum: sum)) == sum)
    #expect(LabelSum.sum(of: LabelSum.revision(nil, sum: sum)) == sum)
  }
}
