/// Goes through the columns of a row with a history, in the order of the statement that writes it.
protocol RowColumns {
  mutating func column(_ value: inout Int64)
  mutating func column(_ value: inout Int64?)
  mutating func column(_ value: inout String)
  mutating func column(_ value: inout String?)
}

/// A row that names its columns once: they are read and written in that order.
protocol ColumnedRow: HistoryRow {
  init()
  /// Goes through all columns, the key first.
  mutating func go(through columns: inout some RowColumns)
}

extension ColumnedRow {
  init(_ row: Statement) {
    self.init()
    var reading = ColumnReading(row: row)
    go(through: &reading)
  }

  func bind(to statement: Statement) {
    var row = self
    var binding = ColumnBinding(statement: statement)
    row.go(through: &binding)
  }
}

extension ColumnedRow where Key == Int64 {
  static func bind(_ key: Key, to statement: Statement) { statement.bind(1, key) }
}

extension ColumnedRow where Key == String {
  static func bind(_ key: Key, to statement: Statement) { statement.bind(1, text: key) }
}

/// Reads columns from a row of the statement `newest`, whose first one is the row's number.
private struct ColumnReading: RowColumns {
  let row: Statement
  private var place: Int32 = 0

  init(row: Statement) { self.row = row }

  private mutating func next() -> Int32 {
    place += 1
    return place
  }

  mutating func column(_ value: inout Int64) { value = row.integer(next()) }
  mutating func column(_ value: inout Int64?) { value = row.optionalInteger(next()) }
  mutating func column(_ value: inout String) { value = row.text(next()) }
  mutating func column(_ value: inout String?) { value = row.optionalText(next()) }
}

/// Binds columns to the parameters of the statement that writes them.
private struct ColumnBinding: RowColumns {
  let statement: Statement
  private var place: Int32 = 0

  init(statement: Statement) { self.statement = statement }

  private mutating func next() -> Int32 {
    place += 1
    return place
  }

  mutating func column(_ value: inout Int64) { statement.bind(next(), value) }
  mutating func column(_ value: inout Int64?) { statement.bind(next(), value) }
  mutating func column(_ value: inout String) { statement.bind(next(), text: value) }
  mutating func column(_ value: inout String?) { statement.bind(next(), text: value) }
}
