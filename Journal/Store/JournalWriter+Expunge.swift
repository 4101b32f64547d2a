import CSQLite
package import Events

/// Payloads that are to be removed in one transaction.
package struct Expunging: Sendable {
  package var payloads: [PayloadUse: [String]]
  /// The event as of which they were chosen.
  package var head: Int64
  /// Deliveries and changes that the choice depends on: what was appended about them since makes it
  /// void.
  package var streams: Set<StreamName>
  package var changes: Set<Int64>

  package init(head: Int64) {
    self.head = head
    (payloads, streams, changes) = ([:], [], [])
  }

  package var count: Int { payloads.values.reduce(0) { $0 + $1.count } }
}

/// The words that stand beside what was removed.
package struct ExpungeOrder: Sendable {
  package var askedBy: ExpungeRequest
  package var selection: String
  package var reason: String?

  package init(_ askedBy: ExpungeRequest, selection: String, reason: String? = nil) {
    (self.askedBy, self.selection, self.reason) = (askedBy, selection, reason)
  }
}

extension JournalWriter {
  /// Removes payloads with their salts, and tells it in the same transaction; nothing where none of
  /// them is kept.
  ///
  /// SQLite writes zeros in their place. What stands of them in the write-ahead log goes with
  /// `wipe`.
  ///
  /// - Returns: The position of `payload.expunged` and what it says; nil where nothing was removed.
  /// - Throws: `conflict` where something was appended since that the choice depends on: choose
  ///   again.
  package func expunge(
    _ chosen: Expunging, _ order: ExpungeOrder, at now: Moment
  ) throws(JournalError) -> (position: Int64, body: PayloadExpunged)? {
    let removed: Removed? = try commit { () throws(JournalError) in
      try checkUnchanged(since: chosen)
      var kept: [PayloadUse: [String]] = [:]
      var bytes: Int64 = 0
      for (use, names) in chosen.payloads {
        for name in names {
          guard let size = try connection.evidenceBytes(of: name) else { continue }
          kept[use, default: []].append(name)
          bytes += size
        }
      }
      guard !kept.isEmpty else { return nil }
      let body = PayloadExpunged(
        askedBy: .known(order.askedBy), selection: order.selection, pages: kept[.pages] ?? [],
        items: kept[.items] ?? [], bodies: kept[.bodies] ?? [], requests: kept[.requests] ?? [],
        responses: kept[.responses] ?? [], bytes: bytes, reason: order.reason)
      let told = try writeDrafts(
        Entry(AppendRequest([NewEvent(.journal, .payloadExpunged(body))], at: now)))
      try connection.remove(body.digests)
      return Removed(position: told.first, body: body)
    }
    return removed.map { ($0.position, $0.body) }
  }

  private struct Removed: Sendable {
    let position: Int64
    let body: PayloadExpunged
  }

  /// - Throws: `conflict` where a delivery of the choice went on, was asked for anew, or a replay
  ///   was begun.
  private func checkUnchanged(since chosen: Expunging) throws(JournalError) {
    var after = chosen.head
    while true {
      let rows = try connection.events(after: after, limit: Bounds.pageRows)
      guard let last = rows.last else { return }
      for row in rows where try affects(row, chosen) {
        throw .conflict(stream: row.stream, expected: row.version - 1, actual: row.version)
      }
      after = last.position
    }
  }

  private func affects(_ row: RecordedEvent, _ chosen: Expunging) throws(JournalError) -> Bool {
    if chosen.streams.contains(row.stream) { return true }
    switch row.type {
    case ReplayRequested.type, ReplayResumed.type: return true
    case DeliveryRequested.type:
      guard case .deliveryRequested(let body) = try row.event() else { return false }
      return body.changes.contains { chosen.changes.contains($0) }
    default: return false
    }
  }

  /// Drops what polls under way have kept: they begin anew.
  package func dropAllStaging() throws(JournalError) {
    try write { () throws(JournalError) in
      for sql in [SQL.dropAllStaged, .dropAllProgress, .dropAllSeenObjects] {
        try connection.statement(sql).run()
      }
    }
  }

  /// Takes what was removed out of the write-ahead log, which is emptied, and out of the space
  /// between the rows of the file.
  ///
  /// SQLite writes zeros over a row that is deleted, but may leave a copy of one that it moved
  /// within a page. Writing the whole file anew leaves none, and gives free pages back.
  ///
  /// - Parameter isRewritten: Whether the file is written anew, which takes as much room again and
  ///   keeps appends waiting meanwhile.
  /// - Returns: False where a reader is in the way of emptying the log; trying again helps.
  /// - Throws: `full` where there is no room for that.
  package func wipe(isRewritten: Bool) throws(JournalError) -> Bool {
    try files.check()
    try lock.wait()
    defer { lock.release() }
    if isRewritten { try connection.execute("VACUUM") }
    return try connection.emptyLog()
  }

  /// Bytes of the file as SQLite counts its pages.
  package func fileBytes() throws(JournalError) -> Int64 {
    let size = try connection.integer("PRAGMA page_size") ?? 0
    return try (connection.integer("PRAGMA page_count") ?? 0) * size
  }
}

extension Connection {
  /// Bytes that a payload takes which may be removed; nil where it is not kept, or is state.
  func evidenceBytes(of digest: String) throws(JournalError) -> Int64? {
    guard let name = bytesOf(hexadecimal: digest) else { return nil }
    let query = try statement(SQL.evidenceBytes)
    defer { query.reset() }
    try query.bind("digest", .bytes(name))
    return try query.step() ? query.integer(0) : nil
  }

  /// Removes payloads, of which state stays.
  ///
  /// - Returns: How many there were.
  @discardableResult
  func remove(_ digests: [String]) throws(JournalError) -> Int {
    guard !digests.isEmpty else { return 0 }
    // The trigger refuses it to everybody; here it is meant.
    csqlite_configure(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0)
    defer { csqlite_configure(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 1) }
    let before = changes
    for digest in digests {
      guard let name = bytesOf(hexadecimal: digest) else { continue }
      try statement(SQL.removePayload).run(["digest": .bytes(name)])
    }
    return Int(changes - before)
  }
}
