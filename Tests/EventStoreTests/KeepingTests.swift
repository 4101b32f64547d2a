import Events
import Foundation
import TestSupport
import Testing

@testable import EventStore

private let salt = [UInt8](repeating: 3, count: 16)

extension JournalWriter {
  /// Stands in for a disk that is full.
  func limitPages(to count: Int) throws {
    _ = try connection.integer("PRAGMA max_page_count = \(count)")
  }
}

@Suite struct SecretTests {
  private let seal = Seal(key: [UInt8](repeating: 9, count: 32), journal: "00")

  @Test func `a sealed secret opens only where it was put`() {
    let sealed = seal.close("s3cret", owner: "instance/1", name: "oauth.api.secret")
    #expect(seal.open(sealed, owner: "instance/1", name: "oauth.api.secret") == "s3cret")
    #expect(seal.open(sealed, owner: "instance/2", name: "oauth.api.secret") == nil)
    #expect(seal.open(sealed, owner: "instance/1", name: "other") == nil)
    let other = Seal(key: [UInt8](repeating: 8, count: 32), journal: "00")
    #expect(other.open(sealed, owner: "instance/1", name: "oauth.api.secret") == nil)
    #expect(seal.open([1, 2, 3], owner: "instance/1", name: "other") == nil)
  }

  @Test func `a key file is made once and readable by its owner alone`() throws {
    let folder = Folder()
    let path = folder.path + "/key"
    let fresh = [UInt8](repeating: 5, count: 32)
    #expect(try Seal.readKey(path, fresh: fresh) == fresh)
    #expect(try Seal.readKey(path, fresh: [UInt8](repeating: 6, count: 32)) == fresh)
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    #expect(!FileManager.default.fileExists(atPath: path + ".new"))
    try Data("short".utf8).write(to: URL(filePath: path))
    #expect(throws: JournalError.self) { _ = try Seal.readKey(path, fresh: fresh) }
  }

