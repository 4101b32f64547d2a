import Events

/// The findings of a walk through the whole journal.
package struct Verification: Sendable, Equatable {
  package var events: Int64
  package var head: Int64
  /// The digest of the head, hexadecimal.
  package var digest: String
  /// One sentence each, at most a hundred.
  package var problems: [String]
  /// Bytes that were removed on purpose, in the order of the log.
  package var removals: [Removal]
}

extension JournalReader {
  /// Walks the chain and every invariant that the log itself must keep.
  ///
  /// Payloads are hashed on another core meanwhile. Memory does not grow with the journal.
  ///
  /// - Parameter head: A position and digest kept elsewhere, to be found again in this journal.
  /// - Throws: `stopped` where the task was cancelled.
  package func verify(
    against head: (position: Int64, digest: String)? = nil,
    progress: @Sendable (Int64) -> Void = { _ in }
  ) async throws(JournalError) -> Verification {
    let other = try JournalReader(path, mode: mode, executor: brought)
    let removed = try view { snapshot throws(JournalError) in try RemovedPayloads(in: snapshot) }
    async let hashed = other.checkPayloads(without: removed)
    var walk = ChainWalk(expected: head)
    try connection.map(0)
    // The index of digests is asked for every payload named, at random.
    try connection.keepPages(kilobytes: Bounds.verifyingCacheKilobytes)
    defer {
      if isMapped { try? connection.map(JournalReader.mappedBytes) }
      try? connection.keepPages(kilobytes: Bounds.cacheKilobytes)
    }
    while try checkPage(&walk, removed) {
      progress(walk.position)
      if Task.isCancelled { throw .stopped }
      await Task.yield()
    }
    walk.finish()
    try checkOrder(&walk)
    for problem in try await hashed.get() { walk.note(problem) }
    return Verification(
      events: walk.position, head: walk.position, digest: hexadecimal(walk.digest),
      problems: walk.problems, removals: removed.removals)
  }

  /// A page of the log, over one view of the file; false where there is no more.
  private func checkPage(
    _ walk: inout ChainWalk, _ removed: RemovedPayloads
  ) throws(JournalError) -> Bool {
    try connection.snapshot { () throws(JournalError) in
      try refresh()
      let after = walk.position
      let query = try connection.statement(SQL.loadAfter)
      defer { query.reset() }
      try query.bind("after", .integer(after))
      try query.bind("limit", .integer(Int64(Bounds.pageRows)))
      var lost: [String: Int64] = [:]
      while try query.step() {
        let names = walk.step(query)
        try checkAttempt(query, &walk)
        for name in names where try !isKept(name) {
          if let position = removed.expunger(of: name), position > walk.position { continue }
          lost[name] = walk.position
        }
      }
      // After what is wrong with the rows themselves, and each once.
      for (name, position) in lost.sorted(by: { ($0.value, $0.key) < ($1.value, $1.key) }) {
        walk.note("event \(position): the bytes with digest \(name) are not kept")
      }
      return walk.position > after
    }
  }

  /// An outcome follows its attempt in its stream.
  private func checkAttempt(_ row: Statement, _ walk: inout ChainWalk) throws(JournalError) {
    guard walk.isOutcome else { return }
    let query = try connection.statement(SQL.typeOfVersion)
    defer { query.reset() }
    query.bind(1, textThere: row.there(1))
    query.bind(2, row.integer(2) - 1)
    if try query.step(), query.holds(0, "delivery.attempted") { return }
    walk.note("event \(walk.position): an outcome without the attempt before it")
  }

  private func isKept(_ name: String) throws(JournalError) -> Bool {
    guard let digest = bytesOf(hexadecimal: name) else { return false }
    let query = try connection.statement(SQL.hasPayload)
    let found: Result<Bool, JournalError> = digest.withUnsafeBytes { bytes in
      defer { query.reset() }
      query.bind(1, blobThere: bytes)
      return Result { () throws(JournalError) in try query.step() }
    }
    return try found.get()
  }

