import Domain
import Events
import Testing

private let moment = Moment(
  CalendarTime(
    year: 2026, month: 11, day: 23, hour: 15, minute: 5, second: 7, millisecond: 89))

// `XXX` in these patterns is Java’s letter for an ISO 8601 offset with a colon, `-07:00`.

private func zone(_ name: String) -> Zone { Zone(name) ?? Zone(secondsEast: 12_345) }

@Test(
  arguments: [
    ("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", "GMT", "2026-11-23T15:05:07.089Z"),
    ("yyyy-MM-ddTHH:mm:ss.SSSZ", "UTC", "2026-11-23T15:05:07.089Z"),
    ("yyyy-MM-ddTHH:mm:ssZ", "-8:00", "2026-11-23T07:05:07-0800"),
    ("yyyy-MM-dd'T'HH:mm:ssZ", "GMT", "2026-11-23T15:05:07+0000"),
    ("yyyy-MM-dd'T'HH:mm:ssXXX", "America/Denver", "2026-11-23T08:05:07-07:00"),
    ("yyyy-MM-dd'T'HH:mm:ssXXX", "GMT", "2026-11-23T15:05:07Z"),
    ("HH:mm XX", "GMT+2", "17:05 +0200"), ("HH:mm X", "PST", "07:05 -08"),
    ("yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX", "+05:30", "2026-11-23T20:35:07.089000+05:30"),
    ("EEE, dd MMM yyyy HH:mm:ss Z", "GMT", "Mon, 23 Nov 2026 15:05:07 +0000"),
    ("EEEE d MMMM yy h:mm a z", "GMT", "Monday 23 November 26 3:05 PM GMT"),
    ("MM/dd/yyyy HH:mm:ss", "Europe/Berlin", "11/23/2026 16:05:07"),
    ("yyyyMMddHHmmss", "GMT", "20261123150507"), ("HH 'o''clock'", "GMT", "15 o'clock"),
    ("k K ''yyyy", "-15:00", "24 0 '2026"), ("milliseconds", "PST", "1795446307089"),
  ])
func `a date is written as Java would write it`(pattern: String, name: String, text: String) {
  #expect(JavaDatePattern(pattern)?.format(moment, zone: zone(name)) == text)
}

@Test(
  arguments: [
    ("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", "2023-02-19T20:29:44.421678Z", "2023-02-19T20:29:44.421Z"),
    ("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", "2023-02-19T20:29:44Z", "2023-02-19T20:29:44.000Z"),
    ("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", "2023-02-19T20:29:44.4Z", "2023-02-19T20:29:44.400Z"),
    ("yyyy-MM-dd'T'HH:mm:ss'Z'", "2023-02-19T20:29:44.421678901Z", "2023-02-19T20:29:44.421Z"),
    ("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", "2023-02-19T20:29:44+01:00", "2023-02-19T19:29:44.000Z"),
    ("yyyy-MM-ddTHH:mm:ss.SSSZ", "2023-02-19T20:29:44.421Z", "2023-02-19T20:29:44.421Z"),
    ("yyyy-MM-ddTHH:mm:ss.SSSZ", "2023-02-19T20:29:44.4-0330", "2023-02-19T23:59:44.400Z"),
    ("yyyy-MM-dd'T'HH:mm:ssXXX", "2023-02-19T20:29:60+02:00", "2023-02-19T18:29:59.000Z"),
    ("yyyy-MM-dd'T'HH:mm:ssX", "2023-02-19T20:29:44+02", "2023-02-19T18:29:44.000Z"),
    (
      "EEE, dd MMM yyyy HH:mm:ss Z", "sun, 9 FEBRUARY 2023 20:29:44 GMT", "2023-02-09T20:29:44.000Z"
    ),
    ("MMM d, yyyy  h:mm:ss a z", "Feb 9, 2023 12:29:44 am PST", "2023-02-09T08:29:44.000Z"),
    ("yyyyMMddHHmmssSSS", "20230219202944421", "2023-02-19T20:29:44.421Z"),
    ("dd.MM.yy", "19.02.70", "1970-02-19T00:00:00.000Z"),
    ("milliseconds", "1676838584421", "2023-02-19T20:29:44.421Z"),
    ("yyyy-MM-dd'T'HH:mm:ss", "0000-12-31T00:00:00", "0000-12-31T00:00:00.000Z"),
  ])
