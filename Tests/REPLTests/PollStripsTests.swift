import Daybook
import Events
import Testing

@testable import REPL

/// The polls of a feed as a strip: what failed, what was reset, what was overdue.
@Suite struct PollStripsTests {
  private static let start = Moment(rfc3339: "2026-11-30T00:00:00Z") ?? Moment(milliseconds: 0)

  private static func mark(_ minute: Int64, _ kind: PollMark.Kind, next: Int64?) -> PollMark {
    PollMark(
      feed: 7, instance: 1, at: start + .seconds(minute * 60),
      nextAt: next.map { start + .seconds($0 * 60) }, kind: kind)
  }

  /// The strip of twenty minutes, in columns of a minute.
  private static func strip(_ marks: [PollMark], isUTF8: Bool = true) -> [String] {
    // 21 cells of a name, 30 of counts.
    var strips = PollStrips(since: start, until: start + .seconds(1_200), width: 71)
    strips.add(marks)
    let known = [WatchedFeed(feed: 7, instance: 1, name: "groups", nextAt: nil)]
    return strips.lines(known, isUTF8: isUTF8, palette: .plain)
  }

  private static let eventful =
    (0..<5).map { mark($0, .completed(changes: $0 == 3 ? 40 : 0), next: $0 + 1) }
    + [
      mark(5, .failed, next: 6), mark(6, .reset, next: 6), mark(7, .completed(changes: 1), next: 8),
      mark(14, .completed(changes: 0), next: 15), mark(15, .ended, next: nil),
    ]

  @Test func `a strip shows polls, failures, resets and what was overdue`() {
    let lines = Self.strip(Self.eventful)
    #expect(lines[0] == "polls, 60s a column")
    #expect(lines[1].hasPrefix("1 groups"))
    #expect(lines[1].contains("▁▁▁█▁✗↺▂░░░░░░▁"), "\(lines)")
    #expect(lines[1].hasSuffix("8 polls  1✗  1↺  6min░"))
    #expect(lines[2].contains("✗ failed"))
    let plain = Self.strip(Self.eventful, isUTF8: false)
    #expect(plain[1].contains("___#_xr.??????_"), "\(plain)")
    #expect(plain.allSatisfy { $0.utf8.allSatisfy { $0 < 0x80 } })
  }

  @Test func `a poll that is not due is not missed`() {
    let rare = [Self.mark(0, .completed(changes: 0), next: 10)]
    #expect(Self.strip(rare)[1].hasSuffix("1 poll"))
    let closed = [Self.mark(0, .completed(changes: 0), next: 1), Self.mark(1, .ended, next: nil)]
    #expect(Self.strip(closed)[1].hasSuffix("1 poll"))
    let late = [
      Self.mark(0, .completed(changes: 0), next: 5), Self.mark(8, .completed(changes: 0), next: 20),
    ]
    #expect(Self.strip(late)[1].hasSuffix("2 polls"))
  }

  @Test func `a feed of which nothing was heard is overdue all the time`() {
    var strips = PollStrips(since: Self.start, until: Self.start + .seconds(1_200), width: 71)
    let dead = WatchedFeed(
      feed: 9, instance: 2, name: "mail", nextAt: Self.start + .seconds(-3_600))
    let lines = strips.lines([dead], isUTF8: true, palette: .plain)
    #expect(lines[1].contains(String(repeating: "░", count: 20)), "\(lines)")
    #expect(lines[1].hasSuffix("0 polls  20min░"))
  }

  @Test func `where there are many, those with trouble come first`() {
    var strips = PollStrips(since: Self.start, until: Self.start + .seconds(1_200), width: 80)
    let feeds: [Int64] = Array(1...60)
    strips.add(
      feeds.map { feed in
        PollMark(
          feed: feed, instance: feed, at: Self.start, nextAt: nil,
          kind: feed == 60 ? .failed : .completed(changes: 0))
      })
    let lines = strips.lines([], isUTF8: true, palette: .plain)
    #expect(lines.count == TerminalLimits.stripsMax + 3)
    #expect(lines[1].hasPrefix("60 ") && lines[1].contains("✗"))
    #expect(lines.contains("20 more feeds; those with trouble come first"))
  }
}
