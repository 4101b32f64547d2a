import EventStore
import Events
import FoundationEssentials
import Glibc
import RawJSON
import TestSupport
import Testing

@testable import Daybook

/// Signed heads and proofs, checked by the program that stands in the docs.
@Suite struct ProofTests {
  private let folder: TestFolder
  private let world = MadeUpWorld()
  private let journal: Journal

  init() throws {
    folder = try TestFolder()
    journal = try world.journal(in: folder, retryWaits: [.seconds(1)])
  }

  /// A journal in which one change was delivered.
  private func delivered() async throws {
    _ = try await world.watch(in: journal)
    try await world.deliver("Planning", in: journal)
  }

  private func file(_ name: String, _ text: String) throws -> String {
    let path = "\(folder.path)/\(name)"
    try Data(text.utf8).write(to: URL(filePath: path))
    return path
  }

  /// What the program in the docs says; nil where it refuses.
  private func checked(_ key: String, _ proof: String, _ earlier: String? = nil) -> String? {
    let checker = "\(packageFolder() ?? "")/docs/check_proof.py"
    let output =
      if let earlier {
        try? run("python3", checker, key, proof, earlier)
      } else {
        try? run("python3", checker, key, proof)
      }
    return output.map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func `the program of the docs says how it is called, and what it cannot read`() throws {
    let checker = "\(packageFolder() ?? "")/docs/check_proof.py"
    for (operands, said) in [
      ("", "usage: "), ("key", "usage: "), ("key proof earlier more", "usage: "),
      ("key nowhere.json", "nowhere.json cannot be read"),
    ] {
      let output = try run("sh", "-c", "python3 '\(checker)' \(operands) 2>&1 && exit 9; true")
      let text = String(decoding: output, as: UTF8.self)
      #expect(text.hasPrefix(said), "\(operands): \(text)")
    }
  }

  private func proof(_ position: Int64, since earlier: EarlierHead? = nil) async throws -> String {
    String(decoding: try await journal.proofs.prove(position, since: earlier).json, as: UTF8.self)
  }

  @Test func `every event is proven under the head to who has the public key alone`() async throws {
    try await delivered()
    let head = try await journal.head()
    let key = try await journal.proofs.sign().verifiers[0]
    for position in 1...head {
      let path = try file("proof.json", try await proof(position))
      let said = try #require(checked(key, path), "event \(position)")
      #expect(said.contains("event \(position) "))
    }
  }

  @Test func `the proof of a delivery holds the bytes that were sent and answered`() async throws {
    try await delivered()
    let succeeded = try #require(try await journal.position(of: DeliverySucceeded.type))
    let proof = try JSON.parse(Array(try await proof(succeeded).utf8))
    let events = try #require(proof["events"]?.elements)
    #expect(
      events.compactMap { $0["type"]?.text }
        == ["delivery.requested", "delivery.attempted", "delivery.succeeded"])
    let body = try #require(events[0]["payloads"]?.elements?.first?["bytes"]?.text)
    let sent = try #require(Data(base64Encoded: body))
    #expect(String(decoding: sent, as: UTF8.self).contains("Planning"))
  }

  @Test func `a proof that was altered anywhere is refused`() async throws {
    try await delivered()
    let key = try await journal.proofs.sign().verifiers[0]
    let succeeded = try #require(try await journal.position(of: DeliverySucceeded.type))
    let proof = try await proof(succeeded, since: EarlierHead(position: 3))
    #expect(checked(key, try file("proof.json", proof)) != nil)
    for (part, other) in [
      ("\"recordedAtMs\":1", "\"recordedAtMs\":2"), ("\"version\":2", "\"version\":3"),
      ("delivery.succeeded", "delivery.failed"), ("\"cause\":", "\"cause\":1"),
      ("\"size\":3", "\"size\":4"), ("\"salt\":\"", "\"salt\":\"00"),
      ("\\u000a\(try await journal.head())\\u000a", "\\u000a99\\u000a"),
    ] {
      let altered = proof.replacing(part, with: other, maxReplacements: 1)
      #expect(proof.contains(part))
      #expect(checked(key, try file("altered.json", altered)) == nil, "\(part)")
    }
  }

