import Events
import Glibc

/// A file of archived events while it is made.
struct ArchiveDraft {
  private let connection: Connection
  private var bytes: [UInt8] = []
  private var rows: [RecordedEvent] = []
  /// The digest of the event before the block, and of the last one.
  private var previous: [UInt8]
  private var digest: [UInt8]
  private var link = Chain.Link()

  /// - Parameter draft: The file to make; nothing is there.
  init(_ draft: String, after previous: [UInt8]) throws(JournalError) {
    try JournalFile.touch(draft)
    connection = try Connection(path: draft, access: .readWrite)
    // Made anew from the beginning where it is cut short, and synced when it is whole.
    try connection.execute("PRAGMA journal_mode = MEMORY")
    try connection.execute("PRAGMA synchronous = OFF")
    try connection.execute("PRAGMA application_id = \(ArchiveFile.applicationID)")
    try connection.execute(SQL.schemaArchive)
    try connection.statement("BEGIN").run()
    (self.previous, digest) = (previous, previous)
  }

  /// Adds the next event of the log.
  ///
  /// - Throws: `damaged` where it does not follow from the one before.
  mutating func add(_ event: RecordedEvent, of journal: String) throws(JournalError) {
    link.write(event, after: digest)
    guard link.digest == event.digest else {
      throw .damaged(
        path: journal,
        why: "the digest of event \(event.position) does not follow from the event before it;"
          + " nothing was archived")
    }
    digest = event.digest
    ArchiveBlock.write(event, after: rows.last?.recordedAt.milliseconds ?? 0, to: &bytes)
    rows.append(event)
    if rows.count == ArchiveBlock.rowsMax || bytes.count >= ArchiveBlock.bytesMax {
      try endBlock()
    }
  }

  /// Writes what is left and what the file is.
  mutating func finish(_ label: ArchiveFile.Label) throws(JournalError) {
    try endBlock()
    try connection.statement(SQL.putArchiveRow).run([
      "journal": .text(label.journal), "first": .integer(label.first),
      "last": .integer(label.last), "previous": .bytes(label.previous),
      "digest": .bytes(label.digest),
    ])
    try connection.statement("COMMIT").run()
  }

  private mutating func endBlock() throws(JournalError) {
    guard let first = rows.first, let last = rows.last else { return }
    try connection.statement(SQL.putBlock).run([
      "first": .integer(first.position), "last": .integer(last.position),
      "previous": .bytes(previous), "digest": .bytes(last.digest),
      "length_bytes": .integer(Int64(bytes.count)), "content": .bytes(Deflate.deflated(bytes)),
    ])
    var parts: [String: (first: Int64, last: Int64)] = [:]
    for row in rows { parts[row.stream.text, default: (row.version, 0)].last = row.version }
    for (stream, part) in parts.sorted(by: { $0.key < $1.key }) {
      try connection.statement(SQL.putPart).run([
        "stream": .text(stream), "first": .integer(part.first), "last": .integer(part.last),
        "block": .integer(first.position),
      ])
    }
    previous = last.digest
    rows.removeAll(keepingCapacity: true)
    bytes.removeAll(keepingCapacity: true)
  }
}
