import EventStore
import Events
import FoundationEssentials
import Testing

@testable import Daybook

/// One line for every type of event.
@Suite struct SummaryTests {
  /// The summaries of a journal in which every type occurs, by type.
  private func summaries(_ name: String) async throws -> [String: [String]] {
    let folder = try TestFolder()
    let path = "\(folder.path)/daybook.journal"
    let package = String(
      #filePath.prefix(#filePath.count - "/DaybookTests/SummaryTests.swift".count))
    try FileManager.default.copyItem(
      atPath: "\(package)/Fixtures/\(name).sqlite", toPath: path)
    var options = JournalOptions()
    options.access = .readOnly
    let journal = try Journal(path, options, in: MadeUpWorld().outside)
    var found: [String: [String]] = [:]
    for row in try await journal.events.rows() {
      found[row["type"]?.string ?? "", default: []].append(row["summary"]?.string ?? "")
    }
    return found
  }

  /// Types that no journal of a fixture has yet.
  private static let younger: [(type: String, event: Event, summary: String)] = [
    (
      "journal.restored",
      .journalRestored(JournalRestored(lineage: "0f1e", head: 42, digest: "ab")),
      "restored from a copy that ends at event 42; lineage 0f1e"
    ),
    (
      "journal.resumed", .journalResumed(JournalResumed(lineage: "0f1e", reason: "at rest")),
      "deliveries go on: at rest"
    ),
    (
      "breaker.opened",
      .breakerOpened(
        BreakerOpened(
          url: "https://example.com/a", attempts: 12, failed: 9, windowMs: 300_000,
          waitMs: 30_000)),
      "https://example.com/a failed 9 of 12 attempts and is asked now and then alone"
    ),
    (
      "breaker.closed", .breakerClosed(BreakerClosed(url: "https://example.com/a")),
      "https://example.com/a has recovered"
    ),
    (
      "journal.archived",
      .journalArchived(
        JournalArchived(
          file: "a.journal.archive-39", first: 1, last: 39,
          previous: String(repeating: "0", count: 64), digest: String(repeating: "a", count: 64),
          kept: 12, reason: "a year ago")),
      "events 1 to 39 moved to a.journal.archive-39: a year ago"
    ),
    (
      "notification.acknowledged",
      .notificationAcknowledged(
        NotificationAcknowledged(
          notification: NotificationID(stored: "901"), eventId: "AXaaBBcc_ddEEff11223",
          instance: 1, askedBy: nil)),
      "notification 901 is acknowledged"
    ),
  ]

  @Test func `a type that is younger than the fixtures says something as well`() {
    for (type, event, summary) in Self.younger {
      #expect(Swift.type(of: event.body).type == type && event.summary(at: noon) == summary)
    }
  }

  @Test func `every type of the catalogue says something`() async throws {
    let found = try await summaries("format-0-probes")
    // Of what came later that journal has none.
    let later = Set(Self.younger.map(\.type)).union(["payload.expunged"])
    #expect(Set(found.keys).union(later) == Set(Event.readers.keys))
    for (type, lines) in found {
      #expect(lines.allSatisfy { !$0.isEmpty && !$0.contains("\n") }, "\(type): \(lines)")
    }
  }

  @Test(arguments: [
    ("journal.created", "journal 000102030405060708090a0b0c0d0e0f, format 0"),
    ("run.started", "process 7 began to run, Daybook 0.1"),
    ("run.stopped", "process 7 stopped: finished"),
    ("clock.stepped", "the clock went forward by 1 minute, to 11:08:05Z"),
    ("instance.created", "Team 1, googlesuite"),
    ("instance.updated", "changed: name"),
    ("authorization.granted", "1 scope granted; the token ends 12:06:41Z and can be renewed"),
    ("authorization.refused", "Google gives no more tokens: invalid_grant: Revoked."),
    ("feed.opened", "calendars/primary/changed-events, every 15 minutes"),
    ("poll.completed", "baseline: 0 items, 0 changes"),
    ("poll.failed", "403 rateLimitExceeded: Too many.; next poll 11:06:47Z"),
    ("poll.discarded", "2 items, 1 change, dropped: asked"),
    ("change.observed", "CREATED x in calendars/primary/changed-events"),
    ("object.missed", "odd, try 1: backendError; next try 11:06:47Z"),
    ("delivery.attempted", "attempt 1 to https://example.com/hook"),
    ("delivery.succeeded", "204 in 31 ms"),
    ("delivery.failed", "503; next attempt 11:06:58Z"),
    ("delivery.unknown", "the outcome of attempt 1 was lost; next attempt 11:07:00Z"),
    ("delivery.exhausted", "given up after 2 attempts"),
    ("delivery.skipped", "blocked: 127.0.0.1 is a loopback address"),
    ("probe.attempted", "a probe of https://example.com/hook, as of instance 1"),
    ("probe.concluded", "503 in 12 ms"),
    ("replay.requested", "exact, 2 notifications to https://example.com/other"),
    ("replay.completed", "replay 51: 2 succeeded, 0 failed"),
    ("notice.closed", "lag is settled: caught up"),
  ])
  func `a summary is plain English`(type: String, expected: String) async throws {
    let found = try await summaries("format-0-probes")
    #expect(found[type]?.first == expected)
  }

  @Test func `a time of another day is told with its date, and long texts are cut`() {
    let words = SummaryWords(day: noon)
    #expect(words.time(noon.milliseconds + 60_000) == "12:01:00Z")
    #expect(words.time(noon.milliseconds + 43_200_000) == "2026-11-24T00:00:00Z")
    #expect(words.count(1, "change") == "1 change" && words.count(0, "change") == "0 changes")
    #expect(words.wait(90_000) == "90 seconds" && words.wait(86_400_000) == "1 day")
    #expect(words.told("deleted", "") == "deleted" && words.told("deleted", nil) == "deleted")
    let long = words.text(String(repeating: "a\n", count: 1_000))
    #expect(long.count == 200 && !long.contains("\n"))
  }

  @Test func `an event of a newer program has none`() {
    let row: Row = [
      "type": .text("journal.unheard"), "body": .json("{}"), "recordedAt": .moment(noon),
    ]
    #expect(RowDetails.summary(of: row) == .null)
  }
}
