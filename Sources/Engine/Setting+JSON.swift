package import Events
package import RawJSON

extension Setting {
  /// The same value as the log keeps it.
  package init(_ json: JSON) {
    switch json {
    case .null: self = .nothing
    case .bool(let flag): self = .flag(flag)
    case .number(let digits):
      self = Int64(digits).map(Setting.whole) ?? .decimal(Double(digits) ?? 0)
    case .string(let text): self = .text(text)
    case .array(let elements): self = .list(elements.map { Setting($0) })
    case .object(let members):
      var table: [String: Setting] = [:]
      for member in members { table[member.name] = Setting(member.value) }
      self = .table(table)
    }
  }

  /// The text that the platform shows for it: of objects and arrays their JSON; nil for nothing.
  package var text: String? {
    switch self {
    case .nothing: nil
    case .text(let text): text
    default: String(decoding: json.bytes(), as: UTF8.self)
    }
  }

  /// The same value as JSON, keys in order.
  package var json: JSON {
    switch self {
    case .nothing: .null
    case .flag(let flag): .bool(flag)
    case .whole(let number): .number(number)
    case .decimal(let number): .number("\(number)")
    case .text(let text): .string(text)
    case .list(let list): .array(list.map(\.json))
    case .table(let table):
      .object(Members(table.sorted { $0.key < $1.key }.map { ($0.key, $0.value.json) }))
    }
  }
}
