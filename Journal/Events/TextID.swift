/// The text by which things of one kind are told apart, as a type of its own: where one kind is
/// wanted, the text of another does not do.
public protocol TextID: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
  /// As it is stored.
  var text: String { get }
  /// The id of a stored text.
  init(stored text: String)
}

extension TextID {
  /// The text alone.
  public var description: String { text }

  /// In the order of the texts, as a journal sorts them.
  public static func < (left: Self, right: Self) -> Bool { left.text < right.text }

  /// Any text is an id.
  public init(from decoder: any Decoder) throws {
    self.init(stored: try decoder.singleValueContainer().decode(String.self))
  }

  /// Writes the text alone.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}