  @Test func `a later head continues each earlier one and no other`() async throws {
    try await delivered()
    let first = try await journal.proofs.sign()
    let earlier = try file("earlier.note", first.note)
    try await journal.instances.disable(1, reason: "holidays")
    try await journal.instances.enable(1, reason: "back")
    let head = try await journal.head()
    let kept = try #require(Checkpoint(note: first.note))
    let path = try file("proof.json", try await proof(head, since: EarlierHead(kept)))
    let said = try #require(checked(first.verifiers[0], path, earlier))
    #expect(said.contains("head \(head) continues head \(kept.size)"))
    for size in 1...head {
      let path = try file("proof.json", try await proof(1, since: EarlierHead(position: size)))
      #expect(checked(first.verifiers[0], path) != nil, "head \(size)")
    }
    var other = EarlierHead(kept)
    other.digest = String(repeating: "0", count: 64)
    await #expect(throws: DaybookError.self) {
      try await journal.proofs.prove(head, since: other)
    }
  }

  @Test func `a key that was rotated is vouched for by the one before`() async throws {
    try await delivered()
    let first = try await journal.proofs.sign()
    let both = try await journal.proofs.rotateKey()
    let second = try await journal.proofs.sign()
    #expect(both.verifiers == [first.verifiers[0], second.verifiers[0]])
    let note = try file("both.note", both.note)
    #expect(checked(first.verifiers[0], note) != nil)
    #expect(checked(second.verifiers[0], note) != nil)
    #expect(checked(first.verifiers[0], try file("second.note", second.note)) == nil)
    // Whoever lost what was printed finds it beside the key.
    let notes = "\(folder.path)/daybook.journal.signing.notes"
    #expect(try String(contentsOfFile: notes, encoding: .utf8) == both.note + "\n")
    let third = try await journal.proofs.rotateKey()
    #expect(
      try String(contentsOfFile: notes, encoding: .utf8) == both.note + "\n" + third.note + "\n")
    let lock = try LockFile(path: notes)
    try #require(try lock.seize())
    await #expect(throws: DaybookError.self) { try await journal.proofs.rotateKey() }
    #expect(try await journal.proofs.sign().verifiers == [third.verifiers[1]])
  }

  @Test func `a note is held against the log whole`() async throws {
    try await delivered()
    let kept = try await journal.proofs.sign().checkpoint
    try await journal.proofs.check(EarlierHead(kept))
    let other = Checkpoint(
      journal: kept.journal, lineage: nil, size: kept.size,
      root: [UInt8](repeating: 1, count: 32), digest: kept.digest)
    let foreign = Checkpoint(
      journal: String(repeating: "0", count: 32), lineage: nil, size: kept.size, root: kept.root,
      digest: kept.digest)
    for wrong in [other, foreign] {
      await #expect(throws: DaybookError.self) {
        try await journal.proofs.check(EarlierHead(wrong))
      }
    }
  }

  @Test func `a key is for its owner alone, whatever stood in its way`() async throws {
    try await delivered()
    let key = "\(folder.path)/daybook.journal.signing.key"
    try #require(
      FileManager.default.createFile(
        atPath: key + ".new", contents: nil, attributes: [.posixPermissions: 0o666]))
    _ = try await journal.proofs.sign()
    let mode = try FileManager.default.attributesOfItem(atPath: key)[.posixPermissions]
    #expect(mode as? Int == 0o600)
    try FileManager.default.removeItem(atPath: key)
    // A pipe that nobody writes to is refused, and not waited for.
    try #require(mkfifo(key, 0o600) == 0)
    await #expect(throws: DaybookError.self) { try await journal.proofs.sign() }
  }

  @Test func `a key of another journal signs nothing`() async throws {
    try await delivered()
    _ = try await journal.proofs.sign()
    let other = try TestFolder()
    let elsewhere = try world.journal(in: other, retryWaits: [.seconds(1)])
    let name = "daybook.journal.signing.key"
    try FileManager.default.copyItem(
      atPath: "\(folder.path)/\(name)", toPath: "\(other.path)/\(name)")
    await #expect(throws: DaybookError.self) { try await elsewhere.proofs.sign() }
  }
}

extension Journal {
  /// The first event of a type.
  fileprivate func position(of type: String) async throws -> Int64? {
    var part = Selection()
    part.types = [type]
    return try await events.rows(part, limit: 1).first?["position"]?.integer
  }
}
