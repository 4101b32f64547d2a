/// One row of an answer for people: fields in order, named as docs and scripts name them.
public struct Row: Sendable, Equatable {
  /// In the order in which they are printed.
  public var names: [String]
  /// As many as there are names.
  public var values: [Field]

  /// The parts as given.
  public init(names: [String], values: [Field]) {
    precondition(names.count == values.count, "\(names.count) names for \(values.count) values")
    self.names = names
    self.values = values
  }

  /// The value of a field; nil where there is no field of that name.
  public subscript(name: String) -> Field? {
    names.firstIndex(of: name).map { values[$0] }
  }
}

extension Row: ExpressibleByDictionaryLiteral {
  /// The pairs in the order in which they are printed.
  public init(dictionaryLiteral elements: (String, Field)...) {
    self.init(names: elements.map { $0.0 }, values: elements.map { $0.1 })
  }
}

/// A value with its kind, so that every door can print it in its own way.
public enum Field: Sendable, Equatable {
  case null
  case text(String)
  case integer(Int64)
  case decimal(Double)
  case flag(Bool)
  case moment(Moment)
  /// JSON as it is stored, not quoted.
  case json(String)
  /// Bytes as lower-case hexadecimal digits.
  case hex(String)

  /// The text of a text, JSON or hexadecimal value.
  public var string: String? {
    switch self {
    case .text(let text), .json(let text), .hex(let text): text
    default: nil
    }
  }

  /// The number of an integer.
  public var integer: Int64? {
    if case .integer(let number) = self { number } else { nil }
  }

  /// The instant of a moment.
  public var moment: Moment? {
    if case .moment(let moment) = self { moment } else { nil }
  }
}