  @Test func `whoever makes a key at once has the same`() async throws {
    let folder = Folder()
    for round in 0..<20 {
      let path = folder.path + "/key\(round)"
      let keys = try await withThrowingTaskGroup(of: [UInt8]?.self) { group in
        for maker in 0..<4 {
          group.addTask {
            try Seal.readKey(path, fresh: [UInt8](repeating: UInt8(maker), count: 32))
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(Set(keys).count == 1)
      #expect(try Seal.readKey(path, fresh: nil) == keys[0])
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 20)
  }

  @Test func `secrets go in and out with an append`() async throws {
    let folder = Folder()
    let log = try folder.open()
    let sealed = seal.close("t0ken", owner: "instance/1", name: "token")
    let hash = Seal.hash("t0ken")
    _ = try await log.append(
      AppendRequest(
        [refused("a")],
        secrets: [
          .put(owner: "instance/1", name: "token", sealed: sealed, hash: hash, expiresAt: noon)
        ], at: noon))
    let reader = try JournalReader(folder.journal)
    let found = try await reader.read { snapshot throws(JournalError) in
      try snapshot.secrets(of: "instance/1")
    }
    #expect(found == ["token": SealedSecret(sealed: sealed, expiresAt: noon)])
    let owner = try await reader.read { snapshot throws(JournalError) in
      try snapshot.instance(holding: hash)
    }
    #expect(owner == "instance/1")
    _ = try await log.append(
      AppendRequest([refused("a")], secrets: [.drop(owner: "instance/1", name: nil)], at: noon))
    let left = try await reader.read { snapshot throws(JournalError) in
      try snapshot.secrets(of: "instance/1")
    }
    #expect(left.isEmpty)
    let bytes = try #require(FileManager.default.contents(atPath: folder.journal + "-wal"))
    #expect(bytes.range(of: Data("t0ken".utf8)) == nil)
  }
}

@Suite struct PayloadTests {
  @Test func `a recipe gives back the exact bytes`() async throws {
    let folder = Folder()
    let log = try folder.open()
    let item = Payload(Array(#"{"id":"ä"}"#.utf8), kind: .evidence, salt: salt)
    let whole = Array(#"[{"id":"ä"},1]"#.utf8)
    let recipe = Payload(
      recipe: [.text([91]), .payload(digest: item.digest), .text(Array(",1]".utf8))],
      whole: whole, salt: salt)
    _ = try await log.append(AppendRequest([refused("a")], payloads: [item, recipe], at: noon))
    let reader = try JournalReader(folder.journal)
    let bytes = try await reader.read { snapshot throws(JournalError) in
      try snapshot.payload(recipe.name)
    }
    #expect(bytes == whole)
    #expect(recipe.bytesKept < whole.count + 120)
  }

  @Test func `altered and missing bytes are told apart`() async throws {
    let folder = Folder()
    let log = try folder.open()
    let item = Payload([1, 2, 3], kind: .evidence, salt: salt)
    let gone = String(repeating: "ab", count: 32)
    let recipe = Payload(
      recipe: [.payload(digest: [UInt8](repeating: 0xab, count: 32))], whole: [1], salt: salt)
    _ = try await log.append(AppendRequest([refused("a")], payloads: [item, recipe], at: noon))
    _ = try run(
      "sqlite3", folder.journal,
      "DROP TRIGGER payloads_never_change; UPDATE payloads SET content = x'010204' WHERE form = 'bytes';"
    )
    let connection = try Connection(path: folder.journal, access: .readOnly)
    #expect(throws: JournalError.alteredPayload(digest: item.name)) {
      _ = try connection.payload(item.digest)
    }
    #expect(throws: JournalError.noPayload(digest: gone)) {
      _ = try connection.payload(recipe.digest)
    }
  }

  @Test func `staged payloads move with the append that tells of them`() async throws {
    let folder = Folder()
    let log = try folder.open()
    let kept = Payload([1], kind: .state, salt: salt)
    let lost = Payload([2], kind: .state, salt: salt)
    try await log.keep(Staging(pollID: 2, payloads: [kept]))
    try await log.keep(Staging(pollID: 4, payloads: [lost]))
    await #expect(throws: JournalError.stagingLost(path: folder.journal)) {
      try await log.append(AppendRequest([refused("a")], pollID: 2, stagedCount: 2, at: noon))
    }
    _ = try await log.append(AppendRequest([refused("a")], pollID: 2, stagedCount: 1, at: noon))
    try await log.dropStaging(pollID: 4)
    let reader = try JournalReader(folder.journal)
    let bytes = try await reader.read { snapshot throws(JournalError) in
      try snapshot.payload(kept.name)
    }
    #expect(bytes == [1])
    await #expect(throws: JournalError.noPayload(digest: lost.name)) {
      _ = try await reader.read { snapshot throws(JournalError) in try snapshot.payload(lost.name) }
    }
    let left = try run("sqlite3", folder.journal, "SELECT count(*) FROM staged")
    #expect(String(decoding: left, as: UTF8.self) == "0\n")
  }

  @Test func `what a poll has kept is gone on with, or forgotten`() async throws {
    let folder = Folder()
    let log = try await plausible(folder)
    let reader = try JournalReader(folder.journal)
    let row = try #require(
      try await reader.read { snapshot throws(JournalError) in try snapshot.feed(1) })
    func keep(_ pollID: Int64, feed: FeedID?, moved: Int64) async throws {
      let seenObjects = [
        Staging.SeenObject(object: "m1"), Staging.SeenObject(object: "m1", label: 5),
        Staging.SeenObject(object: "m1", label: 7), Staging.SeenObject(object: "m1", label: 7),
        Staging.SeenObject(object: "m2", isSecond: true),
      ]
      let progress = Staging.Progress(feed: feed, moved: moved, keptAt: noon, state: "{}")
      try await log.keep(
        Staging(
          pollID: pollID, payloads: [Payload([1], kind: .state, salt: salt)],
          seenObjects: seenObjects, progress: progress))
    }
    func staged() throws -> String {
      let texts = try run(
        "sqlite3", folder.journal,
        "SELECT group_concat(ticket) FROM (SELECT DISTINCT ticket FROM staged ORDER BY 1)")
      return String(decoding: texts, as: UTF8.self)
    }
    try await keep(2, feed: 1, moved: row.moved)
    try await keep(4, feed: 1, moved: row.moved - 1)
    try await keep(6, feed: nil, moved: 0)
    try await log.keep(Staging(pollID: 8, payloads: [Payload([1], kind: .state, salt: salt)]))
    #expect(try staged() == "2,4,6,8\n")
    try await log.dropLostStaging(before: noon)
    #expect(try staged() == "2,6\n")
    let (kept, seen) = try await reader.read { snapshot throws(JournalError) in
      (
        try snapshot.progress(of: 1, moved: row.moved)?.pollID,
        try snapshot.sighted(pollID: 2, after: "", limit: 9)
      )
    }
    #expect(kept == 2)
    #expect(seen.map(\.object) == ["m1"] && seen.map(\.labels) == [12])
    try await log.dropLostStaging(before: noon + .seconds(1))
    #expect(try staged() == "\n")
  }

  @Test func `a rebuild needs no evidence`() async throws {
    let folder = Folder()
    _ = try await plausible(folder)
    _ = try run(
      "sqlite3", folder.journal,
      "DROP TRIGGER payloads_never_go; DELETE FROM payloads WHERE kind = 'evidence';"
        + " CREATE TRIGGER payloads_never_go BEFORE DELETE ON payloads\nBEGIN\n"
        + "  SELECT RAISE(ABORT, 'payloads: bytes are not deleted');\nEND;")
    #expect(try await JournalReader(folder.journal).checkRebuild() == [])
  }
}

@Suite struct CheckpointTests {
  @Test func `a reader in the way does not hold a checkpoint up`() async throws {
    let folder = Folder()
    let log = try await plausible(folder)
    let reader = try Connection(path: folder.journal, access: .readOnly)
    try reader.execute("BEGIN")
    _ = try reader.integer("SELECT count(*) FROM events")
    _ = try await log.append(AppendRequest([refused("a")], at: noon))
    // A checkpoint that waited for this reader would never end: it is done in front of the reader's
    // end.
    try await log.checkpoint()
    try reader.execute("COMMIT")
    _ = try await log.append(AppendRequest([refused("a")], at: noon))
    try await log.checkpoint()
    let size = try FileManager.default.attributesOfItem(atPath: folder.journal + "-wal")[.size]
    #expect(size as? Int == 0)
    #expect(try await JournalReader(folder.journal).verify().problems == [])
  }
}
