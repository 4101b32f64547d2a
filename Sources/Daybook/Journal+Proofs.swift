import Domain
import Engine
import EventStore
public import Events
import RawJSON

extension Journal {
  /// Signed heads, and proofs that an event stands under one.
  public struct Proofs: Sendable {
    let journal: Journal

    /// The head: position, recordedAt, digest, the name of the journal, and its lineage where it
    /// was restored.
    public func head() async throws(DaybookError) -> Row {
      try await translated {
        let event = try await last()
        return [
          "position": .integer(event.position), "recordedAt": .moment(event.recordedAt),
          "digest": .hex(hexadecimal(event.digest)), "journal": .hex(try await name()),
          "lineage": try await lineage().map(Field.hex) ?? .null,
        ]
      }
    }

    /// Signs the head, with a key that is made on first use beside the journal.
    public func sign() async throws(DaybookError) -> SignedHead {
      try await translated {
        let (checkpoint, _) = try await checkpoint()
        return try signed(checkpoint, by: [key(of: checkpoint)])
      }
    }

    /// Makes another key, and signs the head with both: who has the public half of the first learns
    /// that of the second by it. From then on the second signs alone. In a journal that was
    /// restored the first may be its original’s.
    ///
    /// The note is kept in `<journal>.signing.notes` before the key is in force.
    ///
    /// - Throws: `busy` where another process rotates it now.
    public func rotateKey() async throws(DaybookError) -> SignedHead {
      try await translated {
        let (checkpoint, _) = try await checkpoint()
        try checkWritable()
        let notes = JournalPath.followed(journal.path) + ".signing.notes"
        let lock = try LockFile(path: notes)
        guard try lock.seize() else { throw JournalError.busy(path: notes) }
        defer { lock.release() }
        let first = try key(of: checkpoint, takesOriginals: true)
        let second = SigningKey(
          name: checkpoint.name, seed: journal.access.world.bytes(32))
        let signed = try signed(checkpoint, by: [first, second])
        try KeyFile.append(signed.note + "\n", to: notes)
        try KeyFile.replace(keyFile, with: second.line)
        return signed
      }
    }

    /// Holds the log against a checkpoint that was kept: whose it is, and the root of the tree over
    /// all events until then. Its signature is checked by whoever has the public key.
    ///
    /// - Throws: `refused` where the log is another one, ends before it, or does not continue it.
    public func check(_ earlier: EarlierHead) async throws(DaybookError) {
      try await translated {
        let (checkpoint, blocks) = try await checkpoint()
        let reader = try await journal.reader(isCaughtUp: false)
        _ = try await self.earlier(earlier, checkpoint, blocks, reader)
      }
    }

    /// Shows that an event stands in the log under its signed head, and where it is of a delivery
    /// the bytes of the notification, of the request and of the answer; nothing else of the log.
    ///
    /// - Parameters:
    ///   - earlier: A head that this one has to continue, which is shown too.
    ///   - hasBytes: False where the digests of payloads are to be enough.
    /// - Returns: `proof, journal, position, checkpoint, verifier, events, earlier`; docs/proofs.md
    ///   has the form.
    /// - Throws: `refused` where there is no such event, or where the log does not continue the
    ///   earlier head.
    public func prove(
      _ position: Int64, since earlier: EarlierHead? = nil, hasBytes: Bool = true
    ) async throws(DaybookError) -> Row {
      try await translated {
        let reader = try await journal.reader(isCaughtUp: false)
        let rows = try await events(for: position, reader)
        let (checkpoint, blocks) = try await checkpoint()
        guard position <= checkpoint.size else { throw Self.missing(position) }
        let signed = try signed(checkpoint, by: [key(of: checkpoint)])
        var events: [String] = []
        for row in rows {
          let path = MerkleTree.inclusion(
            of: Int(row.position) - 1, in: 0..<Int(checkpoint.size))
          events.append(
            try await ProvenEvent(row, reader: reader, hasBytes: hasBytes)
              .json(path: try await reader.hashes(of: path, in: blocks)))
        }
        var continued = Field.null
        if let earlier {
          continued = .json(try await self.earlier(earlier, checkpoint, blocks, reader))
        }
        return [
          "proof": .integer(1), "journal": .hex(checkpoint.journal),
          "position": .integer(position), "checkpoint": .text(signed.note),
          "verifier": .text(signed.verifiers[0]),
          "events": .json("[\(events.joined(separator: ","))]"), "earlier": continued,
        ]
      }
    }
  }

