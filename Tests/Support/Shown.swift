import FoundationEssentials

/// A JSON value as the tests look at it.
package enum Shown: Decodable, Equatable {
  case text(String)
  case number(Double)
  case flag(Bool)
  case list([Shown])
  case object([String: Shown])

  package init(from decoder: any Decoder) throws {
    let box = try decoder.singleValueContainer()
    if let value = try? box.decode(Bool.self) {
      self = .flag(value)
    } else if let value = try? box.decode(Double.self) {
      self = .number(value)
    } else if let value = try? box.decode(String.self) {
      self = .text(value)
    } else if let value = try? box.decode([Shown].self) {
      self = .list(value)
    } else {
      self = .object(try box.decode([String: Shown].self))
    }
  }

  package init(_ body: [UInt8]) throws {
    self = try JSONDecoder().decode(Shown.self, from: Data(body))
  }

  package subscript(key: String) -> Shown? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  package subscript(index: Int) -> Shown? {
    if case .list(let items) = self, items.indices.contains(index) { items[index] } else { nil }
  }

  package var string: String? {
    if case .text(let value) = self { value } else { nil }
  }

  package var items: [Shown] {
    if case .list(let items) = self { items } else { [] }
  }

  package var keys: Set<String> {
    if case .object(let members) = self { Set(members.keys) } else { [] }
  }
}

/// The times of an event, as members of its JSON.
package let morning = """
  "start":{"dateTime":"2026-12-07T09:00:00Z"},"end":{"dateTime":"2026-12-07T10:00:00Z"}
  """
