/// A value that a request carries in its path or its query.
struct Parameter: Sendable {
  enum Place: String { case path, query }

  let name: String
  let place: Place
  let schema: Schema
  let help: String
  /// True where it may stand several times.
  var isRepeated = false

  static func path(_ name: String, _ schema: Schema, _ help: String) -> Parameter {
    Parameter(name: name, place: .path, schema: schema, help: help)
  }

  static func query(
    _ name: String, _ schema: Schema, _ help: String, isRepeated: Bool = false
  ) -> Parameter {
    Parameter(name: name, place: .query, schema: schema, help: help, isRepeated: isRepeated)
  }
}
