import EventStore
import Events
import Foundation
import Sandbox
import Synchronization
import TestSupport
import Testing

@testable import Daybook

/// A log goes out as lines and comes back with the same positions and digests.
@Suite struct ExportTests {
  private let folder: TestFolder
  private let world = MadeUpWorld()
  private let journal: Journal

  init() throws {
    folder = try TestFolder()
    journal = try world.journal(in: folder, retryWaits: [.seconds(1)])
  }

  /// A journal in which two changes were delivered.
  private func prepare() async throws {
    _ = try await world.watch(in: journal)
    for title in ["Planning", "Review"] { try await world.deliver(title, in: journal) }
  }

  private func exported(
    _ name: String, after: Int64 = 0, _ from: Journal? = nil
  ) async throws
    -> String
  {
    let lines = Mutex<[UInt8]>([])
    _ = try await (from ?? journal).export(after: after) { part in lines.withLock { $0 += part } }
    return try file(name, lines.withLock { $0 })
  }

  private func file(_ name: String, _ bytes: [UInt8]) throws -> String {
    let path = "\(folder.path)/\(name)"
    try Data(bytes).write(to: URL(filePath: path))
    return path
  }

  private func copy(_ name: String) throws -> Journal {
    var options = JournalOptions()
    options.access = .whenNeeded
    return try Journal("\(folder.path)/\(name)", options, in: world.outside)
  }

  private func isWhole(_ path: String, _ head: String? = nil) -> Bool {
    let checker = "\(packageFolder() ?? "")/docs/check_export.py"
    let output =
      if let head { try? run("python3", checker, path, head) } else {
        try? run("python3", checker, path)
      }
    return output != nil
  }

  private func rows(_ journal: Journal) async throws -> [[Field]] {
    var rows: [[Field]] = []
    for source in [journal.events as any RowSource, journal.changes, journal.deliveries] {
      rows += try await source.rows().map(\.values)
    }
    return rows
  }

