import EventStore
import Events
import Foundation
import Sandbox
import Synchronization
import TestSupport
import Testing

@testable import Daybook

/// Copies of a journal that is at work, and journals made of them.
@Suite struct BackupTests {
  private let folder: TestFolder
  private let world = MadeUpWorld()
  private let journal: Journal
  private var file: String { "\(folder.path)/backup.journal" }

  init() throws {
    folder = try TestFolder()
    journal = try world.journal(in: folder, retryWaits: [.seconds(1)])
  }

  /// A journal in which one change was delivered and another waits to be.
  private func prepare() async throws {
    _ = try await world.watch(in: journal)
    try await world.deliver("Planning", in: journal)
    try await ask("Review")
  }

  /// Has a change observed that is not delivered yet.
  private func ask(_ title: String, in other: Journal? = nil) async throws {
    world.pass(.seconds(60))
    world.withSandbox { $0.enter(title, at: $1) }
    world.pass(.seconds(3_600))
    _ = try await (other ?? journal).polls.run(.instance(1))
  }

  private var sent: Int { world.withSandbox { sandbox, _ in Int(sandbox.receiver.total) } }

  /// A journal of that name, with the key of the original at hand.
  private func open(_ name: String, order: DeliveryOrder = .object) throws -> Journal {
    var options = JournalOptions()
    options.order = order
    options.access = .whenNeeded
    options.keyFile = "\(folder.path)/daybook.journal.key"
    options.googleURL = MadeUpWorld.base
    options.callbacks = try CallbackRules(allowing: ["127.0.0.1"])
    options.retries = .waits([.seconds(1)])
    return try Journal("\(folder.path)/\(name)", options, in: world.outside)
  }

  private func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  private func states(_ journal: Journal) async throws -> [String] {
    try await journal.deliveries.rows().compactMap { $0["status"]?.string }
  }

  @Test func `a backup is one whole file with every event, and without the key`() async throws {
    try await prepare()
    let before = try names()
    let made = try await journal.backup(to: file)
    let original = try await journal.verify()
    #expect(made.events == original.events && made.digest == original.digest)
    #expect(made.keyFile == "\(folder.path)/daybook.journal.key")
    #expect(try names() == (before + ["backup.journal", "daybook.journal.backups"]).sorted())
    let attributes = try FileManager.default.attributesOfItem(atPath: file)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    let copy = try open("backup.journal")
    #expect(try await copy.verify() == original)
    #expect(try await copy.changes.rows().map(\.values) == journal.changes.rows().map(\.values))
    #expect(try await copy.deliveries.rows().count == 2)
    let key = try String(contentsOfFile: "\(folder.path)/daybook.journal.key", encoding: .utf8)
    let bytes = try Data(contentsOf: URL(filePath: file))
    #expect(bytes.firstRange(of: Data(key.trimmingCharacters(in: .newlines).utf8)) == nil)
  }

