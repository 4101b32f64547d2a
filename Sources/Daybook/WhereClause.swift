import Domain
import Events

/// A `where` of the platform: conditions that all have to hold.
///
///     channel='webhook' and status='queued' and config.url='https://example.com/hook'
///
/// A quote within a value stands twice. Source: the platform’s own tests, which ask for deliveries
/// so.
struct WhereClause {
  private(set) var conditions: [String: String] = [:]

  /// - Parameter names: What may be asked for.
  /// - Throws: `Refusal` for anything else.
  init(_ text: String, knowing names: [String]) throws(Refusal) {
    guard text.utf8.count <= Limits.urlCharactersMax * 2 else {
      throw Refusal(.tooLarge, "is too long", at: "where")
    }
    var rest = Substring(text).drop { $0 == " " }
    while !rest.isEmpty {
      let name = rest.prefix { $0 != "=" && $0 != " " && $0 != "'" }
      rest = rest[name.endIndex...].drop { $0 == " " }
      guard !name.isEmpty, rest.first == "=" else { throw Self.malformed }
      rest = rest.dropFirst().drop { $0 == " " }
      guard names.contains(String(name)) else {
        throw Refusal(at: "where", "knows \(names.joined(separator: ", ")), and not \(name)")
      }
      guard conditions.updateValue(try Self.value(&rest), forKey: String(name)) == nil else {
        throw Refusal(at: "where", "names \(name) twice")
      }
      rest = rest.drop { $0 == " " }
      if rest.isEmpty { return }
      guard rest.lowercased().hasPrefix("and ") else { throw Self.malformed }
      rest = rest.dropFirst(4).drop { $0 == " " }
      guard !rest.isEmpty else { throw Self.malformed }
    }
  }

  subscript(name: String) -> String? { conditions[name] }

  private static func value(_ rest: inout Substring) throws(Refusal) -> String {
    guard rest.first == "'" else { throw malformed }
    rest = rest.dropFirst()
    var value = ""
    while let end = rest.firstIndex(of: "'") {
      value += rest[..<end]
      rest = rest[rest.index(after: end)...]
      guard rest.first == "'" else { return value }
      value += "'"
      rest = rest.dropFirst()
    }
    throw malformed
  }

  private static var malformed: Refusal {
    Refusal(at: "where", "has the form name='value' and name='value'")
  }
}
