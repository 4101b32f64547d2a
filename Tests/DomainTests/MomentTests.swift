import Events
import Testing

@Suite struct MomentTests {
  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
      (951_782_400_000, "2000-02-29T00:00:00.000Z"),
      (1_700_000_000_123, "2023-11-14T22:13:20.123Z"),
      (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
      (-62_135_596_800_000, "0001-01-01T00:00:00.000Z"),
      (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ] as [(Int64, String)])
  func `a moment and its text name the same instant`(milliseconds: Int64, text: String) {
    #expect(Moment(milliseconds: milliseconds).rfc3339 == text)
    #expect(Moment(rfc3339: text) == Moment(milliseconds: milliseconds))
  }

  @Test func `every day of four centuries comes back from its parts`() {
    for day in stride(from: Int64(-80_000), through: 70_000, by: 1) {
      let moment = Moment(milliseconds: day * 86_400_000 + 1)
      let time = moment.calendarTime
      guard Moment(time) == moment, time.isValid, time.weekday == Int((day + 4) % 7 + 7) % 7
      else {
        Issue.record("\(time)")
        return
      }
    }
  }

  @Test(arguments: [
    ("2026-11-23T09:05:00Z", "2026-11-23T09:05:00.000Z"),
    ("2026-11-23t09:05:00z", "2026-11-23T09:05:00.000Z"),
    ("2026-11-23 09:05:00Z", "2026-11-23T09:05:00.000Z"),
    ("2026-11-23T09:05Z", "2026-11-23T09:05:00.000Z"),
    ("2026-11-23T09:05:00.1Z", "2026-11-23T09:05:00.100Z"),
    ("2026-11-23T09:05:00.123456789Z", "2026-11-23T09:05:00.123Z"),
    ("2026-11-23T09:05:00+01:00", "2026-11-23T08:05:00.000Z"),
    ("2026-11-23T09:05:00-0530", "2026-11-23T14:35:00.000Z"),
    ("2026-11-23T09:05:00+01", "2026-11-23T08:05:00.000Z"),
    ("2026-12-31T23:59:60Z", "2026-12-31T23:59:59.000Z"),
  ])
  func `providers' forms are read`(text: String, canonical: String) {
    #expect(Moment(rfc3339: text)?.rfc3339 == canonical)
  }

  @Test(arguments: [
    "", "2026-11-23", "2026-11-23T09:05:00", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
    "2026-11-23T24:00:00Z", "2026-11-23T09:60:00Z", "2026-11-23T09:05:61Z",
    "2026-11-23T09:05:00.Z", "2026-11-23T09:05:00Zx", "2026-11-23T09:05:00+24:00",
    "26-11-23T09:05:00Z", "2026-11-23T09:05:00+01:", "٢٠٢٦-11-23T09:05:00Z",
  ])
  func `what names no instant is refused`(text: String) {
    #expect(Moment(rfc3339: text) == nil)
  }

  @Test func `the platform's forms are written`() {
    let moment = Moment(milliseconds: 1_795_424_700_123)
    #expect(moment.isoSeconds == "2026-11-23T09:05:00Z")
    #expect(moment.javaDate == "Mon Nov 23 09:05:00 UTC 2026")
  }

  @Test func `waits are cut to whole milliseconds`() {
    let noon = Moment(milliseconds: 1_000)
    #expect(noon + .microseconds(1_999) == Moment(milliseconds: 1_001))
    #expect(noon - .microseconds(1_999) == Moment(milliseconds: 999))
    #expect(noon - Moment(milliseconds: 400) == .milliseconds(600))
    #expect(Duration.microseconds(-1_999).wholeMilliseconds == -1)
    #expect(noon < noon + .milliseconds(1))
  }
}