  @Test func `a backup is read, and neither written nor run`() async throws {
    try await prepare()
    _ = try await journal.backup(to: file)
    let bytes = try Data(contentsOf: URL(filePath: file))
    let copy = try open("backup.journal")
    await #expect(throws: DaybookError.self) { try await copy.run() }
    await #expect(throws: DaybookError.self) { try await copy.deliveries.deliver() }
    await #expect(throws: DaybookError.self) {
      try await copy.callbacks.disable("\(MadeUpWorld.base)/receiver/hook")
    }
    #expect(try Data(contentsOf: URL(filePath: file)) == bytes)
  }

  @Test func `a backup stands in nothing's place but an older backup's, and that when told`()
    async throws
  {
    try await prepare()
    let files = FileManager.default
    let target = "\(folder.path)/target"
    try Data("mine".utf8).write(to: URL(filePath: target))
    try files.createSymbolicLink(atPath: "\(folder.path)/link", withDestinationPath: file)
    try files.createDirectory(atPath: "\(folder.path)/inner", withIntermediateDirectories: false)
    let own = ["", "-wal", "-shm", "-journal", ".lock", ".key", ".engine"].map {
      "daybook.journal\($0)"
    }
    for name in ["target", "link", "inner", "./daybook.journal"] + own {
      for replaces in [false, true] {
        await #expect(throws: DaybookError.self, "\(name)") {
          try await journal.backup(to: "\(folder.path)/\(name)", replaces: replaces)
        }
      }
    }
    #expect(try String(contentsOfFile: target, encoding: .utf8) == "mine")
    let first = try await journal.backup(to: file)
    await #expect(throws: DaybookError.self) { try await journal.backup(to: file) }
    try await ask("Later")
    let second = try await journal.backup(to: file, replaces: true)
    #expect(second.events > first.events)
    #expect(try await open("backup.journal").verify().digest == second.digest)
    #expect(try await journal.verify().problems == [])
    #expect(try !names().contains { $0.contains(".part") })
  }

  @Test func `a file under the name of the draft stays, unless it is a draft of ours`()
    async throws
  {
    try await prepare()
    let draft = file + ".part"
    try Data("mine".utf8).write(to: URL(filePath: draft))
    await #expect(throws: DaybookError.self) { try await journal.backup(to: file) }
    #expect(try String(contentsOfFile: draft, encoding: .utf8) == "mine")
    try FileManager.default.removeItem(atPath: draft)
    _ = try await journal.backup(to: file)
    // What is left of one that was killed: the first pages of a journal, or others.
    let pages = try Data(contentsOf: URL(filePath: file))
    for left in [
      pages.prefix(8_192), Data(count: 4_096) + pages[4_096..<8_192], Data(),
      empty(of: pages, tables: 0),
    ] {
      try left.write(to: URL(filePath: draft))
      _ = try await journal.backup(to: file, replaces: true)
      #expect(try !names().contains("backup.journal.part"))
    }
    let other = empty(of: pages, tables: 1)
    try other.write(to: URL(filePath: draft))
    await #expect(throws: DaybookError.self) {
      try await journal.backup(to: file, replaces: true)
    }
    #expect(try Data(contentsOf: URL(filePath: draft)) == other)
  }

  /// The one page of a database that says nothing yet of what it becomes.
  private func empty(of pages: Data, tables: UInt8) -> Data {
    var page = pages.prefix(4_096)
    page.replaceSubrange(28..<32, with: [0, 0, 0, 1])
    page.replaceSubrange(68..<72, with: [0, 0, 0, 0])
    page.replaceSubrange(103..<105, with: [0, tables])
    return page
  }

  @Test func `a restored journal sends nothing until it is resumed, and then all in its order`()
    async throws
  {
    try await prepare()
    _ = try await journal.backup(to: file)
    let before = sent
    // Two objects: only a strict order says which of them comes first.
    let copy = try open("restored.journal", order: .strict)
    let restored = try await copy.restore(from: file)
    #expect(restored.held == 1 && restored.key == .opens && restored.takenAt != nil)
    #expect(try await states(copy) == ["succeeded", "held"])
    #expect(try await copy.notices.rows().last?["kind"]?.string == "restored")
    try await ask("Third", in: copy)
    _ = try await copy.deliveries.deliver()
    while try await copy.step() != nil {}
    #expect(sent == before)
    #expect(try await states(copy) == ["succeeded", "held", "held"])
    #expect(try await copy.deliveries.rows().last?["error"]?.string?.contains("resumed") == true)
    #expect(try await copy.verify().problems == [])
    #expect(try await copy.rebuildDifferences().isEmpty)
    #expect(try await copy.resume(reason: "at rest") == 2)
    #expect(try await copy.lineage()?.isHeld == false)
    _ = try await copy.deliveries.deliver()
    #expect(sent == before + 2)
    #expect(try await states(copy) == ["succeeded", "succeeded", "succeeded"])
    var part = Selection()
    part.types = ["delivery.succeeded"]
    let order = try await copy.events.rows(part).compactMap { $0["stream"]?.string }
    part.types = ["delivery.requested"]
    #expect(try await copy.events.rows(part).compactMap { $0["stream"]?.string } == order)
    await #expect(throws: DaybookError.self) { try await copy.resume() }
  }

  @Test func `a plain copy of the files is restored as well`() async throws {
    try await prepare()
    for suffix in ["", "-wal"] {
      try FileManager.default.copyItem(
        atPath: "\(folder.path)/daybook.journal\(suffix)", toPath: "\(folder.path)/plain\(suffix)")
    }
    let copy = try open("restored.journal")
    let restored = try await copy.restore(from: "\(folder.path)/plain")
    #expect(restored.takenAt == nil && restored.held == 1)
    #expect(try await restored.digest == journal.verify().digest)
  }

  @Test func `a restored journal and its original continue only themselves`() async throws {
    try await prepare()
    let head = try await journal.head()
    _ = try await journal.backup(to: file)
    let copy = try open("restored.journal")
    let restored = try await copy.restore(from: file)
    #expect(try await copy.lineage()?.name == restored.lineage)
    #expect(try await journal.lineage() == nil)
    let fromCopy = try await exported("copy.jsonl", after: head, of: copy)
    // The original ends where the copy was taken: its chain alone would take what follows.
    await #expect(throws: DaybookError.self) { try await journal.importLog(from: fromCopy) }
    #expect(try await journal.head() == head)
    try await ask("Later")
    let fromOriginal = try await exported("original.jsonl", after: head, of: journal)
    await #expect(throws: DaybookError.self) { try await copy.importLog(from: fromOriginal) }
    // A whole log of the copy is one, and goes on as the copy does.
    let whole = try await exported("whole.jsonl", after: 0, of: copy)
    let again = try open("again.journal")
    _ = try await again.importLog(from: whole)
    #expect(try await again.lineage()?.name == restored.lineage)
  }

  @Test func `a restored journal signs under a name of its own, and continues older heads`()
    async throws
  {
    try await prepare()
    let early = try await journal.proofs.sign()
    _ = try await journal.backup(to: file)
    let copy = try open("restored.journal")
    let restored = try await copy.restore(from: file)
    try await ask("Later")
    let late = try await journal.proofs.sign()
    let own = try await copy.proofs.sign()
    #expect(own.checkpoint.journal == early.checkpoint.journal)
    #expect(own.checkpoint.lineage == restored.lineage && early.checkpoint.lineage == nil)
    #expect(Checkpoint(note: own.note) == own.checkpoint)
    #expect(try await copy.proofs.head()["lineage"]?.string == restored.lineage)
    _ = try await copy.proofs.prove(2, since: EarlierHead(early.checkpoint))
    for head in [late.checkpoint, early.checkpoint] {
      let isOlder = head == early.checkpoint
      let proven = try? await copy.proofs.prove(2, since: EarlierHead(head))
      #expect((proven != nil) == isOlder)
    }
    // With the original's signing key beside it, it signs with both once.
    let key = "\(folder.path)/restored.journal.signing.key"
    try FileManager.default.removeItem(atPath: key)
    try FileManager.default.copyItem(
      atPath: "\(folder.path)/daybook.journal.signing.key", toPath: key)
    await #expect(throws: DaybookError.self) { try await copy.proofs.sign() }
    let both = try await copy.proofs.rotateKey()
    #expect(both.verifiers.count == 2 && both.verifiers[0] == early.verifiers[0])
    #expect(try await copy.proofs.sign().verifiers == [both.verifiers[1]])
  }

  @Test func `what is damaged or in use is not restored, and leaves nothing`() async throws {
    try await prepare()
    _ = try await journal.backup(to: file)
    var bytes = try Data(contentsOf: URL(filePath: file))
    // A word of the log, not of what SQLite needs.
    while let place = bytes.firstRange(of: Data("change.observed".utf8)) {
      bytes.replaceSubrange(place, with: Data("change.imagined".utf8))
    }
    let damaged = "\(folder.path)/damaged.journal"
    try bytes.write(to: URL(filePath: damaged))
    let copy = try open("restored.journal")
    await #expect(throws: DaybookError.self) { try await copy.restore(from: damaged) }
    await #expect(throws: DaybookError.self) { try await copy.restore(from: "\(folder.path)/none") }
    #expect(
      try !names().contains { $0.hasPrefix("restored.journal") && $0 != "restored.journal.engine" })
    // In the place of one that is there.
    await #expect(throws: DaybookError.self) { try await journal.restore(from: file) }
    #expect(try await journal.verify().problems == [])
  }

  private func exported(_ name: String, after: Int64, of journal: Journal) async throws -> String {
    let lines = Mutex<[UInt8]>([])
    _ = try await journal.export(after: after) { part in lines.withLock { $0 += part } }
    let path = "\(folder.path)/\(name)"
    try Data(lines.withLock { $0 }).write(to: URL(filePath: path))
    return path
  }
}