func `a date is read leniently`(pattern: String, text: String, expected: String) {
  #expect(JavaDatePattern(pattern)?.parse(text)?.rfc3339 == expected)
}

@Test(arguments: [
  ("yyyy-MM-dd", "2023-02-30"), ("yyyy-MM-dd", ""),
  ("yyyy-MM-dd", "2023-02-19 "), ("yyyy-MM-dd'T'HH:mm:ssXXX", "2023-02-19T20:29:44+25:00"),
  ("yyyy-MM-dd'T'HH:mm:ssXXX", "2023-02-19T20:29:44"), ("HH:mm", "24:00"), ("MMM", "Foo"),
  ("yyyyMMdd", "202302"), ("milliseconds", "1e9"), ("milliseconds", "9223372036854775807"),
  ("yyyy", "99999"), ("yyyy", "٢٠٢٣"),
])
func `a text that names no such date is none`(pattern: String, text: String) {
  #expect(JavaDatePattern(pattern)?.parse(text) == nil)
}

@Test(arguments: ["", "-", "'yyyy", "yyyy-QQ", "T", "''", "YYYY", "bogus", "yyyyyyyyyyyy"])
func `what tells no date is no pattern`(pattern: String) {
  #expect(JavaDatePattern(pattern) == nil)
}

@Test(
  arguments: [
    ("America/Denver", "2026-03-08T08:59:59.000Z", -25_200),
    ("America/Denver", "2026-03-08T09:00:00.000Z", -21_600),
    ("America/Denver", "2026-11-01T07:59:59.000Z", -21_600),
    ("America/Denver", "2026-11-01T08:00:00.000Z", -25_200),
    ("America/Denver", "2090-07-01T00:00:00.000Z", -21_600),
    ("Australia/Sydney", "2090-01-01T00:00:00.000Z", 39_600),
    ("Europe/Berlin", "1946-01-01T00:00:00.000Z", 3_600),
    ("Asia/Kolkata", "2026-07-01T00:00:00.000Z", 19_800),
    ("PST", "2026-07-01T00:00:00.000Z", -25_200), ("EST", "2026-07-01T00:00:00.000Z", -18_000),
    ("-8:00", "2026-07-01T00:00:00.000Z", -28_800), ("GMT+2", "2026-07-01T00:00:00.000Z", 7_200),
    ("utc", "2026-07-01T00:00:00.000Z", 0), ("UTC-03:30", "2026-07-01T00:00:00.000Z", -12_600),
  ])
func `a zone knows its offset at any time`(name: String, time: String, seconds: Int) throws {
  let moment = try #require(Moment(rfc3339: time))
  #expect(Zone(name)?.secondsEast(at: moment) == seconds)
}

@Test func `a local time is the instant by the zone's own offset`() {
  let pattern = JavaDatePattern("yyyy-MM-dd HH:mm:ss")
  let denver = zone("America/Denver")
  #expect(
    pattern?.parse("2026-07-01 06:00:00", zone: denver)?.rfc3339 == "2026-07-01T12:00:00.000Z")
  #expect(
    pattern?.parse("2026-12-01 06:00:00", zone: denver)?.rfc3339 == "2026-12-01T13:00:00.000Z")
}

@Test(arguments: [
  "", "Mars/Base", "../../etc/passwd", "/etc/passwd", "zone.tab", "+24:00", "GMT+", "+1:99", "-",
  "America", "America/", "tzdata.zi",
])
func `what names no zone is none`(name: String) {
  #expect(Zone(name) == nil)
}