  /// Signed heads, and proofs of single facts.
  public var proofs: Proofs { Proofs(journal: self) }
}

/// A head that somebody noted earlier.
public struct EarlierHead: Sendable, Equatable {
  /// The position of its event.
  public var position: Int64
  /// The digest of that event in hexadecimal digits, where it was noted.
  public var digest: String?
  /// The root of the tree then, and the journal’s name, where a checkpoint was kept.
  public var checkpoint: Checkpoint?

  /// A head by its position, and the digest where it was noted.
  public init(position: Int64, digest: String? = nil) {
    (self.position, self.digest) = (position, digest)
  }

  /// The head that a checkpoint tells of.
  public init(_ checkpoint: Checkpoint) {
    (position, digest) = (checkpoint.size, checkpoint.digest)
    self.checkpoint = checkpoint
  }
}

extension Journal.Proofs {
  private static func missing(_ position: Int64) -> Refusal {
    Refusal(.notFound(.event), "there is no event \(position)")
  }

  private func event(_ position: Int64) async throws -> RecordedEvent {
    let found = try await journal.reader(isCaughtUp: false).read { snapshot throws(JournalError) in
      try snapshot.event(at: position)
    }
    guard let found else { throw Self.missing(position) }
    return found
  }

  /// The last event as of where the journal stands.
  private func last() async throws -> RecordedEvent {
    if let asOf = journal.asOf { return try await event(asOf) }
    let head = try await journal.reader(isCaughtUp: false).read { snapshot throws(JournalError) in
      try snapshot.head()
    }
    return try await event(head.position)
  }

  private func name() async throws -> String {
    guard case .journalCreated(let created) = try await event(1).event() else {
      throw JournalError.damaged(path: journal.path, why: "it does not begin with its name")
    }
    return created.journal
  }

  /// The lineage at an event; nil for an original.
  private func lineage(until position: Int64? = nil) async throws -> String? {
    let position = position ?? journal.asOf ?? .max
    return try await journal.reader(isCaughtUp: false).read { snapshot throws(JournalError) in
      try snapshot.lineage(until: position)
    }?.restored.lineage
  }

  private func checkpoint() async throws -> (Checkpoint, MerkleBlocks) {
    let reader = try await journal.reader(isCaughtUp: false)
    let last = try await last()
    let blocks = try await reader.tree(of: last.position)
    let root = try await reader.hashes(of: [0..<Int(last.position)], in: blocks)[0]
    let checkpoint = Checkpoint(
      journal: try await name(), lineage: try await lineage(until: last.position),
      size: last.position, root: root, digest: hexadecimal(last.digest))
    return (checkpoint, blocks)
  }

  private func signed(_ checkpoint: Checkpoint, by keys: [SigningKey]) throws -> SignedHead {
    SignedHead(
      checkpoint: checkpoint,
      note: checkpoint.text + "\n" + keys.map { $0.signature(of: checkpoint.text) }.joined(),
      verifiers: keys.map(\.verifier))
  }

  // MARK: The key

  /// Beside the journal, whose name is in it: a sealing key may be shared by several.
  private var keyFile: String { JournalPath.followed(journal.path) + ".signing.key" }

  private func checkWritable() throws(Refusal) {
    if journal.access.isReadOnly {
      throw Refusal(.readOnly, "the journal was opened to be read, and this makes a key")
    }
  }

  /// - Parameter takesOriginals: True where the key of the lineage before will do.
  private func key(of checkpoint: Checkpoint, takesOriginals: Bool = false) throws -> SigningKey {
    let fresh = SigningKey(name: checkpoint.name, seed: journal.access.world.bytes(32)).line
    let line = try KeyFile.read(keyFile, fresh: journal.access.isReadOnly ? nil : fresh)
    guard let line else {
      try checkWritable()
      preconditionFailure("a key that was to be made is not there")
    }
    guard let key = SigningKey(line: line) else {
      throw JournalError.key(path: keyFile, why: "it holds no signing key")
    }
    if key.verifier.hasPrefix("\(checkpoint.name)+") { return key }
    let original = Checkpoint.name(checkpoint.journal, nil)
    guard ["+", "/"].contains(where: { key.verifier.hasPrefix(original + $0) }) else {
      throw JournalError.key(path: keyFile, why: "it is the signing key of another journal")
    }
    guard takesOriginals else {
      throw JournalError.key(
        path: keyFile,
        why: "it signs for another copy of this journal, from before one was restored;"
          + " `head` that rotates the key makes one of its own, and signs once with both")
    }
    return key
  }

