import CSQLite

/// A value on its way into a statement.
package enum Binding: Sendable, Equatable {
  case null
  case integer(Int64)
  case text(String)
  case bytes([UInt8])

  init(_ value: Int64?) { self = value.map(Binding.integer) ?? .null }
  init(_ value: String?) { self = value.map(Binding.text) ?? .null }
  init(_ value: [UInt8]?) { self = value.map(Binding.bytes) ?? .null }
}

/// The text of a statement as a key. Its length stands for it among the few hundred there are: to
/// hash a kilobyte at each look-up takes longer than many a statement runs.
struct StatementText: Hashable {
  let text: String

  func hash(into hasher: inout Hasher) { hasher.combine(text.utf8.count) }
}

/// A prepared statement; lives as long as its connection.
final class Statement {
  private let pointer: OpaquePointer
  private unowned let connection: Connection
  private let sql: String
  /// The place of each named parameter, its colon left out.
  private let places: [String: Int32]

  init(_ pointer: OpaquePointer, of connection: Connection, sql: String) {
    self.pointer = pointer
    self.connection = connection
    self.sql = sql
    var places: [String: Int32] = [:]
    let count = sqlite3_bind_parameter_count(pointer)
    for place in 0..<count {
      guard let name = sqlite3_bind_parameter_name(pointer, place + 1) else { continue }
      places[String(String(cString: name).dropFirst())] = place + 1
    }
    self.places = places
  }

  func finalize() { sqlite3_finalize(pointer) }

  func reset() { sqlite3_reset(pointer) }

  /// Binds a parameter; one that the statement does not name is passed over, so that one set of
  /// values serves many statements.
  func bind(_ name: String, _ value: Binding) throws(LogError) {
    guard let place = places[name] else { return }
    let code: Int32
    switch value {
    case .null: code = sqlite3_bind_null(pointer, place)
    case .integer(let number): code = sqlite3_bind_int64(pointer, place, number)
    case .text(let text):
      var copy = text
      code = copy.withUTF8 { bytes in
        bytes.withMemoryRebound(to: CChar.self) {
          csqlite_bind_text(pointer, place, $0.baseAddress, Int32($0.count))
        }
      }
    case .bytes(let bytes):
      code = bytes.withUnsafeBytes {
        csqlite_bind_blob(pointer, place, $0.baseAddress, Int32($0.count))
      }
    }
    guard code == SQLITE_OK else { throw connection.failure(code, sql) }
  }

  /// Whether there is another row.
  func step() throws(LogError) -> Bool {
    let code = sqlite3_step(pointer)
    if code == SQLITE_ROW { return true }
    if code == SQLITE_DONE { return false }
    let failure = connection.failure(code, sql)
    sqlite3_reset(pointer)
    throw failure
  }

  /// Runs a statement that answers no rows.
  func run(_ values: KeyValuePairs<String, Binding> = [:]) throws(LogError) {
    for (name, value) in values { try bind(name, value) }
    defer { sqlite3_reset(pointer) }
    while try step() {}
  }

  // Columns count from 0; a reader of a null column says so by asking `isNull` first.

  var columnCount: Int32 { sqlite3_column_count(pointer) }

  func name(_ column: Int32) -> String {
    sqlite3_column_name(pointer, column).map { String(cString: $0) } ?? ""
  }

  func isNull(_ column: Int32) -> Bool { sqlite3_column_type(pointer, column) == SQLITE_NULL }

  func kind(_ column: Int32) -> Int32 { sqlite3_column_type(pointer, column) }

  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(pointer, column) }

  func decimal(_ column: Int32) -> Double { sqlite3_column_double(pointer, column) }

  func text(_ column: Int32) -> String {
    // The pointer has to be asked for before the length. Source: sqlite.org, “Result Values”.
    guard let start = sqlite3_column_text(pointer, column) else { return "" }
    let count = Int(sqlite3_column_bytes(pointer, column))
    return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  }

  func bytes(_ column: Int32) -> [UInt8] {
    guard let start = sqlite3_column_blob(pointer, column) else { return [] }
    let count = Int(sqlite3_column_bytes(pointer, column))
    return [UInt8](UnsafeRawBufferPointer(start: start, count: count))
  }

  func value(_ column: Int32) -> Stored {
    switch kind(column) {
    case SQLITE_INTEGER: .integer(integer(column))
    case SQLITE_FLOAT: .decimal(decimal(column))
    case SQLITE_TEXT: .text(text(column))
    case SQLITE_BLOB: .bytes(bytes(column))
    default: .null
    }
  }

  func optionalInteger(_ column: Int32) -> Int64? { isNull(column) ? nil : integer(column) }

  func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }
}

extension Connection {
  /// `daybook_appends()` lets our own inserts pass the triggers; `daybook_bytes(hex)` reads
  /// hexadecimal text, which SQLite can do by itself only since 3.41.
  func registerFunctions() {
    let plain = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS
    sqlite3_create_function_v2(
      handle, "daybook_appends", 0, plain, nil, { context, _, _ in sqlite3_result_int(context, 1) },
      nil, nil, nil)
    sqlite3_create_function_v2(
      handle, "daybook_bytes", 1, plain, nil,
      { context, _, values in
        guard let value = values?[0], let start = sqlite3_value_text(value) else { return }
        let count = Int(sqlite3_value_bytes(value))
        let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
        guard let bytes = bytesOf(hexadecimal: text) else { return }
        bytes.withUnsafeBytes { csqlite_result_blob(context, $0.baseAddress, Int32($0.count)) }
      }, nil, nil, nil)
  }
}
