package import Events

extension JournalSnapshot {
  /// Bytes that evidence takes in the file; nil where it is not kept.
  package func evidenceBytes(of digest: String) throws(JournalError) -> Int64? {
    try connection.evidenceBytes(of: digest)
  }

  /// True where the bytes under a digest are kept.
  package func isKept(_ digest: String) throws(JournalError) -> Bool {
    guard let name = bytesOf(hexadecimal: digest) else { return false }
    return try first(SQL.hasPayload, ["digest": .bytes(name)]) == 1
  }

  /// The position of the event that removed a payload; nil where none did.
  package func expunger(of digest: String) throws(JournalError) -> Int64? {
    try connection.expunger(of: digest)
  }

  /// The events of one type that an event led to itself.
  package func effects(
    of position: Int64, type: String
  ) throws(JournalError) -> [RecordedEvent] {
    try column(SQL.effectsOfType, ["position": .integer(position), "type": .text(type)]) {
      RecordedEvent($0)
    }
  }

  /// True where a delivery is still open.
  package func isOpen(_ delivery: StreamName) throws(JournalError) -> Bool {
    try isPlanned("deliver", delivery.text)
  }

  /// True where the changes of a poll are still to be put into notifications.
  package func isUntold(poll: Int64) throws(JournalError) -> Bool {
    try isPlanned("notify", "\(poll)")
  }

  private func isPlanned(_ task: String, _ subject: String) throws(JournalError) -> Bool {
    try first(SQL.isPlanned, ["task": .text(task), "subject": .text(subject)]) == 1
  }

  /// A replay that still has deliveries to ask for; nil where none has.
  package func askingReplay() throws(JournalError) -> StreamName? {
    try column(SQL.askingReplay, [:]) { StreamName(stored: $0.text(0)) }.first
  }

  /// Digests of the payloads that a recipe is over; none where it is no recipe.
  package func pieces(of digest: String) throws(JournalError) -> [String] {
    guard let name = bytesOf(hexadecimal: digest) else { return [] }
    let query = try query(SQL.recipeContent, ["digest": .bytes(name)])
    defer { query.reset() }
    guard try query.step() else { return [] }
    let parts = query.withBytes(0) { bytes in
      try? BodyDecoder.decode([RecipePart].self, from: bytes)
    }
    return (parts ?? []).compactMap { part in
      if case .payload(let name) = part { name } else { nil }
    }
  }

  /// Shows a page of evidence as it is kept, recipes as recipes.
  ///
  /// - Returns: The number of the last; nil where there is no more.
  package func evidence(
    after row: Int64, limit: Int, _ show: (String, UnsafeRawBufferPointer) -> Void
  ) throws(JournalError) -> Int64? {
    let query = try query(
      SQL.listEvidence, ["after": .integer(row), "limit": .integer(Int64(limit))])
    defer { query.reset() }
    var last: Int64?
    while try query.step() {
      last = query.integer(0)
      let name = hexadecimal(query.bytes(1))
      query.withBytes(2) { show(name, $0) }
    }
    return last
  }
}
