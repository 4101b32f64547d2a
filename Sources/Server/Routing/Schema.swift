import Daybook
import RawJSON

/// The shape of a JSON value, in the words of JSON Schema.
///
/// Source: JSON Schema 2020-12, which OpenAPI 3.1 takes over.
struct Schema: Sendable {
  let json: JSON

  /// Anything at all.
  static let anything = Schema(json: .object(Members()))
  static let text = Schema(json: ["type": "string"])
  /// A text that says something.
  static let words = Schema(json: ["type": "string", "minLength": 1])
  /// An id, from 1 on.
  static let id = Schema(json: ["type": "integer", "minimum": 1, "maximum": .number(Int.max)])
  static let whole = Schema(json: ["type": "integer"])
  static let flag = Schema(json: ["type": "boolean"])
  /// A yes or no in a query, where to be there is a yes.
  static let isThere = word(["", "true", "1", "false", "0"])
  /// RFC 3339, UTC, with milliseconds.
  static let time = Schema(json: ["type": "string", "format": "date-time"])

  /// The same, or null.
  var orNull: Schema {
    guard let type = json["type"]?.text, var members = json.members else { return self }
    members["type"] = [.string(type), "null"]
    return Schema(json: .object(members))
  }

  /// One of these words.
  static func word(_ words: [String]) -> Schema {
    Schema(json: ["type": "string", "enum": .array(words.map { .string($0) })])
  }

  /// A whole number from a least to a most.
  static func whole(_ range: ClosedRange<Int>) -> Schema {
    Schema(
      json: [
        "type": "integer", "minimum": .number(range.lowerBound),
        "maximum": .number(range.upperBound),
      ])
  }

  static func list(of element: Schema) -> Schema {
    Schema(json: ["type": "array", "items": element.json])
  }

  /// An object with these members; others may stand beside them.
  ///
  /// - Parameter required: Those that are always there; nil: all.
  static func object(
    _ members: KeyValuePairs<String, Schema>, required: [String]? = nil
  ) -> Schema {
    object(members.map { ($0.key, $0.value) }, required: required)
  }

  private static func object(_ members: [(String, Schema)], required: [String]?) -> Schema {
    let names = required ?? members.map(\.0)
    var schema = Members([
      ("type", "object"), ("properties", .object(Members(members.map { ($0.0, $0.1.json) }))),
    ])
    if !names.isEmpty { schema["required"] = .array(names.map { .string($0) }) }
    return Schema(json: .object(schema))
  }

  /// The body of a request: these members and no others.
  ///
  /// - Parameter required: Those that cannot be left out.
  static func form(_ members: KeyValuePairs<String, Schema>, required: [String] = []) -> Schema {
    let schema = object(members.map { ($0.key, $0.value) }, required: required)
    guard var parts = schema.json.members else { return schema }
    parts["additionalProperties"] = false
    return Schema(json: .object(parts))
  }

  /// One of these shapes.
  static func either(_ shapes: [Schema]) -> Schema {
    Schema(json: ["anyOf": .array(shapes.map(\.json))])
  }

  /// A row of a list, as `jsonl` prints it.
  static func row(_ table: RowTable) -> Schema {
    let isOfManyKinds: Set = table == .difference ? ["before", "after"] : []
    return object(
      table.columns.map {
        ($0.name, isOfManyKinds.contains($0.name) ? .anything : Schema($0.kind))
      },
      required: nil)
  }

  private init(_ kind: RowTable.Column.Kind) {
    self =
      switch kind {
      case .text, .hex: Schema.text.orNull
      case .integer: Schema.whole.orNull
      case .flag: Schema.flag.orNull
      case .moment: Schema.time.orNull
      case .json: .anything
      }
  }

  init(json: JSON) { self.json = json }
}
