package import Events

extension JournalSnapshot {
  /// Reads the title out of an object’s bytes; nil where there is none.
  package typealias TitleReader = @Sendable (UnsafeRawBufferPointer) -> String?

  /// The title of a kept object; nil where it has none, or where its bytes are not kept.
  ///
  /// It is read where SQLite has the bytes, which are not held against their digest: `verify` and
  /// whoever shows the bytes do that.
  package func title(
    ofItem digest: String?, _ read: TitleReader
  ) throws(JournalError) -> String? {
    guard let digest, let name = bytesOf(hexadecimal: digest) else { return nil }
    let query = try query(SQL.loadPayload, ["digest": .bytes(name)])
    defer { query.reset() }
    guard try query.step() else { return nil }
    guard query.text(2) == "bytes" else {
      query.reset()
      return try connection.payload(name).withUnsafeBytes { read($0) }
    }
    return query.withBytes(4) { read($0) }
  }

  /// The title of a change; nil where it has none, or where there is no such change.
  package func title(
    ofChange position: Int64, _ read: TitleReader
  ) throws(JournalError) -> String? {
    guard case .changeObserved(let body)? = try event(at: position)?.event() else { return nil }
    return try title(ofItem: body.item, read)
  }

  /// The first title that the changes of a delivery have, and how many other changes it tells; nil
  /// where none of them has one.
  ///
  /// - Parameter position: That of its `delivery.requested`.
  package func title(
    ofDelivery position: Int64, _ read: TitleReader
  ) throws(JournalError) -> (first: String, others: Int)? {
    let items = try query(SQL.toldItems, ["position": .integer(position)])
    defer { items.reset() }
    while try items.step() {
      let count = Int(items.integer(1))
      if let title = try title(ofItem: items.optionalText(0), read) { return (title, count - 1) }
    }
    return nil
  }

  /// The event that began a stream; nil where there is none.
  package func beginning(of stream: StreamName) throws(JournalError) -> Int64? {
    let query = try query(SQL.firstOfStream, ["stream": .text(stream.text)])
    defer { query.reset() }
    return try query.step() ? query.integer(0) : nil
  }
}
