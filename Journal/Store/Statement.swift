import CSQLite
import Events

/// A value on its way into a statement.
package enum Binding: Sendable, Equatable {
  case null
  case integer(Int64)
  case text(String)
  case bytes([UInt8])

  static func id(_ id: some NumberedID) -> Binding { .integer(id.number) }

  init(_ id: (some NumberedID)?) { self.init(id?.number) }
  init(_ value: Int64?) { self = value.map(Binding.integer) ?? .null }
  init(_ value: String?) { self = value.map(Binding.text) ?? .null }
  init(_ value: [UInt8]?) { self = value.map(Binding.bytes) ?? .null }
}

/// A prepared statement; lives as long as its connection.
final class Statement {
  private let pointer: OpaquePointer
  private unowned let connection: Connection
  private let sql: String
  /// The named parameters in the order of their places, their colons left out.
  private let names: [String]
  /// Where the next name is looked for first: values mostly come in the order of the places.
  private var hint = 0
  /// Texts that were bound as copies since the last run.
  private var copies: UnsafeMutableRawBufferPointer?
  private var copiedBytes = 0

  init(_ pointer: OpaquePointer, of connection: Connection, sql: String) {
    self.pointer = pointer
    self.connection = connection
    self.sql = sql
    names = (0..<sqlite3_bind_parameter_count(pointer)).map { place in
      let name = sqlite3_bind_parameter_name(pointer, place + 1)
      return name.map { String(String(cString: $0).dropFirst()) } ?? ""
    }
  }

  deinit { copies?.deallocate() }

  func finalize() { sqlite3_finalize(pointer) }

  func reset() {
    hint = 0
    copiedBytes = 0
    sqlite3_reset(pointer)
  }