  // MARK: Proofs

  /// The event, and before it what its delivery needs to be understood: the request for it with
  /// its body, and the attempt that it is the outcome of.
  private func events(
    for position: Int64, _ reader: JournalReader
  ) async throws -> [RecordedEvent] {
    if let asOf = journal.asOf, position > asOf { throw Self.missing(position) }
    let row = try await event(position)
    guard row.type.hasPrefix("delivery.") else { return [row] }
    let before = try await reader.read { snapshot throws(JournalError) in
      try snapshot.events(of: row.stream)
    }
    return before.filter {
      $0.position == position
        || $0.type == DeliveryRequested.type && $0.version == 1 && $0.position < position
        || $0.type == DeliveryAttempted.type && $0.position == row.cause
    }
  }

  private func earlier(
    _ earlier: EarlierHead, _ checkpoint: Checkpoint, _ blocks: MerkleBlocks,
    _ reader: JournalReader
  ) async throws -> String {
    guard 1...checkpoint.size ~= earlier.position else {
      throw Refusal(
        .notFound(.event),
        "the earlier head is \(earlier.position), and the log ends at \(checkpoint.size)")
    }
    if let journal = earlier.checkpoint?.journal, journal != checkpoint.journal {
      throw Refusal(.conflict, "the earlier head is of another journal, \(journal)")
    }
    if let kept = earlier.checkpoint, kept.lineage != (try await lineage(until: kept.size)) {
      throw Refusal(
        .conflict,
        "the earlier head is of another copy of the journal, which was restored by itself")
    }
    let size = Int(earlier.position)
    let root = try await reader.hashes(of: [0..<size], in: blocks)[0]
    let digest = hexadecimal(try await event(earlier.position).digest)
    guard earlier.digest?.lowercased() ?? digest == digest,
      earlier.checkpoint?.root ?? root == root
    else {
      throw Refusal(
        .conflict,
        "the log does not continue the earlier head: event \(earlier.position) has another digest")
    }
    let path = MerkleTree.consistency(from: size, to: Int(checkpoint.size))
    let hashes = try await reader.hashes(of: path, in: blocks)
    return Row.text(of: [
      "size": .integer(Int64(size)), "root": .text(base64(root)), "digest": .hex(digest),
      "path": .json(ProvenEvent.list(hashes)),
    ])
  }
}

/// One event as a proof shows it: every column that its digest covers, and the digest before it.
private struct ProvenEvent {
  private let row: RecordedEvent
  private let previous: [UInt8]
  private let payloads: [String]

  init(_ row: RecordedEvent, reader: JournalReader, hasBytes: Bool) async throws {
    self.row = row
    let (previous, kept) = try await reader.read { snapshot throws(JournalError) in
      let names = hasBytes ? try row.event().payloads : []
      var kept: [KeptPayload] = []
      for name in names {
        if let payload = try snapshot.keptPayload(name) { kept.append(payload) }
      }
      return (try snapshot.event(at: row.position - 1)?.digest, kept)
    }
    self.previous = previous ?? [UInt8](repeating: 0, count: 32)
    payloads = kept.map {
      Row.text(of: [
        "digest": .hex(hexadecimal($0.digest)), "salt": .hex(hexadecimal($0.salt)),
        "bytes": .text(base64($0.bytes)),
      ])
    }
  }

  func json(path: [[UInt8]]) -> String {
    Row.text(of: [
      "position": .integer(row.position), "stream": .text(row.stream.text),
      "version": .integer(row.version), "type": .text(row.type),
      "revision": .integer(Int64(row.revision)),
      "recordedAtMs": .integer(row.recordedAt.milliseconds),
      "cause": row.cause.map(Field.integer) ?? .null, "key": row.key.map(Field.text) ?? .null,
      // The text as it stands: the digest covers its bytes.
      "body": .text(row.body), "previous": .hex(hexadecimal(previous)),
      "path": .json(Self.list(path)),
      "payloads": .json("[\(payloads.joined(separator: ","))]"),
    ])
  }

  static func list(_ hashes: [[UInt8]]) -> String {
    "[\(hashes.map { quoted(base64($0)) }.joined(separator: ","))]"
  }
}

extension Row {
  fileprivate static func text(of row: Row) -> String { String(decoding: row.json, as: UTF8.self) }
}
