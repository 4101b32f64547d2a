import Foundation
import RawJSON
import Testing

/// Calendars of ten and of a hundred thousand events. Measured in release; a debug build says
/// nothing about memory, so there a hundredth of them is polled and memory is not held to anything.
@Suite(.serialized)
struct BigCalendarTests {
  static var isRelease: Bool {
    #if DEBUG
      ProcessInfo.processInfo.environment["DAYBOOK_BINARY"] != nil
    #else
      true
    #endif
  }

  private func generate(_ stage: Stage, _ count: Int) async throws {
    try await stage.tell(
      "POST", "/sandbox/calendars/primary/generate",
      #"{"count":\#(count),"title":"Meeting"}"#)
  }

  /// Takes the baseline of so many events.
  ///
  /// - Returns: The most memory that the poll held, in KiB.
  private func baseline(_ stage: Stage, _ count: Int) async throws -> Int {
    let file = try stage.write(try await stage.form(), to: "instance.json")
    try await stage.done("instance", "create", file)
    try await generate(stage, count)
    let poll = try await stage.daybook("poll", "run", "1", seconds: 600)
    try #require(poll.status == 0, "\(poll.errors)")
    let row = try poll.rows()[0]
    #expect(row["items"]?.integer == count)
    #expect(row["changes"]?.integer == 0)
    #expect((row["pages"]?.integer ?? 0) >= count / 2_500)
    #expect(try await stage.rows("deliver").isEmpty)
    return poll.memoryPeakKiB
  }

  @Test func `a baseline ten times as big needs no more memory`() async throws {
    let unit = Self.isRelease ? 10_000 : 1_000
    let small = try await withStage { try await baseline($0, unit) }
    try await withStage { stage in
      let big = try await baseline(stage, unit * 10)
      if Self.isRelease {
        #expect(Double(big) <= 1.1 * Double(small), "\(big) KiB after \(small) KiB")
      }
      let updates = Self.isRelease ? 2_000 : 200
      try await update(stage, updates)
      let poll = try await stage.rows("poll", "run", "1")[0]
      #expect(poll["changes"]?.integer == updates)
      #expect(try await stage.rows("changes").count == updates)
      #expect(try await stage.rows("deliveries").count == updates / 10)
      try await stage.done("deliver", "--until-idle", "--for", "100s")
      #expect(try await stage.received().count == updates / 10)
      let next = try await stage.rows("poll", "run", "1")[0]
      #expect(next["changes"]?.integer == 0)
      #expect(try await stage.rows("deliver").isEmpty)
    }
  }

  /// Renames so many events, each once.
  private func update(_ stage: Stage, _ count: Int) async throws {
    let ids = try await events(stage, count)
    for id in ids { try await stage.rename(id, "Moved") }
  }

  /// The ids of the first so many events.
  private func events(_ stage: Stage, _ count: Int) async throws -> [String] {
    let path = "/sandbox/calendars/primary/events?maxResults=2500"
    var answer = try await stage.tell("GET", path)
    var ids = Self.ids(answer)
    while ids.count < count, let next = answer["nextPageToken"]?.text {
      answer = try await stage.tell("GET", path + "&pageToken=" + next)
      ids += Self.ids(answer)
    }
    #expect(ids.count >= count)
    return Array(ids.prefix(count))
  }

  private static func ids(_ answer: JSON) -> [String] {
    (answer["items"]?.elements ?? []).compactMap { $0["id"]?.text }
  }
}