  /// Binds a parameter; one that the statement does not name is passed over, so that one set of
  /// values serves many statements.
  func bind(_ name: String, _ value: Binding) throws(JournalError) {
    guard let place = place(of: name) else { return }
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

  /// A few names are compared sooner than one is hashed.
  private func place(of name: String) -> Int32? {
    if hint < names.count, names[hint] == name {
      hint += 1
      return Int32(hint)
    }
    guard let index = names.firstIndex(of: name) else { return nil }
    hint = index + 1
    return Int32(hint)
  }

  // Where every append passes, parameters are bound by their places, counted from 1, and texts
  // and bytes stay where they stand: the caller keeps them there until the statement is reset.

  func bind(_ place: Int32, _ number: Int64?) {
    let code =
      if let number {
        sqlite3_bind_int64(pointer, place, number)
      } else {
        sqlite3_bind_null(pointer, place)
      }
    precondition(code == SQLITE_OK, "place \(place) cannot be bound")
  }

  func bind(_ place: Int32, there text: Slice<UnsafeRawBufferPointer>?) {
    guard let text else { return bind(place, nil) }
    let bytes = UnsafeRawBufferPointer(rebasing: text)
    let code = csqlite_bind_text_there(pointer, place, bytes.baseAddress, Int32(bytes.count))
    precondition(code == SQLITE_OK, "place \(place) cannot be bound")
  }

  func bind(_ place: Int32, blobThere bytes: UnsafeRawBufferPointer) {
    let code = csqlite_bind_blob_there(pointer, place, bytes.baseAddress, Int32(bytes.count))
    precondition(code == SQLITE_OK, "place \(place) cannot be bound")
  }

  func bind(_ place: Int32, textThere bytes: UnsafeRawBufferPointer) {
    let code = csqlite_bind_text_there(pointer, place, bytes.baseAddress, Int32(bytes.count))
    precondition(code == SQLITE_OK, "place \(place) cannot be bound")
  }

  func bind(_ place: Int32, decimal: Double) {
    let code = sqlite3_bind_double(pointer, place, decimal)
    precondition(code == SQLITE_OK, "place \(place) cannot be bound")
  }

  /// Binds a copy, which counts for one run: it is bound anew before the next.
  func bind(_ place: Int32, text: String?) {
    guard var text else { return bind(place, nil) }
    let code = text.withUTF8 { bytes in
      guard let copy = copied(UnsafeRawBufferPointer(bytes)) else {
        return bytes.withMemoryRebound(to: CChar.self) {
          csqlite_bind_text(pointer, place, $0.baseAddress, Int32($0.count))
        }
      }
      return csqlite_bind_text_there(pointer, place, copy.baseAddress, Int32(copy.count))
    }
    precondition(code == SQLITE_OK, "place \(place) cannot be bound")
  }

  /// Bytes that the copies of one run take at most; SQLite keeps what does not fit, each text by
  /// itself.
  private static var copiesMax: Int { 4_096 }

  private func copied(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    guard copiedBytes + bytes.count <= Self.copiesMax else { return nil }
    let room = copies ?? .allocate(byteCount: Self.copiesMax, alignment: 1)
    copies = room
    let copy = UnsafeMutableRawBufferPointer(
      rebasing: room[copiedBytes..<copiedBytes + bytes.count])
    copy.copyBytes(from: bytes)
    copiedBytes += bytes.count
    return UnsafeRawBufferPointer(copy)
  }

  /// The parameters in the order of their places, such as `:position` and `@feed`.
  var parameters: [String] {
    (0..<sqlite3_bind_parameter_count(pointer)).map { place in
      sqlite3_bind_parameter_name(pointer, place + 1).map { String(cString: $0) } ?? ""
    }
  }

  /// The bytes of a text, which stay there until the next step.
  func there(_ column: Int32) -> UnsafeRawBufferPointer {
    // The pointer has to be asked for before the length. Source: sqlite.org, “Result Values”.
    let start = sqlite3_column_text(pointer, column)
    return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(pointer, column)))
  }

  /// Bytes, which stay there until the next step.
  func blobThere(_ column: Int32) -> UnsafeRawBufferPointer {
    let start = sqlite3_column_blob(pointer, column)
    return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(pointer, column)))
  }

  /// Compares a text with one that is known.
  func holds(_ column: Int32, _ text: StaticString) -> Bool {
    same(
      there(column), UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Runs a statement that answers no rows and whose parameters are bound, and resets it.
  func runBound() throws(JournalError) {
    let code = finish()
    guard code == SQLITE_OK else { throw connection.failure(code, sql) }
  }

  /// Runs a statement that answers no rows, and resets it.
  ///
  /// - Returns: What SQLite says of it; `SQLITE_OK` where it is done.
  func finish() -> Int32 {
    copiedBytes = 0
    sqlite3_step(pointer)
    // The code of the step again, with its message.
    return sqlite3_reset(pointer)
  }

  /// Goes to the next row; false after the last.
  func step() throws(JournalError) -> Bool {
    let code = sqlite3_step(pointer)
    if code == SQLITE_ROW { return true }
    if code == SQLITE_DONE { return false }
    let failure = connection.failure(code, sql)
    sqlite3_reset(pointer)
    throw failure
  }

  /// Runs a statement that answers no rows and wants no values.
  func run() throws(JournalError) {
    hint = 0
    let code = finish()
    guard code == SQLITE_OK else { throw connection.failure(code, sql) }
  }

  /// Runs a statement that answers no rows.
  func run(_ values: KeyValuePairs<String, Binding>) throws(JournalError) {
    for (name, value) in values { try bind(name, value) }
    defer { reset() }
    while try step() {}
  }

  // Columns count from 0; a reader of a null column says so by asking `isNull` first.

  var columnCount: Int32 { sqlite3_column_count(pointer) }

  func name(_ column: Int32) -> String {
    sqlite3_column_name(pointer, column).map { String(cString: $0) } ?? ""
  }

  /// The table and column that a column shows as they stand, also through a view; nil for what is
  /// reckoned.
  func origin(_ column: Int32) -> (table: String, column: String)? {
    guard let table = sqlite3_column_table_name(pointer, column),
      let name = sqlite3_column_origin_name(pointer, column)
    else { return nil }
    return (String(cString: table), String(cString: name))
  }

  /// True for a text that a function of JSON has just made. SQLite marks those with a J.
  func isMadeOfJSON(_ column: Int32) -> Bool {
    sqlite3_value_subtype(sqlite3_column_value(pointer, column)) == UInt32(UInt8(ascii: "J"))
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

  /// Reads the bytes of a column where they stand, until the next step.
  func withBytes<Answer>(
    _ column: Int32, _ read: (UnsafeRawBufferPointer) throws -> Answer
  ) rethrows -> Answer {
    // The pointer has to be asked for before the length. Source: sqlite.org, “Result Values”.
    let start = sqlite3_column_blob(pointer, column)
    return try read(
      UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(pointer, column))))
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

  /// A number of a disposable table that counts or measures something.
  ///
  /// - Throws: `misfolded` for one that nothing comes to, and with which sums would overflow.
  func count(_ column: Int32, _ name: String) throws(JournalError) -> Int64 {
    let number = integer(column)
    guard (0...1 << 48).contains(number) else { throw misfolded(name, column) }
    return number
  }

  /// The error for a value of a disposable table that no event can make.
  func misfolded(_ name: String, _ column: Int32) -> JournalError {
    .misfolded(
      path: connection.path, why: "\(name) holds “\(cut(text(column)))”, which no event makes of it"
    )
  }

  /// Its first characters, without those that a terminal would obey.
  private func cut(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.prefix(40).map { $0.properties.generalCategory == .control ? "?" : $0 })
    )
  }

  /// Answers a column of a row to who asked SQLite for it.
  func answer(_ column: Int32, to context: OpaquePointer?) {
    sqlite3_result_value(context, sqlite3_column_value(pointer, column))
  }

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