  private func checkOrder(_ walk: inout ChainWalk) throws(JournalError) {
    let integrity = try connection.statement("PRAGMA quick_check(10)")
    while try integrity.step() {
      if integrity.text(0) != "ok" { walk.note("SQLite: \(integrity.text(0))") }
    }
    let streams = try connection.statement(SQL.sumStreams)
    while try streams.step() { walk.note("\(streams.text(0)): its versions have a gap") }
  }
}

/// The walk along the chain, row by row.
private struct ChainWalk {
  private(set) var position: Int64 = 0
  private(set) var digest = Chain.start
  private(set) var problems: [String] = []
  /// True where the row just seen says how an attempt ended.
  private(set) var isOutcome = false
  private var link = Chain.Link()
  private var recordedAtMs = Int64.min
  private let expected: (position: Int64, digest: String)?
  private var wasMet = false
  private static let outcomes = Set(
    ["delivery.succeeded", "delivery.failed", "delivery.unknown"].compactMap {
      EventTypes.names.firstIndex(of: $0)
    })

  init(expected: (position: Int64, digest: String)?) { self.expected = expected }

  mutating func note(_ problem: String) {
    if problems.count < 100 { problems.append(problem) }
  }

  /// - Returns: The digests of the payloads that the event names.
  mutating func step(_ row: Statement) -> [String] {
    let now = row.integer(0)
    if now != position + 1 { note("event \(now): a gap before it") }
    if row.integer(5) < recordedAtMs { note("event \(now): time steps back") }
    if let cause = row.optionalInteger(6), cause >= now || cause < 1 {
      note("event \(now): its cause does not precede it")
    }
    link.write(row, after: digest)
    let stored = row.bytes(9)
    if link.digest != stored {
      note("event \(now): its digest does not follow from the event before it")
    }
    let kind = EventTypes.place(of: row.there(3))
    let event = kind.flatMap { EventTypes.event($0, row.there(8)) }
    if event == nil {
      note("event \(now): \(JournalError.unreadable(position: now, type: row.text(3)))")
    }
    isOutcome = kind.map(Self.outcomes.contains) ?? false
    position = now
    recordedAtMs = row.integer(5)
    digest = stored
    meet()
    return event?.payloads ?? []
  }

  private mutating func meet() {
    guard let expected, expected.position == position else { return }
    wasMet = true
    let found = hexadecimal(digest)
    if found != expected.digest.lowercased() {
      note("event \(position): its digest is \(found), not the one given")
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
  package var payloads: [String] {
    switch self {
    case .pollCompleted(let body): body.manifests + body.evidence
    case .pollFailed(let body): body.answer.map { [$0] } ?? []
    case .pollDiscarded(let body): body.evidence
    case .changeObserved(let body): body.item.map { [$0] } ?? []
    case .deliveryRequested(let body): [body.body]
    case .deliveryAttempted(let body): body.request.map { [$0] } ?? []
    case .deliverySucceeded(let body): body.response.map { [$0] } ?? []
    case .deliveryFailed(let body): body.response.map { [$0] } ?? []
    case .probeAttempted(let body): [body.request, body.body]
    case .probeConcluded(let body): body.response.map { [$0] } ?? []
    case .replayRequested(let body): body.selected
    case .objectMissed(let body): body.answer.map { [$0] } ?? []
    case .journalCreated, .journalRestored, .journalResumed, .runStarted, .runStopped,
      .clockStepped, .noticeRaised, .noticeClosed,
      .instanceCreated, .instanceUpdated, .instanceEnabled, .instanceDisabled, .instanceDeleted,
      .authorizationGranted, .authorizationRefreshed, .authorizationRefused, .feedOpened,
      .feedUpdated, .feedClosed, .feedDisabled, .feedEnabled, .cursorExpired, .cursorReset,
      .pollRequested, .objectSettled, .deliveryHeld, .deliveryReleased, .deliveryExhausted,
      .deliverySkipped, .callbackDisabled, .callbackEnabled, .breakerOpened, .breakerClosed,
      .deliveryUnknown, .notificationAcknowledged, .replayStopped, .replayResumed,
      .replayCompleted, .payloadExpunged, .journalArchived:
      []
    }
  }
}
