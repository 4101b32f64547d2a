import Events

extension EventLog {
  /// Appends all of it or nothing; answered once it is durable.
  ///
  /// Appends that wait together go into one transaction (group commit), each checked on its own.
  ///
  /// - Throws: `conflict` where a stream is not at the version expected; `full`, `busy`,
  ///   `readOnly`.
  package func append(_ append: Append) async throws(LogError) -> Appended {
    precondition(!append.drafts.isEmpty, "an append holds one event or more")
    let result = await withCheckedContinuation { answer in
      waiting.append(Waiting(append: append, answer: answer))
      guard !isFlushPlanned else { return }
      isFlushPlanned = true
      // Runs after every append that is already waiting for this actor.
      Task { self.flush() }
    }
    return try result.get()
  }

  private func flush() {
    isFlushPlanned = false
    let group = waiting
    waiting = []
    do {
      answer(group, with: try commit(group.map(\.append)))
    } catch {
      guard group.count > 1 else {
        answer(group, with: [.failure(error)])
        return
      }
      // One of them spoils the transaction: each gets its own, and its own answer.
      for one in group {
        do {
          answer([one], with: try commit([one.append]))
        } catch {
          answer([one], with: [.failure(error)])
        }
      }
    }
  }

  private func answer(_ group: [Waiting], with results: [Result<Appended, LogError>]) {
    let isDead = hooks.dies(.afterCommit)
    for (one, result) in zip(group, results) {
      one.answer.resume(returning: isDead ? .failure(.died) : result)
    }
    if isDead { return }
    // After the answers, so that nobody waits for it.
    if connection.pagesWaiting > Bounds.walPagesMax, lock.take() {
      defer { lock.release() }
      // What a reader is in the way of is copied another time.
      try? connection.copyBack()
    }
  }

  /// Writes a group in one transaction. A conflict answers its own caller only.
  private func commit(_ group: [Append]) throws(LogError) -> [Result<Appended, LogError>] {
    let before = head
    do {
      return try write { () throws(LogError) in
        try refresh()
        guard !isStale else { throw .newerProgram(path: path) }
        var results: [Result<Appended, LogError>] = []
        for append in group { results.append(try write(append)) }
        return results
      }
    } catch {
      head = before
      dataVersion = -1
      throw error
    }
  }

  private func write(_ append: Append) throws(LogError) -> Result<Appended, LogError> {
    if let key = append.key, let position = try position(ofKey: key) {
      return .success(Appended(positions: [position], digest: [], isRepeated: true))
    }
    var versions: [String: Int64] = [:]
    for (stream, expected) in append.expected {
      let actual = try version(of: stream)
      guard actual == expected else {
        return .failure(.conflict(stream: stream, expected: expected, actual: actual))
      }
      versions[stream] = actual
    }
    if let ticket = append.ticket, try connection.stagedCount(ticket) != append.stagedCount {
      return .failure(.scratchLost(path: path))
    }
    for payload in append.payloads { try connection.add(payload) }
    if let ticket = append.ticket {
      try connection.statement(SQL.keepStaged).run(["ticket": .integer(ticket)])
      try connection.drop(ticket: ticket)
    }
    for secret in append.secrets { try connection.change(secret) }
    return .success(try write(append, versions: &versions))
  }

  private func write(
    _ append: Append, versions: inout [String: Int64]
  ) throws(LogError) -> Appended {
    var positions: [Int64] = []
    var firstDigest: [UInt8] = []
    for (place, draft) in append.drafts.enumerated() {
      let position = head.position + 1
      let stream =
        draft.stream.hasSuffix("/*") ? draft.stream.dropLast() + "\(position)" : draft.stream
      let last: Int64
      if let known = versions[stream] { last = known } else { last = try version(of: stream) }
      versions[stream] = last + 1
      let cause: Int64? =
        switch draft.cause {
        case .none: nil
        case .position(let position): position
        case .draft(let index): positions[index]
        }
      let body = draft.event.body
      var row = Recorded(
        position: position, stream: stream, version: last + 1, type: type(of: body).type,
        revision: type(of: body).revision, recordedAt: max(append.at, head.recordedAt),
        cause: cause, key: place == 0 ? append.key : nil, body: JSONBody.text(of: body),
        digest: [])
      let bytes = row.body.utf8.count
      guard bytes <= Bounds.bodyBytesMax else {
        throw .tooLarge(what: "the body of \(row.type)", bytes: bytes, most: Bounds.bodyBytesMax)
      }
      row.digest = Chain.digest(after: head.digest, row)
      try connection.insert(row)
      try projector.decide(row)
      head = Head(position: position, recordedAt: row.recordedAt, digest: row.digest)
      positions.append(position)
      if place == 0 { firstDigest = row.digest }
    }
    return Appended(positions: positions, digest: firstDigest, isRepeated: false)
  }

  private func version(of stream: String) throws(LogError) -> Int64 {
    let query = try connection.statement(SQL.loadVersion)
    defer { query.reset() }
    try query.bind("stream", .text(stream))
    return try query.step() ? query.integer(0) : 0
  }

  private func position(ofKey key: String) throws(LogError) -> Int64? {
    let query = try connection.statement(SQL.findKey)
    defer { query.reset() }
    try query.bind("key", .text(key))
    return try query.step() ? query.integer(0) : nil
  }
}

/// What the log itself bounds; the rules have their own in Domain/Limits.swift.
enum Bounds {
  /// 16 MB of write-ahead log at 4 KB a page: after as much again, an append copies it back.
  static let walPagesMax = 4_000
  /// Bytes of one body: it holds numbers, ids, digests and the operator's settings, never content.
  static let bodyBytesMax = 4 << 20
  /// Events folded into the report tables in one transaction, so that appends wait some
  /// milliseconds.
  static let foldedMax = 500
  /// Rows read in one go; no snapshot outlives them.
  static let pageRows = 1_000
}
