/// A value that a request carries in its path, its query or its head.
struct Parameter: Sendable {
  enum Place: String { case path, query, header }

  let name: String
  let place: Place
  let schema: Schema
  let help: String
  /// True where it may stand several times.
  var isRepeated = false
  /// True where it cannot be left out; what stands in the path never can.
  var isRequired = false

  static func path(_ name: String, _ schema: Schema, _ help: String) -> Parameter {
    Parameter(name: name, place: .path, schema: schema, help: help)
  }

  static func query(
    _ name: String, _ schema: Schema, _ help: String, isRepeated: Bool = false,
    isRequired: Bool = false
  ) -> Parameter {
    Parameter(
      name: name, place: .query, schema: schema, help: help, isRepeated: isRepeated,
      isRequired: isRequired)
  }

  static func header(_ name: String, _ schema: Schema, _ help: String) -> Parameter {
    Parameter(name: name, place: .header, schema: schema, help: help)
  }
}
