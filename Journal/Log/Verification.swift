import Events

/// What a walk through the whole journal found.
package struct Verification: Sendable, Equatable {
  package var events: Int64
  package var head: Int64
  /// The digest of the head, hexadecimal.
  package var digest: String
  /// One sentence each, at most a hundred.
  package var problems: [String]
}

extension LogReader {
  /// Walks the chain and every invariant that the log itself must keep.
  ///
  /// - Parameter head: A position and digest kept elsewhere, to be found again in this journal.
  /// - Throws: `stopped` where the task was cancelled.
  package func verify(
    against head: (position: Int64, digest: String)? = nil,
    progress: @Sendable (Int64) -> Void = { _ in }
  ) async throws(LogError) -> Verification {
    var walk = ChainWalk(expected: head)
    while true {
      let rows = try connection.events(after: walk.position, limit: Bounds.pageRows)
      if rows.isEmpty { break }
      for row in rows { walk.step(row) }
      try checkNamed(rows, &walk)
      progress(walk.position)
      if Task.isCancelled { throw .stopped }
      await Task.yield()
    }
    walk.finish()
    try checkOrder(&walk)
    try await checkPayloads(&walk)
    return Verification(
      events: walk.position, head: walk.position, digest: hexadecimal(walk.digest),
      problems: walk.problems)
  }

  private func checkOrder(_ walk: inout ChainWalk) throws(LogError) {
    let integrity = try connection.statement("PRAGMA quick_check(10)")
    while try integrity.step() {
      if integrity.text(0) != "ok" { walk.note("SQLite: \(integrity.text(0))") }
    }
    let streams = try connection.statement(SQL.sumStreams)
    while try streams.step() { walk.note("\(streams.text(0)): its versions have a gap") }
    for position in try connection.integers(SQL.findLostCauses) {
      walk.note("event \(position): its cause does not precede it")
    }
    for position in try connection.integers(SQL.findOutcomesWithoutAttempt) {
      walk.note("event \(position): an outcome without the attempt before it")
    }
  }

  /// Looks for the bytes that events name.
  private func checkNamed(_ rows: [Recorded], _ walk: inout ChainWalk) throws(LogError) {
    var events: [String: Int64] = [:]
    for row in rows {
      // One that cannot be read was noted.
      for digest in (try? row.event())?.payloads ?? [] { events[digest] = row.position }
    }
    let query = try connection.statement(SQL.findLostPayloads)
    defer { query.reset() }
    try query.bind("digests", .text(JSONBody.array(Array(events.keys))))
    var lost: [(position: Int64, digest: String)] = []
    while try query.step() { lost.append((events[query.text(0)] ?? 0, query.text(0))) }
    for found in lost.sorted(by: { $0 < $1 }) {
      walk.note("event \(found.position): the bytes with digest \(found.digest) are not kept")
    }
  }

  private func checkPayloads(_ walk: inout ChainWalk) async throws(LogError) {
    var after: Int64 = 0
    while true {
      let query = try connection.statement(SQL.listPayloads)
      try query.bind("after", .integer(after))
      try query.bind("limit", .integer(100))
      var digests: [[UInt8]] = []
      while try query.step() {
        after = query.integer(0)
        digests.append(query.bytes(1))
      }
      query.reset()
      if digests.isEmpty { return }
      for digest in digests {
        do {
          _ = try connection.payload(digest)
        } catch .alteredPayload(let name) {
          walk.note("payload \(name): its bytes are not the original")
        } catch .noPayload(let name) {
          walk.note("payload \(hexadecimal(digest)): a recipe over \(name), which is not kept")
        }
      }
      await Task.yield()
    }
  }
}

/// The walk along the chain, row by row.
private struct ChainWalk {
  var position: Int64 = 0
  var digest = Chain.start
  private var link = Chain.Link()
  var problems: [String] = []
  private var recordedAt = Moment(milliseconds: .min)
  private let expected: (position: Int64, digest: String)?
  private var wasMet = false

  init(expected: (position: Int64, digest: String)?) { self.expected = expected }

  mutating func note(_ problem: String) {
    if problems.count < 100 { problems.append(problem) }
  }

  mutating func step(_ row: Recorded) {
    if row.position != position + 1 { note("event \(row.position): a gap before it") }
    if row.recordedAt < recordedAt { note("event \(row.position): time steps back") }
    link.write(row, after: digest)
    if link.digest != row.digest {
      note("event \(row.position): its digest does not follow from the event before it")
    }
    do {
      _ = try row.event()
    } catch {
      note("event \(row.position): \(error)")
    }
    position = row.position
    recordedAt = row.recordedAt
    digest = row.digest
    guard let expected, expected.position == position else { return }
    wasMet = true
    let found = hexadecimal(digest)
    if found != expected.digest.lowercased() {
      note("event \(position): its digest is \(found), not the one given with --head")
    }
  }

  mutating func finish() {
    if let expected, !wasMet {
      note("there is no event \(expected.position): the journal ends at \(position)")
    }
  }
}

extension Event {
  /// The digests of the payloads that it names.
  fileprivate var payloads: [String] {
    switch self {
    case .pollCompleted(let body): body.manifests + body.evidence
    case .pollFailed(let body): body.answer.map { [$0] } ?? []
    case .pollDiscarded(let body): body.evidence
    case .changeObserved(let body): body.item.map { [$0] } ?? []
    case .deliveryRequested(let body): [body.body]
    case .deliveryAttempted(let body): body.request.map { [$0] } ?? []
    case .deliverySucceeded(let body): body.response.map { [$0] } ?? []
    case .deliveryFailed(let body): body.response.map { [$0] } ?? []
    case .replayRequested(let body): body.selected
    default: []
    }
  }
}
