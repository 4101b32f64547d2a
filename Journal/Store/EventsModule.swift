import CSQLite
import Events

/// The table `events` where events were archived, for SQLite. Source: sqlite.org, “The Virtual
/// Table Mechanism Of SQLite”.
///
/// It is found by position, by stream and version, and by key, in either order; all else that a
/// statement asks SQLite looks at itself, row by row.
enum EventsModule {
  static let name = "daybook_events"

  static func make() -> UnsafeMutablePointer<sqlite3_module> {
    let module = UnsafeMutablePointer<sqlite3_module>.allocate(capacity: 1)
    module.initialize(to: sqlite3_module())
    module.pointee.iVersion = 1
    module.pointee.xCreate = { connectEvents($0, $1, $2, $3, $4, $5) }
    module.pointee.xConnect = connectEvents
    module.pointee.xBestIndex = planEvents
    module.pointee.xDisconnect = disconnectEvents
    module.pointee.xDestroy = disconnectEvents
    module.pointee.xOpen = openEvents
    module.pointee.xClose = closeEvents
    module.pointee.xFilter = filterEvents
    module.pointee.xNext = { cursor in
      guard let walk = walk(cursor) else { return SQLITE_ERROR }
      return walk.shelf.answer { () throws(JournalError) in try walk.walk.advance() }
    }
    module.pointee.xEof = { cursor in walk(cursor)?.walk.isAtEnd == false ? 0 : 1 }
    module.pointee.xColumn = { cursor, context, column in
      walk(cursor)?.walk.answer(column, to: context)
      return SQLITE_OK
    }
    module.pointee.xRowid = { cursor, row in
      row?.pointee = walk(cursor)?.walk.position ?? 0
      return SQLITE_OK
    }
    return module
  }

  /// How a statement finds its rows, as bits of one number.
  struct Plan: OptionSet {
    let rawValue: Int32
    static let byStream = Plan(rawValue: 1)
    static let byKey = Plan(rawValue: 2)
    static let equal = Plan(rawValue: 4)
    static let low = Plan(rawValue: 8)
    static let above = Plan(rawValue: 16)
    static let high = Plan(rawValue: 32)
    static let below = Plan(rawValue: 64)
    static let isBack = Plan(rawValue: 128)
  }
}

/// The table as SQLite keeps it; it begins with what it knows of every one.
private struct EventsTable {
  var base = sqlite3_vtab()
  var shelf: Unmanaged<ArchiveShelf>
  var isBounded: Bool
}

/// The same of one who reads it.
private struct EventsCursor {
  var base = sqlite3_vtab_cursor()
  var walk: Unmanaged<CursorWalk>
}

private final class CursorWalk {
  let shelf: ArchiveShelf
  let walk: EventWalk

  init(_ shelf: ArchiveShelf, isBounded: Bool) {
    self.shelf = shelf
    walk = EventWalk(shelf, isBounded: isBounded)
  }
}

private func walk(_ cursor: UnsafeMutablePointer<sqlite3_vtab_cursor>?) -> CursorWalk? {
  guard let cursor else { return nil }
  return UnsafeMutableRawPointer(cursor).assumingMemoryBound(to: EventsCursor.self)
    .pointee.walk.takeUnretainedValue()
}

private func connectEvents(
  _ handle: OpaquePointer?, _ shelf: UnsafeMutableRawPointer?, _: Int32,
  _ words: UnsafePointer<UnsafePointer<CChar>?>?,
  _ made: UnsafeMutablePointer<UnsafeMutablePointer<sqlite3_vtab>?>?,
  _: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  guard let shelf, let words, let name = words[2] else { return SQLITE_ERROR }
  let code = sqlite3_declare_vtab(handle, SQL.archivedColumns.text)
  guard code == SQLITE_OK else { return code }
  csqlite_is_innocuous(handle)
  let table = UnsafeMutablePointer<EventsTable>.allocate(capacity: 1)
  table.initialize(
    to: EventsTable(
      shelf: Unmanaged<ArchiveShelf>.fromOpaque(shelf), isBounded: String(cString: name) == "events"
    ))
  made?.pointee = UnsafeMutableRawPointer(table).assumingMemoryBound(to: sqlite3_vtab.self)
  return SQLITE_OK
}

