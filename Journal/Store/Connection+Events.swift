package import Events

extension Connection {
  /// A page of the log in order of writing.
  package func events(after position: Int64, limit: Int) throws(JournalError) -> [RecordedEvent] {
    let query = try statement(SQL.loadAfter)
    defer { query.reset() }
    try query.bind("after", .integer(position))
    try query.bind("limit", .integer(Int64(limit)))
    var rows: [RecordedEvent] = []
    while try query.step() { rows.append(RecordedEvent(query)) }
    return rows
  }

  /// A page of one stream in order of versions.
  package func events(
    of stream: StreamName, after version: Int64, limit: Int
  ) throws(JournalError) -> [RecordedEvent] {
    let query = try statement(SQL.loadStream)
    defer { query.reset() }
    try query.bind("stream", .text(stream.text))
    try query.bind("after", .integer(version))
    try query.bind("limit", .integer(Int64(limit)))
    var rows: [RecordedEvent] = []
    while try query.step() { rows.append(RecordedEvent(query)) }
    return rows
  }

  /// The first column of all rows, as numbers.
  func integers(_ sql: String) throws(JournalError) -> [Int64] {
    let query = try statement(sql)
    defer { query.reset() }
    var numbers: [Int64] = []
    while try query.step() { numbers.append(query.integer(0)) }
    return numbers
  }
}
