import Engine
import EventStore
import Events
import FoundationEssentials
import TestSupport
import Testing

@testable import Daybook

/// The key that secrets are sealed with, changed and taken along.
@Suite struct KeyTests {
  private let folder: TestFolder
  private let world = MadeUpWorld()
  private let journal: Journal
  private var keyFile: String { "\(folder.path)/daybook.journal.key" }

  init() throws {
    folder = try TestFolder()
    journal = try world.journal(in: folder, retryWaits: [.seconds(1)])
  }

  private func key(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
      .filter { !$0.isWhitespace }
  }

  /// The journal as another process would open it.
  private func opened() throws -> Journal {
    try world.journal(in: folder, retryWaits: [.seconds(1)])
  }

  @Test func `a signature is checked by who may only read`() async throws {
    let id = try await world.watch(in: journal)
    _ = try await journal.signatures.rotate(of: id, to: "whsec_bmV3", overlap: .zero)
    let head = try await journal.head()
    await journal.close()
    var options = JournalOptions()
    options.access = .readOnly
    let reading = try Journal("\(folder.path)/daybook.journal", options, in: world.outside)
    let rows = try await reading.signatures.verify(
      of: id, body: [1], headers: [("Elements-Webhook-Signature", "sha256=AAAA")])
    #expect(rows.map { $0["valid"] } == [.flag(false)])
    #expect(try await reading.head() == head)
  }

  @Test func `where a thousand codes are remembered, one more is told so`() {
    var memory = ConsentMemory()
    var taken: [Bool] = []
    for number in 0...ConsentMemory.most {
      taken.append(memory.hand("code \(number)", CodeProof(verifier: "v"), at: noon))
    }
    #expect(taken.dropLast().allSatisfy(\.self) && taken.last == false)
    let isLaterTaken = memory.hand(
      "later", CodeProof(verifier: "v"), at: noon + ConsentMemory.codeTime)
    #expect(isLaterTaken)
  }

  @Test func `after a rotation the new key opens all that the old one did, and tokens are known`()
    async throws
  {
    let id = try await world.watch(in: journal)
    let old = try key(keyFile)
    let rotated = try await journal.keys.rotate()
    #expect(rotated.secrets > 3 && rotated.unreadable == 0)
    #expect(try key(keyFile) != old)
    #expect(try key(rotated.previousKeyFile) == old)
    #expect(try await journal.keys.exported() == key(keyFile))
    let other = try opened()
    #expect(try await other.verify().problems == [])
    try await world.deliver("Planning", in: other)
    #expect(try await other.deliveries.rows().first?["status"]?.string == "succeeded")
    #expect(try await other.verify().problems == [])
    _ = try await other.polls.run(.instance(id))
    // The old one opens nothing any more.
    try Data((old + "\n").utf8).write(to: URL(filePath: keyFile))
    #expect(try await opened().verify().problems.isEmpty == false)
  }

  @Test func `a rotation that was cut short before or after the secrets were sealed is ended`()
    async throws
  {
    _ = try await world.watch(in: journal)
    let old = try key(keyFile)
    let pending = keyFile + ".rotating"
    let fresh = String(repeating: "5a", count: 32)
    // Before: the key in force stays.
    try Data((fresh + "\n").utf8).write(to: URL(filePath: pending))
    #expect(try await opened().verify().problems == [])
    #expect(try key(keyFile) == old)
    #expect(!FileManager.default.fileExists(atPath: pending))
    // After: what was sealed tells which key it is.
    let rotated = try await journal.keys.rotate()
    let new = try key(keyFile)
    try Data((new + "\n").utf8).write(to: URL(filePath: pending))
    try FileManager.default.removeItem(atPath: keyFile)
    try FileManager.default.moveItem(atPath: rotated.previousKeyFile, toPath: keyFile)
    var options = JournalOptions()
    options.access = .readOnly
    let reader = try Journal("\(folder.path)/daybook.journal", options, in: world.outside)
    #expect(try await reader.verify().problems == [])
    #expect(try key(keyFile) == old)
    #expect(try await opened().verify().problems == [])
    #expect(try key(keyFile) == new)
  }

  @Test func `who has the journal open goes on with the new key`() async throws {
    _ = try await world.watch(in: journal)
    var options = JournalOptions()
    options.access = .whenNeeded
    options.googleURL = MadeUpWorld.base
    let other = try Journal("\(folder.path)/daybook.journal", options, in: world.outside)
    _ = try await other.polls.run(.instance(1))
    _ = try await journal.keys.rotate()
    let reports = try await other.polls.run(.instance(1))
    #expect(reports.allSatisfy { $0.status == .completed })
    #expect(try await other.verify().problems == [])
  }
}
