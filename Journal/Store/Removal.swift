package import Events

/// Bytes that were removed on purpose, as `payload.expunged` has it; events that follow each other
/// and say the same are one.
package struct Removal: Sendable, Equatable {
  /// The position of the first.
  package var position: Int64
  package var recordedAt: Moment
  package var askedBy: String
  package var selection: String
  package var reason: String?
  package var payloads: Int
  package var bytes: Int64

  fileprivate init(_ row: RecordedEvent, _ body: PayloadExpunged) {
    position = row.position
    recordedAt = row.recordedAt
    askedBy = body.askedBy.stored
    selection = body.selection
    reason = body.reason
    payloads = body.digests.count
    bytes = body.bytes
  }

  /// Takes another in where it says the same.
  fileprivate mutating func join(_ other: Removal) -> Bool {
    guard askedBy == other.askedBy, selection == other.selection, reason == other.reason else {
      return false
    }
    payloads += other.payloads
    bytes += other.bytes
    return true
  }
}

/// Digests of all that was removed, to be looked up: 24 bytes each and what a table takes.
struct RemovedPayloads: Sendable {
  /// Halves of digests, which are hashes: as good as the whole among what this file names.
  private var positions: [UInt128: Int64] = [:]
  private(set) var removals: [Removal] = []

  init(in snapshot: JournalSnapshot) throws(JournalError) {
    let query = try snapshot.query(SQL.listExpunged)
    defer { query.reset() }
    while try query.step() {
      let row = RecordedEvent(query)
      // One that cannot be read is a problem of its own.
      guard case .payloadExpunged(let body)? = try? row.event() else { continue }
      let removal = Removal(row, body)
      if removals.isEmpty || !removals[removals.count - 1].join(removal) {
        removals.append(removal)
      }
      for name in body.digests { if let half = Self.half(name) { positions[half] = row.position } }
    }
  }

  /// The event that removed a payload.
  func expunger(of digest: String) -> Int64? { Self.half(digest).flatMap { positions[$0] } }

  private static func half(_ digest: String) -> UInt128? { UInt128(digest.prefix(32), radix: 16) }
}
