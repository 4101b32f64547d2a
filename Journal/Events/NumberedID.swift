/// The number by which things of one kind are told apart, as a type of its own: where one kind is
/// wanted, the number of another does not do.
///
///     FeedID(7)     7 in a body, a column, a row and a message
///
/// A literal is an id of the kind that is wanted; any other number has to say of what kind it is.
public protocol NumberedID: Sendable, Hashable, Comparable, Codable, CustomStringConvertible,
  ExpressibleByIntegerLiteral
{
  /// As it is stored.
  var number: Int64 { get }
  /// The id of a stored number.
  init(_ number: Int64)
}

extension NumberedID {
  /// The id that is given so many after this one.
  public func advanced(by count: Int) -> Self { Self(number + Int64(count)) }

  /// The number alone.
  public var description: String { String(number) }

  /// The id of that number.
  public init(integerLiteral number: Int64) { self.init(number) }

  /// In the order in which they were given.
  public static func < (left: Self, right: Self) -> Bool { left.number < right.number }

  /// Any whole number is an id.
  public init(from decoder: any Decoder) throws {
    self.init(try decoder.singleValueContainer().decode(Int64.self))
  }

  /// Writes the number alone.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(number)
  }
}
