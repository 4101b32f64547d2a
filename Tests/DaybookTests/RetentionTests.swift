import EventStore
import Events
import Foundation
import RawJSON
import Synchronization
import TestSupport
import Testing

@testable import Daybook

/// What is forgotten is gone, and everything else goes on.
@Suite struct RetentionTests {
  private let folder: TestFolder
  private let world = MadeUpWorld()
  private let journal: Journal

  init() throws {
    folder = try TestFolder()
    journal = try world.journal(in: folder, retryWaits: [.seconds(1)])
  }

  /// Two events, delivered; the ids of both.
  private func prepare() async throws -> [String] {
    _ = try await world.watch(in: journal)
    for title in ["CANARY one", "Review"] { try await world.deliver(title, in: journal) }
    return try await journal.changes.rows().compactMap { $0["objectId"]?.string }
  }

  private func count(of text: String) async throws -> Int {
    await journal.close()
    return try FileManager.default.contentsOfDirectory(atPath: folder.path).count { name in
      let bytes = FileManager.default.contents(atPath: "\(folder.path)/\(name)") ?? Data()
      return bytes.range(of: Data(text.utf8)) != nil
    }
  }

  @Test func `a forgotten object is gone from all files and shows as gone everywhere`() async throws
  {
    let ids = try await prepare()
    #expect(try await count(of: "CANARY") > 0)
    let before = try await journal.retention.plan(.object(ids[0]))
    #expect(before.objects == 1 && before.counts[.items] == 1 && before.counts[.bodies] == 1)
    #expect(before.counts[.pages] == 1 && before.bytes > 0 && before.positions == [])
    #expect(try await count(of: "CANARY") > 0, "a plan removes nothing")

    let done = try await journal.retention.remove(.object(ids[0]), reason: "asked")
    #expect(done.counts == before.counts && done.bytes == before.bytes && done.isWiped)
    #expect(try await count(of: "CANARY") == 0)
    #expect(try await count(of: "Review") > 0)
    let position = try #require(done.positions.first)

    let verified = try await journal.verify()
    #expect(verified.problems == [])
    #expect(verified.removals.map { $0["position"]?.integer } == [position])
    #expect(verified.removals.first?["selection"]?.string == "object \(ids[0])")
    #expect(try await journal.rebuildDifferences().isEmpty)

    let titles = try await journal.changes.rows().map { $0["title"]?.string }
    #expect(titles == [nil, "Review"])
    let versions = Mutex<[Row]>([])
    try await journal.history(of: ids[0]) { rows in
      versions.withLock { $0 += rows }
      return true
    }
    #expect(versions.withLock { $0.map { $0["title"]?.string } } == [nil])
    for place in 1...verified.head { _ = try await journal.events.row(place) }

    // Again there is nothing to do, and nothing is written.
    let again = try await journal.retention.remove(.object(ids[0]))
    #expect(again.payloads == 0 && again.positions == [])
    await #expect(throws: DaybookError.self) {
      try await journal.retention.plan(.object("nobody"))
    }
  }

  @Test func `a backup that holds what is forgotten is named, and made anew without it`()
    async throws
  {
    let ids = try await prepare()
    let (file, kept) = ("\(folder.path)/one.backup", "\(folder.path)/kept")
    _ = try await journal.backup(to: file)
    let (world, path) = (world, "\(folder.path)/daybook.journal")
    let once = World(
      now: { world.outside.now() }, uptime: { .zero },
      sleep: { _ in withUnsafeCurrentTask { $0?.cancel() } }, chance: { 7 },
      exchange: { world.exchange($0) })
    func follow() async throws {
      _ = try await Task {
        try await Journal(path, JournalOptions(), in: once)
          .backUpContinuously(into: kept, every: .seconds(1))
      }.value
    }
    try await follow()
    try await world.deliver("CANARY two", in: journal)
    try await follow()
    let later = try #require(try await journal.changes.rows().last?["objectId"]?.string)
    var positions: [Int64] = []
    for id in [ids[0], later] {
      positions += try await journal.retention.remove(.object(id)).positions
    }
    let retention = journal.retention
    #expect(
      try Set(await retention.backups(before: positions).map(name)) == ["one.backup", "kept"])
    #expect(try files(with: "CANARY") == ["base.journal", "one.backup", "segment"])
    try await retention.renew(backup: file)
    try await retention.renew(backup: kept)
    #expect(try await retention.backups(before: positions) == [])
    #expect(try files(with: "CANARY") == [])
    // They are backups as before, with all events.
    let head = try await journal.head()
    for (place, source) in [file, kept].enumerated() {
      var options = JournalOptions()
      options.access = .whenNeeded
      let copy = try Journal("\(folder.path)/restored-\(place).journal", options, in: world.outside)
      #expect(try await copy.restore(from: source).events == head)
    }
    try await follow()
    await #expect(throws: DaybookError.self) { try await retention.renew(backup: path) }
  }

  private func name(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? ""
  }

  /// Names of all files in which a text stands, also below the folder.
  private func files(with text: String) throws -> Set<String> {
    let all = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    return Set(
      all.compactMap { place in
        let bytes = FileManager.default.contents(atPath: "\(folder.path)/\(place)") ?? Data()
        let forms = [Data(text.utf8), Data(text.utf8).base64EncodedData()]
        guard forms.contains(where: { bytes.range(of: $0) != nil }) || holdsEncoded(bytes, text)
        else { return nil }
        return place.hasSuffix(".jsonl") ? "segment" : name(place)
      })
  }

  /// Lines of an export hold bytes in base64, at whatever place within.
  private func holdsEncoded(_ bytes: Data, _ text: String) -> Bool {
    bytes.split(separator: 10).contains { line in
      guard case .payload(let payload)? = LogBundle.Line(Array(line)) else { return false }
      return Data(payload.content).range(of: Data(text.utf8)) != nil
    }
  }

  @Test func `a replay of what is gone names the event that removed it`() async throws {
    let ids = try await prepare()
    let first = try #require(try await journal.deliveries.rows().first?["position"]?.integer)
    let done = try await journal.retention.remove(.object(ids[0]))
    let position = try #require(done.positions.first)
    let url = "\(MadeUpWorld.base)/receiver/other"
    for mode in ReplayMode.allCases {
      do {
        _ = try await journal.replays.plan(only: first, to: url, mode: mode)
        Issue.record("\(mode) is planned")
      } catch {
        #expect("\(error)".contains("removed by event \(position)"), "\(mode): \(error)")
      }
      // The rest goes out, and what is left out is counted.
      let plan = try await journal.replays.plan(to: url, mode: mode)
      #expect(plan.notifications == 1 && plan.gone == 1, "\(mode)")
      let replay = try await journal.replays.request(plan)
      try await journal.replays.finish(replay)
    }
    do {
      _ = try await journal.deliveries.redeliver(first)
      Issue.record("it is delivered again")
    } catch {
      #expect("\(error)".contains("removed by event \(position)"), "\(error)")
    }
    #expect(try await journal.verify().problems == [])
  }

  @Test func `an export of what is left is whole, and carries the removal over`() async throws {
    let ids = try await prepare()
    let head = try await journal.head()
    let old = try await exported("old.jsonl", after: 0)
    var options = JournalOptions()
    options.access = .whenNeeded
    let copy = try Journal("\(folder.path)/copy.journal", options, in: world.outside)
    _ = try await copy.importLog(from: old)
    try FileManager.default.removeItem(atPath: old)
    #expect(try await count(of: "CANARY") > 0)

    _ = try await journal.retention.remove(.object(ids[0]))
    _ = try await copy.importLog(from: try await exported("rest.jsonl", after: head))
    await copy.close()
    #expect(try await count(of: "CANARY") == 0)
    #expect(try await copy.verify().problems == [])

    let whole = try await exported("whole.jsonl", after: 0)
    #expect(
      (try? run("python3", "\(packageFolder() ?? "")/docs/check_export.py", whole)) != nil)
    let fresh = try Journal("\(folder.path)/fresh.journal", options, in: world.outside)
    _ = try await fresh.importLog(from: whole)
    #expect(try await fresh.verify().problems == [])
    #expect(try await fresh.verify().digest == journal.verify().digest)
  }

  private func exported(_ name: String, after: Int64) async throws -> String {
    let lines = Mutex<[UInt8]>([])
    _ = try await journal.export(after: after) { part in lines.withLock { $0 += part } }
    let path = "\(folder.path)/\(name)"
    try Data(lines.withLock { $0 }).write(to: URL(filePath: path))
    return path
  }

  @Test func `what is still to be delivered is neither pruned nor forgotten unasked`() async throws
  {
    _ = try await world.watch(in: journal)
    world.pass(.seconds(60))
    world.withSandbox { $0.enter("CANARY", at: $1) }
    world.pass(.seconds(3_600))
    _ = try await journal.polls.run(.all)
    let id = try #require(try await journal.changes.rows().first?["objectId"]?.string)
    world.pass(.seconds(86_400))
    let later = noon + .seconds(10 * 86_400)
    let aged = RemovalChoice.aged(EvidenceKind.allCases, before: later)
    let pruned = try await journal.retention.remove(aged)
    #expect(pruned.counts[.items] == nil && pruned.counts[.bodies] == nil)
    #expect(try await journal.retention.plan(.object(id)).open == 1)
    await #expect(throws: DaybookError.self) {
      try await journal.retention.remove(.object(id))
    }
    _ = try await journal.retention.remove(.object(id), skipsOpen: true)
    #expect(try await count(of: "CANARY") == 0)
    while try await journal.step() != nil {}
    let statuses = try await journal.deliveries.rows().compactMap { $0["status"]?.string }
    #expect(!statuses.contains("pending"), "\(statuses)")
    #expect(try await journal.verify().problems == [])
  }

  @Test func `pruning takes the kinds that were named, once they are old enough`() async throws {
    _ = try await prepare()
    let all = RemovalChoice.aged(EvidenceKind.allCases, before: noon)
    #expect(try await journal.retention.plan(all).payloads == 0)
    let later = noon + .seconds(10 * 86_400)
    let bodies = try await journal.retention.remove(.aged([.bodies], before: later))
    #expect(bodies.counts == [.bodies: 2])
    #expect(try await journal.changes.rows().allSatisfy { $0["title"]?.string != nil })
    let rest = try await journal.retention.remove(
      .aged(EvidenceKind.allCases, before: later), reason: "old")
    #expect(rest.counts[.items] == 2 && rest.counts[.responses] == 2)
    #expect(try await journal.verify().problems == [])
    #expect(try await journal.rebuildDifferences().isEmpty)
    #expect(
      try await journal.retention.plan(.aged(EvidenceKind.allCases, before: later)).payloads == 0)
  }

  @Test func `an instance is forgotten as a whole`() async throws {
    _ = try await prepare()
    let done = try await journal.retention.remove(.instance(1))
    #expect(done.counts[.items] == 2 && done.counts[.requests] == 2)
    #expect(try await count(of: "CANARY") == 0)
    #expect(try await count(of: "Review") == 0)
    #expect(try await journal.verify().problems == [])
    await #expect(throws: DaybookError.self) { try await journal.retention.plan(.instance(9)) }
    await #expect(throws: DaybookError.self) { try await journal.retention.plan(.person("nobody")) }
  }
}
