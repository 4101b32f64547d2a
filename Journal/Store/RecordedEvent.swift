package import Events

/// One row of the log. The body stays text until somebody asks for it.
package struct RecordedEvent: Sendable, Equatable {
  package var position: Int64
  package var stream: StreamName
  package var version: Int64
  package var type: String
  package var revision: Int
  package var recordedAt: Moment
  package var cause: Int64?
  package var key: String?
  /// JSON with sorted keys.
  package var body: String
  /// 32 bytes.
  package var digest: [UInt8]

  /// The event itself.
  ///
  /// - Throws: `unreadable` where this program does not know the type, or the shape does not fit.
  package func event() throws(JournalError) -> Event {
    guard let reader = Event.readers[type] else {
      throw .unreadable(position: position, type: type)
    }
    do {
      return try reader.read(JSONBody(text: body))
    } catch {
      throw .unreadable(position: position, type: type)
    }
  }

  /// Reads the ten columns of a row in the order of the table.
  init(_ row: Statement) {
    position = row.integer(0)
    stream = StreamName(stored: row.text(1))
    version = row.integer(2)
    type = row.text(3)
    revision = Int(row.integer(4))
    recordedAt = Moment(milliseconds: row.integer(5))
    cause = row.optionalInteger(6)
    key = row.optionalText(7)
    body = row.text(8)
    digest = row.bytes(9)
  }

  /// A row of the log as another copy of it has it.
  package init(
    position: Int64, stream: StreamName, version: Int64, type: String, revision: Int,
    recordedAt: Moment, cause: Int64?, key: String?, body: String, digest: [UInt8]
  ) {
    self.position = position
    self.stream = stream
    self.version = version
    self.type = type
    self.revision = revision
    self.recordedAt = recordedAt
    self.cause = cause
    self.key = key
    self.body = body
    self.digest = digest
  }
}

extension RecordedEvent {
  /// The digest that follows from that of the event before and this row.
  ///
  /// - Parameter previous: 32 bytes; nil before position 1.
  package func digest(after previous: [UInt8]?) -> [UInt8] {
    var link = Chain.Link()
    link.write(self, after: previous ?? Chain.start)
    return link.digest
  }
}

extension Row {
  /// The event of a row with `type` and `body`; nil for a type or a body that this program does not
  /// know.
  package var event: Event? {
    guard let type = self["type"]?.string, let body = self["body"]?.string else { return nil }
    return try? Event.readers[type]?.read(JSONBody(text: body))
  }
}
