import CSQLite
import Events
import Glibc

/// A file that events were moved to: a database of its own, which nobody changes any more.
///
///     archive   journal, first, last, digest before the first, digest of the last
///     blocks    up to 512 events that follow each other, deflated together
///     parts     by stream: which versions stand in which block
///
/// Nothing in it is believed for standing there: digests are made of the rows, and the last has to
/// be the one that the journal goes on from.
final class ArchiveFile {
  /// `DayA`, in the header of the file. Source: sqlite.org, “PRAGMA application_id”.
  static let applicationID: Int64 = 0x4461_7941
  /// Blocks that are kept in memory, each of some hundred KB.
  private static let blocksMax = 8

  /// The part of a log that it is.
  struct Label: Equatable {
    var journal: String
    var first: Int64
    var last: Int64
    var previous: [UInt8]
    var digest: [UInt8]
  }

  let path: String
  let label: Label
  private let connection: Connection
  /// The blocks read last, the newest at the end.
  private var blocks: [ArchiveBlock] = []

  /// - Throws: `damaged` for another kind of file, `cannotOpen`.
  init(_ path: String) throws(JournalError) {
    self.path = path
    connection = try Connection(path: path, access: .immutable)
    guard try connection.integer("PRAGMA application_id") == Self.applicationID else {
      throw .damaged(path: path, why: "it is no file of archived events")
    }
    let row = try connection.statement(SQL.archiveRow)
    defer { row.reset() }
    guard try row.step() else { throw .damaged(path: path, why: "it does not say what it holds") }
    label = Label(
      journal: row.text(0), first: row.integer(1), last: row.integer(2), previous: row.bytes(3),
      digest: row.bytes(4))
  }

  /// True where there is a file of the name.
  static func isThere(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// The block that holds a position.
  func block(at position: Int64) throws(JournalError) -> ArchiveBlock {
    if let place = blocks.lastIndex(where: { $0.holds(position) }) {
      let block = blocks.remove(at: place)
      blocks.append(block)
      return block
    }
    let row = try connection.statement(SQL.blockAt)
    defer { row.reset() }
    try row.bind("position", .integer(position))
    guard try row.step(), row.integer(0)...max(row.integer(0), row.integer(1)) ~= position else {
      throw .damaged(path: path, why: "event \(position) is missing")
    }
    let block = try ArchiveBlock(row, path)
    if blocks.count == Self.blocksMax { blocks.removeFirst() }
    blocks.append(block)
    return block
  }

  /// The block that holds a version of a stream; nil where none does.
  func block(of stream: String, version: Int64) throws(JournalError) -> ArchiveBlock? {
    let row = try connection.statement(SQL.blockOfStream)
    defer { row.reset() }
    try row.bind("stream", .text(stream))
    try row.bind("version", .integer(version))
    guard try row.step(), version <= row.integer(1) else { return nil }
    return try block(at: row.integer(0))
  }
}

/// Events that follow each other, as they were before they were deflated.
///
///     length ‖ stream, version, type, revision, milliseconds since the one before, how far its
///     cause is before it (0: none), length + 1 ‖ key (0: none), length ‖ body
///
/// Numbers are in groups of seven bits, the lowest first, those that may be below 0 folded over 0.
final class ArchiveBlock {
  let first: Int64
  let events: [RecordedEvent]
  /// The digest of the event before the first.
  let previous: [UInt8]

  /// Events of a block at most, and bytes after which it ends.
  static let rowsMax = 512
  static let bytesMax = 1 << 20
  /// Bytes that one may take: a row past the bound, with a body of 4 MB at most.
  private static let bytesReadMax = 16 << 20

  /// Reads a row of `blocks`, and makes the digests of its events.
  ///
  /// - Throws: `damaged` where they are not those that it ends with.
  init(_ row: Statement, _ path: String) throws(JournalError) {
    first = row.integer(0)
    previous = row.bytes(2)
    let length = row.integer(4)
    guard (0...Int64(Self.bytesReadMax)).contains(length),
      let bytes = Deflate.inflated(row.bytes(5), length: Int(length)),
      let events = Self.events(bytes, first: first, after: previous),
      Int64(events.count) == row.integer(1) - first + 1, events.last?.digest == row.bytes(3)
    else {
      throw .damaged(
        path: path, why: "the events from \(first) on are not those that were archived")
    }
    self.events = events
  }