  @Test func `an imported log has the same events, lists and bytes`() async throws {
    try await prepare()
    let path = try await exported("log.jsonl")
    let copy = try copy("copy.journal")
    let moved = try await copy.importLog(from: path)
    let (verified, original) = (try await copy.verify(), try await journal.verify())
    #expect(verified.problems == [])
    #expect(verified.digest == original.digest && moved.digest == original.digest)
    #expect(moved.events == original.events)
    #expect(try await rows(copy) == rows(journal))
    for position in 1...original.head {
      #expect(try await copy.events.row(position) == journal.events.row(position))
    }
    #expect(try await copy.rebuildDifferences().isEmpty)
    // What was imported is exported as it came.
    #expect(
      try Data(contentsOf: URL(filePath: try await exported("again.jsonl", copy)))
        == Data(contentsOf: URL(filePath: path)))
  }

  @Test func `a log is continued from whatever event it ends at`() async throws {
    try await prepare()
    let head = try await journal.head()
    for cut in 1..<head {
      let first = try await exported("first.jsonl", journal.at(cut))
      let copy = try copy("copy-\(cut).journal")
      #expect(try await copy.importLog(from: first).head == cut)
      let rest = try await exported("rest.jsonl", after: cut)
      #expect(isWhole(rest) || cut > 1, "bytes of before are named after event \(cut)")
      #expect(try await copy.importLog(from: rest).events == head - cut)
      #expect(try await copy.verify().problems == [], "cut after \(cut)")
      #expect(try await copy.importLog(from: rest).events == 0)
    }
  }

  @Test func `an export as of an event holds no byte that only later appends name`() async throws {
    try await prepare()
    let head = try await journal.head()
    let whole = try lines(try await exported("log.jsonl"))
    var counts: Set<Int> = []
    for cut in 1..<head {
      let part = try lines(try await exported("part.jsonl", journal.at(cut)))
      let time = try #require(whole.events[Int(cut) - 1].firstMatch(of: Self.time)?.1)
      let isLater = { (line: String) in line.firstMatch(of: Self.time)?.1 != time }
      let named = part.events.joined()
      let later = whole.events.dropFirst(Int(cut)).filter(isLater).joined()
      for digest in part.payloads where later.contains(digest) {
        let isTogether = whole.events.dropFirst(Int(cut)).contains {
          !isLater($0) && $0.contains(digest)
        }
        #expect(named.contains(digest) || isTogether, "\(digest), as of \(cut)")
      }
      counts.insert(part.payloads.count)
    }
    #expect(counts.contains(0) && counts.count > 3)
  }

  private static var time: Regex<(Substring, Substring)> { /"recordedAtMs":([0-9]+)/ }

  @Test func `what follows a quiet time is exported without what was before`() async throws {
    try await prepare()
    for _ in 0..<600 {
      try await journal.instances.disable(1)
      try await journal.instances.enable(1)
    }
    let rest = try lines(try await exported("rest.jsonl", after: try await journal.head() - 2))
    #expect(rest.events.count == 2 && rest.payloads.isEmpty)
  }

  /// The lines of events, and the digests of payloads.
  private func lines(_ path: String) throws -> (events: [String], payloads: [String]) {
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    return (
      lines.filter { $0.hasPrefix("{\"position\"") }.map(String.init),
      lines.filter { $0.hasPrefix("{\"payload\"") }.map { String($0.dropFirst(12).prefix(64)) }
    )
  }

  @Test func `the cause of an event is none or one before it`() async throws {
    try await prepare()
    let line = try #require(
      try lines(try await exported("log.jsonl")).events.first { $0.contains("\"cause\":null") })
    #expect(LogBundle.Line(Array(line.utf8)) != nil)
    for cause in ["0", "-5", "1000", "\"1\"", "true"] {
      let altered = line.replacing("\"cause\":null", with: "\"cause\":\(cause)")
      #expect(LogBundle.Line(Array(altered.utf8)) == nil, "\(cause)")
    }
  }

  @Test func `an export that was changed, cut or is of another log is refused and leaves nothing`()
    async throws
  {
    try await prepare()
    let path = try await exported("log.jsonl")
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(isWhole(path))
    var altered = [
      String(text.dropLast(20)), lines.dropLast(2).joined(separator: "\n") + "\n",
      text.replacing("change.observed", with: "change.imagined", maxReplacements: 1),
      text.replacing("\"content\":\"", with: "\"content\":\"AAAA", maxReplacements: 1),
      text.replacing("\"version\":2", with: "\"version\":3", maxReplacements: 1), text + "{}\n",
      "", "no export\n",
    ]
    // A line left out, and two in another order.
    altered.append((lines[..<4] + lines[5...]).joined(separator: "\n"))
    altered.append(
      (lines[..<3] + [lines[4], lines[3]] + lines[5...]).joined(separator: "\n"))
    for (place, text) in altered.enumerated() {
      let path = try file("altered.jsonl", Array(text.utf8))
      let copy = try copy("altered.journal")
      await #expect(throws: DaybookError.self, "\(place)") { try await copy.importLog(from: path) }
      #expect(!isWhole(path), "\(place)")
    }
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(!left.contains { $0.hasPrefix("altered.journal") }, "\(left)")
  }

  @Test
  func `a file under the name of the draft stays, and a position past all numbers is refused`()
    async throws
  {
    try await prepare()
    let path = try await exported("here.journal.import")
    let bytes = try Data(contentsOf: URL(filePath: path))
    let copy = try copy("here.journal")
    await #expect(throws: DaybookError.self) { try await copy.importLog(from: path) }
    #expect(try Data(contentsOf: URL(filePath: path)) == bytes)
    let far = String(decoding: bytes, as: UTF8.self)
      .replacing("\"after\":0", with: "\"after\":\(Int64.max)", maxReplacements: 1)
    let other = try file("far.jsonl", Array(far.utf8))
    await #expect(throws: DaybookError.self) { try await copy.importLog(from: other) }
  }

  @Test func `an imported log sends nothing, and no secret that the events replaced is kept`()
    async throws
  {
    try await prepare()
    world.pass(.seconds(60))
    world.withSandbox { $0.enter("Late", at: $1) }
    _ = try await journal.polls.run(.instance(1))
    let copy = try copy("copy.journal")
    _ = try await copy.importLog(from: try await exported("log.jsonl"))
    let before = world.withSandbox { sandbox, _ in sandbox.receiver.total }
    _ = try await copy.deliveries.deliver()
    #expect(world.withSandbox { sandbox, _ in sandbox.receiver.total } == before)
  }

  @Test func `what continues another log or comes too late is refused`() async throws {
    try await prepare()
    let other = try TestFolder()
    let elsewhere = try world.journal(in: other, retryWaits: [.seconds(1)])
    let path = try await exported("log.jsonl")
    await #expect(throws: DaybookError.self) { try await elsewhere.importLog(from: path) }
    let rest = try await exported("rest.jsonl", after: 5)
    let copy = try copy("none.journal")
    await #expect(throws: DaybookError.self) { try await copy.importLog(from: rest) }
    #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/none.journal"))
  }

  @Test func `a log that has parted is left as it is`() async throws {
    try await prepare()
    let path = try await exported("log.jsonl")
    let head = try await journal.head()
    let first = try await exported("first.jsonl", journal.at(head - 2))
    let copy = try copy("copy.journal")
    _ = try await copy.importLog(from: first)
    try await copy.callbacks.disable(
      "\(MadeUpWorld.base)/receiver/hook", reason: "parted")
    await #expect(throws: DaybookError.self) { try await copy.importLog(from: path) }
    #expect(try await copy.head() == head - 1)
  }
}
