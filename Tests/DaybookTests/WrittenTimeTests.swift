import Daybook
import Events
import Testing

/// Times as people write them, on the clocks that they look at.
@Suite struct WrittenTimeTests {
  private let folder: TestFolder
  private let journal: Journal

  init() throws {
    folder = try TestFolder()
    journal = try MadeUpWorld().journal(in: folder, retryWaits: [])
  }

  private static let day = Duration.seconds(86_400)

  @Test(arguments: [
    ("2026-11-23T09:05:00Z", "2026-11-23T09:05:00.000Z"),
    ("2026-11-23T09:05:00+02:00", "2026-11-23T07:05:00.000Z"),
    ("2026-11-23", "2026-11-23T00:00:00.000Z"),
    ("2026-11-30 02:40", "2026-11-30T02:40:00.000Z"),
    ("2026-11-30T02:40", "2026-11-30T02:40:00.000Z"),
    ("2026-11-30 02:40:30.25", "2026-11-30T02:40:30.250Z"),
    ("10:00", "2026-11-23T10:00:00.000Z"), ("9:05", "2026-11-23T09:05:00.000Z"),
    ("10:00:30", "2026-11-23T10:00:30.000Z"), ("today", "2026-11-23T00:00:00.000Z"),
    ("yesterday", "2026-11-22T00:00:00.000Z"), ("now", "2026-11-23T12:00:00.000Z"),
    ("2h", "2026-11-23T10:00:00.000Z"), ("-2h", "2026-11-23T10:00:00.000Z"),
    ("-1w", "2026-11-16T12:00:00.000Z"), ("2w", "2026-11-09T12:00:00.000Z"),
    ("30s", "2026-11-23T11:59:30.000Z"), ("1d", "2026-11-22T12:00:00.000Z"),
  ])
  func `a time is read in each of its forms`(text: String, moment: String) {
    #expect(journal.moment(text)?.rfc3339 == moment)
  }

  @Test(arguments: [
    "", "-", "x", "10", "10:0", "25:00", "10:60", "2026-13-01", "2026-11-23 9", "--2h", "2y", "w",
    "99w", "tomorrow", "head", "2026-11-23T", "+2h", "10:00x",
  ])
  func `a text that is no time is none`(text: String) {
    #expect(journal.moment(text) == nil)
  }

  @Test func `clocks ahead of UTC show another day`() {
    // Noon in London is midnight there.
    let zone = ClockZone { _ in .seconds(12 * 3_600) }
    #expect(journal.moment("today", in: zone) == noon)
    #expect(journal.moment("yesterday", in: zone) == noon - Self.day)
    #expect(journal.moment("2026-11-24", in: zone) == noon)
    #expect(journal.moment("01:00", in: zone) == noon + .seconds(3_600))
    #expect(journal.moment("2026-11-23T12:00:00Z", in: zone) == noon)
    #expect(journal.moment("-2h", in: zone) == noon - .seconds(7_200))
  }

  @Test func `clocks that change are read on either side of the change`() {
    // An hour ahead, and two from 2026-11-23T00:00Z on.
    let change = noon - .seconds(12 * 3_600)
    let zone = ClockZone { .seconds($0 < change ? 3_600 : 7_200) }
    #expect(journal.moment("2026-11-23 00:30", in: zone) == change - .seconds(1_800))
    #expect(journal.moment("2026-11-23 02:30", in: zone) == change + .seconds(1_800))
    #expect(journal.moment("today", in: zone) == change - .seconds(3_600))
  }
}