  func holds(_ position: Int64) -> Bool {
    position >= first && position < first + Int64(events.count)
  }

  /// The place of a version among the events, searched from one on.
  func place(of stream: String, version: Int64, from start: Int = 0) -> Int? {
    func isIt(_ event: RecordedEvent) -> Bool {
      event.version == version && event.stream.text == stream
    }
    return events[start...].firstIndex(where: isIt) ?? events[..<start].firstIndex(where: isIt)
  }

  /// Writes a row behind others.
  static func write(_ event: RecordedEvent, after time: Int64, to bytes: inout [UInt8]) {
    append(event.stream.text, to: &bytes)
    append(UInt64(bitPattern: event.version), to: &bytes)
    append(event.type, to: &bytes)
    append(UInt64(event.revision), to: &bytes)
    append(folded(event.recordedAt.milliseconds &- time), to: &bytes)
    append(event.cause.map { UInt64(bitPattern: event.position - $0) } ?? 0, to: &bytes)
    if let key = event.key {
      append(UInt64(key.utf8.count) + 1, to: &bytes)
      bytes += key.utf8
    } else {
      append(0, to: &bytes)
    }
    append(event.body, to: &bytes)
  }

  private static func append(_ text: String, to bytes: inout [UInt8]) {
    append(UInt64(text.utf8.count), to: &bytes)
    bytes += text.utf8
  }

  private static func append(_ number: UInt64, to bytes: inout [UInt8]) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private static func folded(_ number: Int64) -> UInt64 {
    UInt64(bitPattern: (number << 1) ^ (number >> 63))
  }

  /// - Returns: nil where the bytes are no rows.
  private static func events(
    _ bytes: [UInt8], first: Int64, after previous: [UInt8]
  ) -> [RecordedEvent]? {
    var scan = Scan(bytes: bytes)
    var events: [RecordedEvent] = []
    var time: Int64 = 0
    var digest = previous
    var link = Chain.Link()
    while !scan.isAtEnd {
      guard var event = scan.event(at: first + Int64(events.count), after: time) else { return nil }
      link.write(event, after: digest)
      digest = link.digest
      event.digest = digest
      time = event.recordedAt.milliseconds
      events.append(event)
    }
    return events
  }

  private struct Scan {
    let bytes: [UInt8]
    private var place = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { place == bytes.count }

    mutating func event(at position: Int64, after time: Int64) -> RecordedEvent? {
      guard let stream = text(), let version = number(), let type = text(),
        let revision = number(), let wait = number(), let back = number(), let key = number()
      else { return nil }
      var name: String?
      if key > 0 {
        guard let text = text(key - 1) else { return nil }
        name = text
      }
      guard let body = text() else { return nil }
      let milliseconds = Int64(bitPattern: wait >> 1) ^ -Int64(bitPattern: wait & 1)
      return RecordedEvent(
        position: position, stream: StreamName(stored: stream),
        version: Int64(bitPattern: version), type: type,
        revision: Int(truncatingIfNeeded: revision),
        recordedAt: Moment(milliseconds: time &+ milliseconds),
        cause: back == 0 ? nil : position &- Int64(bitPattern: back), key: name, body: body,
        digest: [])
    }

    private mutating func number() -> UInt64? {
      var number: UInt64 = 0
      var shift: UInt64 = 0
      while place < bytes.count, shift < 64 {
        let byte = bytes[place]
        place += 1
        number |= UInt64(byte & 0x7F) << shift
        if byte < 0x80 { return number }
        shift += 7
      }
      return nil
    }

    private mutating func text() -> String? { number().flatMap { text($0) } }

    private mutating func text(_ count: UInt64) -> String? {
      guard count <= UInt64(bytes.count - place) else { return nil }
      defer { place += Int(count) }
      return String(decoding: bytes[place..<place + Int(count)], as: UTF8.self)
    }
  }
}
