import EventStore
import Events
import Foundation
import TestSupport
import Testing

@testable import Daybook

/// A backup in a folder that follows its journal.
@Suite struct ContinuousTests {
  private let folder: TestFolder
  private let world = MadeUpWorld()
  private let journal: Journal
  private var kept: String { "\(folder.path)/kept" }

  init() throws {
    folder = try TestFolder()
    journal = try world.journal(in: folder, retryWaits: [.seconds(1)])
  }

  /// Looks once for what is new, and is stopped.
  @discardableResult
  private func follow(_ name: String = "daybook.journal") async throws -> ContinuousBackup {
    let (world, kept, path) = (world, kept, "\(folder.path)/\(name)")
    let once = World(
      now: { world.outside.now() }, uptime: { .zero },
      sleep: { _ in withUnsafeCurrentTask { $0?.cancel() } }, chance: { 7 },
      exchange: { world.exchange($0) })
    return try await Task {
      var options = JournalOptions()
      options.access = .whenNeeded
      let journal = try Journal(path, options, in: once)
      return try await journal.backUpContinuously(into: kept, every: .seconds(1))
    }.value
  }

  private func open(_ name: String) throws -> Journal {
    var options = JournalOptions()
    options.access = .whenNeeded
    options.keyFile = "\(folder.path)/daybook.journal.key"
    options.googleURL = MadeUpWorld.base
    options.callbacks = try CallbackRules(allowing: ["127.0.0.1"])
    return try Journal("\(folder.path)/\(name)", options, in: world.outside)
  }

  /// Appends an event.
  private func switchCallback(_ number: Int) async throws {
    let url = "\(MadeUpWorld.base)/receiver/hook"
    if number.isMultiple(of: 2) {
      try await journal.callbacks.disable(url, reason: "asked")
    } else {
      try await journal.callbacks.enable(url, reason: "asked")
    }
  }

  private func segments() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: kept)
      .filter { $0.hasSuffix(".jsonl") && $0 != "secrets.jsonl" }.sorted()
  }

  @Test func `a folder has every event and secret of its journal as of the last look`()
    async throws
  {
    _ = try await world.watch(in: journal)
    try await follow()
    #expect(try segments().isEmpty)
    // Another instance, whose secrets the base does not have, under another key.
    _ = try await world.watch(in: journal)
    try await world.deliver("Planning", in: journal)
    _ = try await journal.keys.rotate()
    let reached = try await follow()
    let original = try await journal.verify()
    #expect(reached.head == original.head && reached.digest == original.digest)
    #expect(try await follow().added == 0)
    let copy = try open("restored.journal")
    let restored = try await copy.restore(from: kept)
    #expect(restored.digest == original.digest && restored.key == .opens)
    #expect(try await copy.verify().problems == [])
    #expect(try await copy.rebuildDifferences().isEmpty)
    _ = try await copy.polls.run(.instance(2))
  }

  @Test func `segments are put together, so that there are few of them`() async throws {
    _ = try await world.watch(in: journal)
    try await follow()
    for number in 0..<30 {
      try await switchCallback(number)
      try await follow()
      #expect(try segments().count < 8)
    }
    let copy = try open("restored.journal")
    #expect(try await copy.restore(from: kept).digest == journal.verify().digest)
    // Each is an export by itself.
    let checker = "\(packageFolder() ?? "")/docs/check_export.py"
    for name in try segments() { _ = try run("python3", checker, "\(kept)/\(name)") }
  }

  @Test func `a folder of another journal or of another copy is refused and left as it is`()
    async throws
  {
    _ = try await world.watch(in: journal)
    try await follow()
    let copy = try open("restored.journal")
    _ = try await copy.restore(from: kept)
    // The copy goes on where the folder ends; then the original has parted from it.
    try await follow("restored.journal")
    try await switchCallback(0)
    let before = try segments()
    await #expect(throws: DaybookError.self) { try await follow() }
    #expect(try segments() == before)
  }

  @Test func `a folder that is damaged or lacks a segment is not restored`() async throws {
    _ = try await world.watch(in: journal)
    try await follow()
    for number in 0..<3 {
      try await switchCallback(number)
      try await follow()
    }
    let names = try segments()
    #expect(names.count == 3)
    let middle = URL(filePath: "\(kept)/\(names[1])")
    let bytes = try Data(contentsOf: middle)
    let copy = try open("restored.journal")
    for damage in [bytes.dropLast(30), Data(), nil] {
      if let damage {
        try damage.write(to: middle)
      } else {
        try FileManager.default.removeItem(at: middle)
      }
      await #expect(throws: DaybookError.self) { try await copy.restore(from: kept) }
    }
    try bytes.write(to: middle)
    #expect(try await copy.restore(from: kept).digest == journal.verify().digest)
  }
}
