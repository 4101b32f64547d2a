import CSQLite
import Events

/// A walk over events of the log, those in the journal itself and those that were archived.
///
/// Numbers (positions, or the versions of a stream) have no gaps; so what the journal does not have
/// stands in an archive, and what it has is asked of nobody else.
final class EventWalk {
  /// The events that are walked over.
  struct Course {
    var low: Int64 = 1
    var high: Int64 = .max
    var isBack = false
    /// A stream, where its versions are the numbers.
    var stream: String?
    /// A key: one event at most.
    var key: String?

    fileprivate var query: SQL {
      if key != nil { return .keptByKey }
      if stream != nil { return isBack ? .keptOfStreamBack : .keptOfStream }
      return isBack ? .keptByPositionBack : .keptByPosition
    }
  }

  private let shelf: ArchiveShelf
  private let isBounded: Bool
  private var course = Course()
  private var statement: Statement?
  /// True while the statement stands at a row.
  private var isAtKept = false
  private var number: Int64 = 0
  private var end: Int64?
  private var place: Place = .end

  private enum Place {
    case kept
    case archived(ArchiveBlock, Int)
    case end
  }

  init(_ shelf: ArchiveShelf, isBounded: Bool) {
    (self.shelf, self.isBounded) = (shelf, isBounded)
  }

  private var bound: Int64 { isBounded ? shelf.bound ?? .max : .max }

  var isAtEnd: Bool {
    if case .end = place { return true }
    return false
  }

  func finish() {
    if let statement { shelf.giveBack(statement, course.query) }
    statement = nil
    place = .end
  }

  func start(_ course: Course) throws(JournalError) {
    finish()
    self.course = course
    end = nil
    self.course.low = max(1, course.low)
    if course.stream == nil { self.course.high = min(course.high, bound) }
    guard self.course.low <= self.course.high else { return }
    let query = try shelf.take(course.query)
    statement = query
    try query.bind("low", .integer(self.course.low))
    try query.bind("high", .integer(self.course.high))
    if let name = course.stream ?? course.key { try query.bind("name", .text(name)) }
    isAtKept = try query.step()
    if course.key != nil {
      place = isAtKept ? .kept : .end
      return
    }
    number = self.course.low
    if course.isBack {
      let high = self.course.high
      number = isAtKept && keptNumber == high ? high : min(high, try last())
    }
    try settle()
  }

  func advance() throws(JournalError) {
    guard course.key == nil else {
      place = .end
      return
    }
    if case .kept = place, let statement { isAtKept = try statement.step() }
    number += course.isBack ? -1 : 1
    try settle()
  }

  private var keptNumber: Int64? { statement?.integer(course.stream == nil ? 0 : 2) }

  /// Finds the row of the number that it is the turn of.
  private func settle() throws(JournalError) {
    while true {
      try find()
      guard let position, position > bound else { return }
      // A stream as of an event: later versions are passed over, or end it.
      guard course.isBack else {
        place = .end
        return
      }
      if case .kept = place, let statement { isAtKept = try statement.step() }
      number -= 1
    }
  }

  private func find() throws(JournalError) {
    guard number >= course.low, number <= course.high else {
      place = .end
      return
    }
    if isAtKept, keptNumber == number {
      place = .kept
      return
    }
    // After the last row that stays there is nothing at all: the head and the last of each stream
    // stay.
    if !isAtKept, !course.isBack, try number > last() {
      place = .end
      return
    }
    try findArchived()
  }

  private func findArchived() throws(JournalError) {
    if let stream = course.stream {
      if case .archived(let block, let index) = place,
        let next = block.place(of: stream, version: number, from: index)
      {
        place = .archived(block, next)
        return
      }
      let found = try shelf.block(of: stream, version: number)
      place = .archived(found.block, found.place)
      return
    }
    if case .archived(let block, _) = place, block.holds(number) {
      place = .archived(block, Int(number - block.first))
      return
    }
    let block = try shelf.block(at: number)
    place = .archived(block, Int(number - block.first))
  }

  /// The last number that there is; 0 where there is none.
  private func last() throws(JournalError) -> Int64 {
    if let end { return end }
    let query: SQL = course.stream == nil ? .lastKept : .lastKeptOfStream
    let row = try shelf.take(query)
    defer { shelf.giveBack(row, query) }
    if let stream = course.stream { try row.bind("name", .text(stream)) }
    let found = try row.step() ? row.integer(0) : 0
    end = found
    return found
  }

  /// The position of the row that it stands at.
  var position: Int64? {
    switch place {
    case .kept: statement?.integer(0)
    case .archived(let block, let index): block.events[index].position
    case .end: nil
    }
  }

  /// Answers a column of that row.
  func answer(_ column: Int32, to context: OpaquePointer?) {
    switch place {
    case .kept: statement?.answer(column, to: context)
    case .archived(let block, let index): block.events[index].answer(column, to: context)
    case .end: sqlite3_result_null(context)
    }
  }
}

extension RecordedEvent {
  /// Answers one of the ten columns in the order of the table.
  fileprivate func answer(_ column: Int32, to context: OpaquePointer?) {
    switch column {
    case 0: sqlite3_result_int64(context, position)
    case 1: Self.answer(stream.text, to: context)
    case 2: sqlite3_result_int64(context, version)
    case 3: Self.answer(type, to: context)
    case 4: sqlite3_result_int64(context, Int64(revision))
    case 5: sqlite3_result_int64(context, recordedAt.milliseconds)
    case 6:
      if let cause { sqlite3_result_int64(context, cause) } else { sqlite3_result_null(context) }
    case 7: if let key { Self.answer(key, to: context) } else { sqlite3_result_null(context) }
    case 8: Self.answer(body, to: context)
    default:
      digest.withUnsafeBytes { csqlite_result_blob(context, $0.baseAddress, Int32($0.count)) }
    }
  }

  private static func answer(_ text: String, to context: OpaquePointer?) {
    var text = text
    text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) {
        csqlite_result_text(context, $0.baseAddress, Int32($0.count))
      }
    }
  }
}
