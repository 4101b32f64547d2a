import Events
import Foundation
import TestSupport
import Testing

@testable import EventStore

/// Bytes are removed for good, and the log says so.
@Suite struct ExpungeTests {
  private static let order = ExpungeOrder(.prune, selection: "items", reason: "old")

  private func payload(_ text: String, _ number: Int) -> Payload {
    var salt = [UInt8](repeating: 3, count: 16)
    (salt[0], salt[1]) = (UInt8(number & 255), UInt8(number >> 8))
    return Payload(Array(text.utf8), kind: .evidence, salt: salt)
  }

  private func observed(_ item: Payload) -> NewEvent {
    NewEvent(
      "feed/1",
      .changeObserved(
        ChangeObserved(
          feed: 1, instance: 1, resource: "r", kind: .created, object: item.name,
          revision: "1", dateMs: 1, polledAtMs: 1, item: item.name, bytes: item.bytesKept)))
  }

  private func chosen(_ items: [Payload], _ log: JournalWriter) async throws -> Expunging {
    var chosen = Expunging(head: try await log.currentHead().position)
    chosen.payloads[.items] = items.map(\.name)
    return chosen
  }

  @Test func `what is removed is told, and verify passes`() async throws {
    let folder = Folder()
    let log = try await plausible(folder)
    let (first, second) = (payload("one", 1), payload("two", 2))
    _ = try await log.append(
      AppendRequest([observed(first), observed(second)], payloads: [first, second], at: noon))
    let done = try await log.expunge(chosen([first], log), Self.order, at: noon)
    let position = try #require(done?.position)
    #expect(done?.body.items == [first.name] && done?.body.bytes == 3)
    let reader = try JournalReader(folder.journal)
    let verified = try await reader.verify()
    #expect(verified.problems == [])
    // The log of every type has one that removed nothing.
    #expect(verified.removals.last?.position == position)
    #expect(verified.removals.last?.payloads == 1 && verified.removals.last?.reason == "old")
    await #expect(throws: JournalError.noPayload(digest: first.name, expungedBy: position)) {
      _ = try await reader.read { snapshot throws(JournalError) in try snapshot.payload(first.name)
      }
    }
    let left = try await reader.read { snapshot throws(JournalError) in
      try snapshot.payload(second.name)
    }
    #expect(left == Array("two".utf8))
    #expect(try await log.expunge(chosen([first], log), Self.order, at: noon) == nil)
    // What is gone and was not removed is a problem as ever, and nobody else may remove.
    #expect(throws: (any Error).self) {
      try run("sqlite3", folder.journal, "DELETE FROM payloads")
    }
    _ = try run(
      "sqlite3", folder.journal,
      "DROP TRIGGER payloads_never_go; DELETE FROM payloads WHERE digest = x'\(second.name)'")
    let lost = try await Verification(of: folder.journal)
    #expect(lost.problems.count == 1 && lost.problems[0].contains(second.name))
  }

  @Test func `state stays, whoever names it`() async throws {
    let folder = Folder()
    let log = try folder.open()
    let state = Payload([1], kind: .state, salt: [UInt8](repeating: 1, count: 16))
    _ = try await log.append(AppendRequest([refused("a")], payloads: [state], at: noon))
    #expect(try await log.expunge(chosen([state], log), Self.order, at: noon) == nil)
  }

  @Test func `what went on meanwhile is chosen again`() async throws {
    let folder = Folder()
    let log = try folder.open()
    let item = payload("one", 1)
    let at = try await log.append(AppendRequest([observed(item)], payloads: [item], at: noon))
    var chosen = try await chosen([item], log)
    chosen.changes = [at.first]
    chosen.streams = ["authorization/a"]
    _ = try await log.append(AppendRequest([refused("b")], at: noon))
    _ = try await log.append(AppendRequest([refused("a")], at: noon))
    await #expect(throws: JournalError.conflict(stream: "authorization/a", expected: 0, actual: 1))
    {
      _ = try await log.expunge(chosen, Self.order, at: noon)
    }
  }

  @Test func `no byte of it is left in any file, however rows were moved`() async throws {
    let folder = Folder()
    let log = try folder.open()
    var number = 0
    var kept: [Payload] = []
    var gone: [String] = []
    for round in 0..<20 {
      let fresh = (0..<120).map { place -> Payload in
        number += 1
        let rest = String(
          repeating: "x", count: [5, 50, 400, 900, 3_000, 9_000][(place + round) % 6])
        return payload("CANARY\(1_000_000 + number)/" + rest, number)
      }
      _ = try await log.append(
        AppendRequest(fresh.map(observed), payloads: fresh, at: noon))
      kept += fresh
      // Every third and every fifth of what there is.
      let going = kept.indices.filter { ($0 + round) % 3 == 0 || $0 % 5 == round % 5 }
      let part = going.map { kept[$0] }
      _ = try await log.expunge(chosen(part, log), Self.order, at: noon)
      gone += part.map { String(decoding: $0.content.prefix(14), as: UTF8.self) }
      for place in going.reversed() { kept.remove(at: place) }
    }
    #expect(try await log.wipe(isRewritten: true))
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    let all = names.map { FileManager.default.contents(atPath: "\(folder.path)/\($0)") ?? Data() }
    let left = gone.filter { name in all.contains { $0.range(of: Data(name.utf8)) != nil } }
    #expect(left == [], "of \(gone.count)")
    #expect(try await Verification(of: folder.journal).problems == [])
    let rest = try #require(kept.first)
    let bytes = try await JournalReader(folder.journal).read { snapshot throws(JournalError) in
      try snapshot.payload(rest.name)
    }
    #expect(bytes == rest.content)
  }

  @Test func `a reader in the way is told`() async throws {
    let folder = Folder()
    let log = try folder.open()
    let reader = try Connection(path: folder.journal, access: .readOnly)
    try reader.execute("BEGIN")
    _ = try reader.integer("SELECT count(*) FROM events")
    _ = try await log.append(AppendRequest([refused("a")], at: noon))
    #expect(try await !log.wipe(isRewritten: false))
    try reader.execute("COMMIT")
    #expect(try await log.wipe(isRewritten: false))
  }
}

extension Verification {
  /// The findings in a journal, by a reader of its own.
  fileprivate init(of path: String) async throws {
    let reader: JournalReader
    do {
      reader = try JournalReader(path)
    } catch {
      // Somebody took a trigger away; the log itself is walked all the same.
      _ = try run("sqlite3", path, SQL.schemaPayloads.triggerThatNeverGoes)
      reader = try JournalReader(path)
    }
    self = try await reader.verify()
  }
}

extension String {
  /// The text of the trigger that refuses to delete payloads.
  fileprivate var triggerThatNeverGoes: String {
    let start = range(of: "CREATE TRIGGER payloads_never_go")?.lowerBound ?? startIndex
    let end = self[start...].range(of: "END;")?.upperBound ?? endIndex
    return String(self[start..<end])
  }
}
