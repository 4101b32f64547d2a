/// A row with a history: what was true of its key from the event `since` to the event `until`.
///
/// What follows from an event is said by functions of values, without any SQL: another store folds
/// by the same ones.
protocol HistoryRow {
  associatedtype Key: Hashable
  var key: Key { get }
  var since: Int64 { get set }
  /// nil: it is in force.
  var until: Int64? { get set }

  /// The statement that writes a row; its parameters are those that `bind` binds, in that order.
  static var insertion: SQL { get }
  /// The statement that ends the row numbered `:row` at the event `:until`.
  static var ending: SQL { get }
  /// The statement that finds the newest row of the key: its number, then the columns.
  static var newest: SQL { get }
  /// The statement that changes a row in place; nil: none is changed.
  static var amendment: SQL? { get }

  /// Reads a row of the statement `newest`, whose columns begin at 1.
  init(_ row: Statement)
  func bind(to statement: Statement)
  /// Binds what may change in place, and the row's number, as the parameters of `amendment`.
  func bindAmendment(of number: Int64, to statement: Statement)
  /// Binds the key as the first parameter.
  static func bind(_ key: Key, to statement: Statement)
}

extension HistoryRow {
  static var amendment: SQL? { nil }
  func bindAmendment(of number: Int64, to statement: Statement) {}
}

/// The rows of a table with a history while events are folded into it.
///
/// What is in force stands in memory or is read from the table where it is missed. Rows are written
/// at the end of a transaction: one that begins and ends within it is written once, with its end.
final class HistoryTable<Row: HistoryRow> {
  private let generation: Int64
  /// In force, by key.
  private var live: [Row.Key: Live] = [:]
  /// Keys whose row in force is not written yet, in the order of the events.
  private var begun: [Row.Key] = []
  /// Ended before they were written.
  private var past: [Row] = []
  /// Written rows that end.
  private var ended: [(row: Int64, until: Int64)] = []
  /// Written rows that change in place, by their numbers.
  private var amended: [Int64: Row] = [:]

  private struct Live {
    var row: Row
    /// Its number in the table; nil: not written yet.
    var number: Int64?
  }

  /// Rows in force that are remembered from one transaction to the next.
  private static var keptMax: Int { 20_000 }

  init(generation: Int64) { self.generation = generation }

  /// The row in force; nil where there is none.
  func current(_ key: Row.Key, _ connection: Connection) throws(JournalError) -> Row? {
    if let known = live[key] { return known.row }
    let query = try connection.projection(Row.newest, generation)
    defer { query.reset() }
    Row.bind(key, to: query)
    guard try query.step() else { return nil }
    let row = Row(query)
    guard row.until == nil else { return nil }
    live[key] = Live(row: row, number: query.integer(0))
    return row
  }

  /// A row begins; the one before it, if any, has been ended.
  func begin(_ row: Row) {
    let key = row.key
    if let other = live.updateValue(Live(row: row, number: nil), forKey: key), other.number == nil {
      // Two at once, which no engine writes: both are kept as they are.
      past.append(other.row)
    } else {
      begun.append(key)
    }
  }

  /// The row in force ends, and the one that follows begins.
  func replace(
    _ key: Row.Key, at position: Int64, _ connection: Connection, with change: (inout Row) -> Void
  ) throws(JournalError) {
    guard var row = try current(key, connection) else { return }
    end(key, at: position)
    row.since = position
    change(&row)
    begin(row)
  }

  /// Changes the row in force in place.
  ///
  /// - Parameter change: Returns false where it changed nothing.
  /// - Returns: What `change` returns; false where there is no row.
  func amend(
    _ key: Row.Key, _ connection: Connection, with change: (inout Row) -> Bool
  ) throws(JournalError) -> Bool {
    guard var row = try current(key, connection), change(&row) else { return false }
    live[key]?.row = row
    if let number = live[key]?.number { amended[number] = row }
    return true
  }

  /// The row in force ends, where it stands in memory: `current` brings it there.
  func end(_ key: Row.Key, at position: Int64) {
    guard var old = live.removeValue(forKey: key) else { return }
    if let number = old.number {
      ended.append((number, position))
    } else {
      old.row.until = position
      past.append(old.row)
    }
  }

  /// Writes what the table does not have yet.
  func write(_ connection: Connection) throws(JournalError) {
    if past.isEmpty && begun.isEmpty && ended.isEmpty && amended.isEmpty { return }
    let insertion = try connection.projection(Row.insertion, generation)
    for row in past {
      row.bind(to: insertion)
      try insertion.runBound()
    }
    past.removeAll(keepingCapacity: true)
    for key in begun {
      guard let kept = live[key], kept.number == nil else { continue }
      kept.row.bind(to: insertion)
      try insertion.runBound()
      live[key]?.number = connection.lastRow
    }
    begun.removeAll(keepingCapacity: true)
    let ending = try connection.projection(Row.ending, generation)
    for one in ended {
      ending.bind(1, one.until)
      ending.bind(2, one.row)
      try ending.runBound()
    }
    ended.removeAll(keepingCapacity: true)
    try writeAmended(connection)
    if live.count > Self.keptMax { live.removeAll() }
  }

  private func writeAmended(_ connection: Connection) throws(JournalError) {
    guard let query = Row.amendment, !amended.isEmpty else { return }
    let amendment = try connection.projection(query, generation)
    for (number, row) in amended {
      row.bindAmendment(of: number, to: amendment)
      try amendment.runBound()
    }
    amended.removeAll(keepingCapacity: true)
  }

  /// Forgets what is in memory; what is not written yet is lost.
  func forget() {
    live.removeAll()
    begun.removeAll()
    past.removeAll()
    ended.removeAll()
    amended.removeAll()
  }
}
