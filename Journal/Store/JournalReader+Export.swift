import Events

/// A payload as it is kept, recipes as recipes.
package struct StoredPayload: Sendable, Equatable {
  package var digest: [UInt8]
  package var salt: [UInt8]
  package var kind: String
  package var form: String
  /// Bytes of the whole, also for a recipe.
  package var length: Int64
  package var content: [UInt8]

  package init(
    digest: [UInt8], salt: [UInt8], kind: String, form: String, length: Int64, content: [UInt8]
  ) {
    (self.digest, self.salt, self.kind) = (digest, salt, kind)
    (self.form, self.length, self.content) = (form, length, content)
  }

  /// True where the bytes have the digest; of a recipe, the journal has to tell.
  package var isOriginal: Bool { Payload.digest(salt: salt, content) == digest }

  /// The columns of `payloads_between`.
  fileprivate init(_ row: Statement) {
    self.init(
      digest: row.bytes(1), salt: row.bytes(2), kind: row.text(3), form: row.text(4),
      length: row.integer(5), content: row.bytes(6))
  }
}

/// The log as it goes out: payloads before the events that name them.
package enum ExportedItem: Sendable {
  case payload(StoredPayload)
  case event(RecordedEvent)
}

/// How far an export has come.
package struct ExportPlace: Sendable {
  /// The last event that went out.
  package fileprivate(set) var position: Int64
  /// The row of the last payload; payloads are kept in the order of the events that name them.
  fileprivate var row: Int64
  /// The row below which payloads went out with events before the export’s own.
  fileprivate let firstRow: Int64
}

extension JournalReader {
  /// Where an export begins that goes on after an event; 0 for all of the log.
  package func exportPlace(after position: Int64) throws(JournalError) -> ExportPlace {
    guard position > 0 else { return ExportPlace(position: 0, row: 0, firstRow: 0) }
    if let exported, exported.position == position {
      return ExportPlace(position: position, row: exported.row, firstRow: exported.row)
    }
    return try view { snapshot throws(JournalError) in
      // The nearest events before it that name any tell how far payloads had come.
      var row: Int64 = 0
      var end = position
      while row == 0, end > 0 {
        let first = max(0, end - Int64(Bounds.pageRows))
        for event in try snapshot.events(after: first, limit: Int(end - first)) {
          for name in event.named { row = max(row, try snapshot.payloadRow(name) ?? 0) }
        }
        end = first
      }
      return ExportPlace(position: position, row: row, firstRow: row)
    }
  }

  /// Gives a page of the log, over one view of the file.
  ///
  /// - Returns: False where there is no more up to `until`.
  package func export(
    from place: inout ExportPlace, until: Int64,
    _ take: (ExportedItem) throws(JournalError) -> Void
  ) throws(JournalError) -> Bool {
    var now = place
    let isMore = try view { snapshot throws(JournalError) in
      let rows = try snapshot.events(
        after: now.position, limit: min(Self.eventsExported, Int(until - now.position)))
      for event in rows {
        for name in event.named { try snapshot.payloads(upTo: name, &now, take) }
        try take(.event(event))
        now.position = event.position
      }
      // What no event of a type that is known here names, and nothing of what came later: but for
      // the rest of an append that is cut, since a page that was read holds all of its objects.
      if now.position >= until, try snapshot.head().position == until {
        try snapshot.payloads(upToRow: .max, &now, take)
      }
      return !rows.isEmpty && now.position < until
    }
    place = now
    // Where one ends, another that follows the log goes on.
    if !isMore { exported = now }
    return isMore
  }

  /// Events of a page: with their payloads some megabytes.
  private static let eventsExported = 50
}

extension RecordedEvent {
  /// Digests of payloads in its body; none where this program does not know the type.
  fileprivate var named: [String] { (try? event())?.payloads ?? [] }
}

extension JournalSnapshot {
  fileprivate func payloadRow(_ digest: String) throws(JournalError) -> Int64? {
    guard let name = bytesOf(hexadecimal: digest) else { return nil }
    let query = try connection.statement(SQL.payloadRow)
    defer { query.reset() }
    try query.bind("digest", .bytes(name))
    return try query.step() ? query.integer(0) : nil
  }

  /// Gives the payloads up to the one named. One from before the export’s first event is given
  /// again: a replay names what was kept long ago, and who continues may not have it.
  fileprivate func payloads(
    upTo digest: String, _ place: inout ExportPlace,
    _ take: (ExportedItem) throws(JournalError) -> Void
  ) throws(JournalError) {
    guard let row = try payloadRow(digest) else { return }
    if row > place.row { return try payloads(upToRow: row, &place, take) }
    guard row <= place.firstRow else { return }
    try payloads(between: row - 1, row) { item throws(JournalError) in try take(.payload(item.1)) }
  }

  fileprivate func payloads(
    upToRow row: Int64, _ place: inout ExportPlace,
    _ take: (ExportedItem) throws(JournalError) -> Void
  ) throws(JournalError) {
    var last = place.row
    try payloads(between: last, row) { item throws(JournalError) in
      try take(.payload(item.1))
      last = item.0
    }
    place.row = max(last, row == .max ? last : row)
  }

  private func payloads(
    between after: Int64, _ until: Int64,
    _ take: ((Int64, StoredPayload)) throws(JournalError) -> Void
  ) throws(JournalError) {
    let query = try connection.statement(SQL.payloadsBetween)
    defer { query.reset() }
    try query.bind("after", .integer(after))
    try query.bind("until", .integer(until))
    while try query.step() { try take((query.integer(0), StoredPayload(query))) }
  }
}