private func disconnectEvents(_ table: UnsafeMutablePointer<sqlite3_vtab>?) -> Int32 {
  guard let table else { return SQLITE_OK }
  let own = UnsafeMutableRawPointer(table).assumingMemoryBound(to: EventsTable.self)
  own.deinitialize(count: 1)
  own.deallocate()
  return SQLITE_OK
}

private func openEvents(
  _ table: UnsafeMutablePointer<sqlite3_vtab>?,
  _ made: UnsafeMutablePointer<UnsafeMutablePointer<sqlite3_vtab_cursor>?>?
) -> Int32 {
  guard let table else { return SQLITE_ERROR }
  let own = UnsafeMutableRawPointer(table).assumingMemoryBound(to: EventsTable.self).pointee
  let walk = CursorWalk(own.shelf.takeUnretainedValue(), isBounded: own.isBounded)
  let cursor = UnsafeMutablePointer<EventsCursor>.allocate(capacity: 1)
  cursor.initialize(to: EventsCursor(walk: Unmanaged.passRetained(walk)))
  made?.pointee = UnsafeMutableRawPointer(cursor).assumingMemoryBound(to: sqlite3_vtab_cursor.self)
  return SQLITE_OK
}

private func closeEvents(_ cursor: UnsafeMutablePointer<sqlite3_vtab_cursor>?) -> Int32 {
  guard let cursor else { return SQLITE_OK }
  let own = UnsafeMutableRawPointer(cursor).assumingMemoryBound(to: EventsCursor.self)
  let walk = own.pointee.walk
  walk.takeUnretainedValue().walk.finish()
  walk.release()
  own.deinitialize(count: 1)
  own.deallocate()
  return SQLITE_OK
}

/// Says how rows are found, what that costs, and in which order they come.
private func planEvents(
  _: UnsafeMutablePointer<sqlite3_vtab>?, _ asked: UnsafeMutablePointer<sqlite3_index_info>?
) -> Int32 {
  guard let asked else { return SQLITE_ERROR }
  var search = EventsSearch(asked)
  search.choose()
  return SQLITE_OK
}

/// The search for the best way to answer what a statement asks of the table.
private struct EventsSearch {
  let asked: UnsafeMutablePointer<sqlite3_index_info>
  private var plan: EventsModule.Plan = []
  private var arguments: Int32 = 0

  init(_ asked: UnsafeMutablePointer<sqlite3_index_info>) { self.asked = asked }

  /// Columns in the order of the table; -1 is the position as well.
  private static let stream: Int32 = 1
  private static let version: Int32 = 2
  private static let key: Int32 = 7

  mutating func choose() {
    if use([0, -1], SQLITE_INDEX_CONSTRAINT_EQ) {
      plan.insert(.equal)
      conclude(cost: 10, rows: 1, isOne: true)
    } else if use([Self.key], SQLITE_INDEX_CONSTRAINT_EQ) {
      plan.insert(.byKey)
      conclude(cost: 20, rows: 1, isOne: true)
    } else if use([Self.stream], SQLITE_INDEX_CONSTRAINT_EQ) {
      plan.insert(.byStream)
      if use([Self.version], SQLITE_INDEX_CONSTRAINT_EQ) {
        plan.insert(.equal)
        return conclude(cost: 20, rows: 1, isOne: true)
      }
      useBounds([Self.version])
      order([Self.version, 0, -1])
      conclude(cost: 200, rows: 20)
    } else {
      useBounds([0, -1])
      order([0, -1])
      let isShort = plan.contains([.low, .high])
      let isHalf = !plan.isDisjoint(with: [.low, .high])
      let rows: Int64 = isShort ? 10_000 : isHalf ? 250_000 : 1_000_000
      conclude(cost: Double(rows) * 3, rows: rows)
    }
  }

  private mutating func useBounds(_ columns: Set<Int32>) {
    if use(columns, SQLITE_INDEX_CONSTRAINT_GE) {
      plan.insert(.low)
    } else if use(columns, SQLITE_INDEX_CONSTRAINT_GT) {
      plan.formUnion([.low, .above])
    }
    if use(columns, SQLITE_INDEX_CONSTRAINT_LE) {
      plan.insert(.high)
    } else if use(columns, SQLITE_INDEX_CONSTRAINT_LT) {
      plan.formUnion([.high, .below])
    }
  }

