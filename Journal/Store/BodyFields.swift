import RawJSON

/// The fields of a body that the projections written in Swift read; those that statements read are
/// found in their texts.
enum BodyField: Int, CaseIterable {
  case attempt, body, bytes, callback, changes, collection, cursorAfter, delivery, dueAtMs,
    durationMs, element, expiresAtMs, failures, feed, instance, kind, manifests, mode, name,
    nextAtMs,
    notification, object, objectId, place, places, polledAtMs, reason, replay, resource,
    retryAtMs, settings, startedAtMs, status, supported, text, url

  /// As it is stored.
  var name: String {
    switch self {
    case .attempt: "attempt"
    case .body: "body"
    case .bytes: "bytes"
    case .callback: "callback"
    case .changes: "changes"
    case .collection: "collection"
    case .cursorAfter: "cursor_after"
    case .delivery: "delivery"
    case .dueAtMs: "due_at_ms"
    case .durationMs: "duration_ms"
    case .element: "element"
    case .expiresAtMs: "expires_at_ms"
    case .failures: "failures"
    case .feed: "feed"
    case .instance: "instance"
    case .kind: "kind"
    case .manifests: "manifests"
    case .mode: "mode"
    case .name: "name"
    case .nextAtMs: "next_at_ms"
    case .notification: "notification"
    case .object: "object"
    case .objectId: "object_id"
    case .place: "place"
    case .places: "places"
    case .polledAtMs: "polled_at_ms"
    case .reason: "reason"
    case .replay: "replay"
    case .resource: "resource"
    case .retryAtMs: "retry_at_ms"
    case .settings: "settings"
    case .startedAtMs: "started_at_ms"
    case .status: "status"
    case .supported: "supported"
    case .text: "text"
    case .url: "url"
    }
  }
}

/// The values of one body by the names of its fields, found in one walk over its bytes.
///
/// They stand where the body stands, until the next one is read.
final class BodyFields {
  private let names: NameTable
  private let count: Int
  private let values: UnsafeMutablePointer<JSONWalk.Value>
  /// The body in which each value was found, by number: nothing is cleared for the next.
  private let found: UnsafeMutablePointer<UInt32>
  private var number: UInt32 = 0
  /// Texts that had to be unescaped.
  private var plain: [UnsafeMutableRawBufferPointer] = []

  /// - Parameter others: Names beside those of `BodyField`.
  init(_ others: [String] = []) {
    let known = BodyField.allCases.map(\.name)
    let all = known + Set(others).subtracting(known).sorted()
    names = NameTable(all)
    count = all.count
    values = .allocate(capacity: count)
    values.initialize(repeating: JSONWalk.Value(), count: count)
    found = .allocate(capacity: count)
    found.initialize(repeating: 0, count: count)
  }

  deinit {
    forget()
    values.deallocate()
    found.deallocate()
  }

  /// Reads a body.
  ///
  /// - Returns: false where it is no JSON object.
  func read(_ body: UnsafeRawBufferPointer) -> Bool {
    forget()
    number &+= 1
    if number == 0 {
      found.update(repeating: 0, count: count)
      number = 1
    }
    guard !body.isEmpty else { return false }
    var walk = JSONWalk(body)
    let isObject = walk.members { name, value in
      guard let place = names.place(of: name.bytes), found[place] != number else { return }
      values[place] = value
      found[place] = number
    }
    return isObject && walk.isAtEnd()
  }

  /// Holds no fields until the next body is read.
  func empty() { _ = read(UnsafeRawBufferPointer(start: nil, count: 0)) }

  private func forget() {
    if plain.isEmpty { return }
    for text in plain { text.deallocate() }
    plain.removeAll()
  }

  /// The place of a name, for `bind`; nil where nobody asked for it.
  func place(of name: String) -> Int? {
    var name = name
    return name.withUTF8 { names.place(of: UnsafeRawBufferPointer($0)) }
  }

  private func value(_ place: Int) -> JSONWalk.Value {
    found[place] == number ? values[place] : JSONWalk.Value()
  }

  /// The value of a field where it stands.
  subscript(field: BodyField) -> JSONWalk.Value { value(field.rawValue) }

  /// A whole number, or a Boolean as 1 or 0; nil where there is none.
  func integer(_ field: BodyField) -> Int64? {
    let value = self[field]
    switch value.kind {
    case .integer: return value.number
    case .yes: return 1
    case .no: return 0
    default: return nil
    }
  }

  /// A text; nil where there is none.
  func text(_ field: BodyField) -> String? { self[field].text }

  /// An object or array as it stands; nil where there is none.
  func json(_ field: BodyField) -> String? {
    let value = self[field]
    guard value.kind == .object || value.kind == .array else { return nil }
    return String(decoding: value.bytes, as: UTF8.self)
  }

  /// The whole numbers of an array; nil where there is none.
  func numbers(_ field: BodyField) -> [Int64]? {
    let value = self[field]
    guard value.kind == .array else { return nil }
    var numbers: [Int64] = []
    var walk = JSONWalk(value.bytes)
    return walk.elements { numbers.append($0.number) } ? numbers : nil
  }

  /// Compares a field with a text byte by byte; escapes are not read.
  func holds(_ field: BodyField, _ text: StaticString) -> Bool {
    let value = self[field]
    let wanted = UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    return value.kind == .text && same(value.bytes, wanted)
  }

  /// Binds a value as SQLite’s `->>` gives it.
  func bind(_ place: Int, to statement: Statement, at parameter: Int32) {
    let value = value(place)
    switch value.kind {
    case .missing, .null: statement.bind(parameter, nil)
    case .yes: statement.bind(parameter, 1)
    case .no: statement.bind(parameter, 0)
    case .integer: statement.bind(parameter, value.number)
    case .decimal: statement.bind(parameter, decimal: value.decimal ?? 0)
    case .array, .object: statement.bind(parameter, textThere: value.bytes)
    case .text: statement.bind(parameter, textThere: unescaped(value))
    }
  }

  private func unescaped(_ value: JSONWalk.Value) -> UnsafeRawBufferPointer {
    guard value.hasEscapes, let bytes = value.unescaped() else { return value.bytes }
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(bytes.count, 1), alignment: 1)
    copy.copyBytes(from: bytes)
    plain.append(copy)
    return UnsafeRawBufferPointer(rebasing: copy[..<bytes.count])
  }
}