  /// Takes the first constraint of a kind on one of the columns; SQLite looks at it once more.
  private mutating func use(_ columns: Set<Int32>, _ kind: Int32) -> Bool {
    for place in 0..<Int(asked.pointee.nConstraint) {
      let constraint = asked.pointee.aConstraint[place]
      guard constraint.usable != 0, Int32(constraint.op) == kind,
        columns.contains(constraint.iColumn), isBinary(place)
      else { continue }
      arguments += 1
      asked.pointee.aConstraintUsage[place].argvIndex = arguments
      return true
    }
    return false
  }

  private func isBinary(_ place: Int) -> Bool {
    guard let name = sqlite3_vtab_collation(asked, Int32(place)) else { return false }
    return sqlite3_stricmp(name, "BINARY") == 0
  }

  /// Rows come in the order of their numbers, whichever way is asked for.
  private mutating func order(_ columns: Set<Int32>) {
    guard asked.pointee.nOrderBy == 1, let wanted = asked.pointee.aOrderBy?.pointee,
      columns.contains(wanted.iColumn)
    else { return }
    if wanted.desc != 0 { plan.insert(.isBack) }
    asked.pointee.orderByConsumed = 1
  }

  private func conclude(cost: Double, rows: Int64, isOne: Bool = false) {
    asked.pointee.idxNum = plan.rawValue
    asked.pointee.estimatedCost = cost
    asked.pointee.estimatedRows = rows
    if isOne {
      asked.pointee.idxFlags = SQLITE_INDEX_SCAN_UNIQUE
      asked.pointee.orderByConsumed = 1
    }
  }
}

private func filterEvents(
  _ cursor: UnsafeMutablePointer<sqlite3_vtab_cursor>?, _ number: Int32,
  _: UnsafePointer<CChar>?, _ count: Int32, _ values: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
  guard let own = walk(cursor) else { return SQLITE_ERROR }
  var arguments = (0..<Int(count)).map { values?[$0] }[...]
  let course = EventWalk.Course(EventsModule.Plan(rawValue: number), &arguments)
  return own.shelf.answer { () throws(JournalError) in
    own.walk.finish()
    if let course { try own.walk.start(course) }
  }
}

extension EventWalk.Course {
  /// Reads a plan and its values.
  ///
  /// - Returns: nil where no row is so.
  fileprivate init?(_ plan: EventsModule.Plan, _ values: inout ArraySlice<OpaquePointer?>) {
    isBack = plan.contains(.isBack)
    if !plan.isDisjoint(with: [.byStream, .byKey]) {
      guard let value = values.popFirst(), let text = Self.text(value) else { return nil }
      if plan.contains(.byStream) { stream = text } else { key = text }
    }
    if plan.contains(.equal) {
      guard let value = values.popFirst(), let bounds = Self.bounds(value), let low = bounds.low,
        low == bounds.high
      else { return nil }
      (self.low, high) = (low, low)
    }
    if plan.contains(.low) {
      guard let value = values.popFirst(), let bounds = Self.bounds(value) else { return nil }
      if let low = bounds.low {
        self.low = plan.contains(.above) && bounds.high == low && low < .max ? low + 1 : low
      }
    }
    if plan.contains(.high) {
      guard let value = values.popFirst(), let bounds = Self.bounds(value) else { return nil }
      if let high = bounds.high {
        self.high = plan.contains(.below) && bounds.low == high && high > .min ? high - 1 : high
      }
    }
  }

  /// The whole numbers next to a value; no bound where it is none, and nil where it is null.
  private static func bounds(_ value: OpaquePointer?) -> (low: Int64?, high: Int64?)? {
    switch sqlite3_value_numeric_type(value) {
    case SQLITE_NULL: return nil
    case SQLITE_INTEGER:
      let number = sqlite3_value_int64(value)
      return (number, number)
    case SQLITE_FLOAT:
      let number = sqlite3_value_double(value)
      return (Int64(exactly: number.rounded(.down)), Int64(exactly: number.rounded(.up)))
    default: return (nil, nil)
    }
  }

  private static func text(_ value: OpaquePointer?) -> String? {
    guard sqlite3_value_type(value) != SQLITE_NULL, let start = sqlite3_value_text(value) else {
      return nil
    }
    let count = Int(sqlite3_value_bytes(value))
    return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  }
}
