/// A word of a set that is stored as its raw value.
///
/// A later program may know more of them: a word that is not known here is kept as it was read, is
/// shown and written as it was, and nothing is decided by it.
public enum StoredWord<Known>: Sendable, Hashable
where Known: RawRepresentable<String> & Sendable & Hashable {
  /// One that this program knows.
  case known(Known)
  /// One that it does not.
  case other(String)

  /// Reads a stored word.
  public init(stored word: String) {
    self = Known(rawValue: word).map { .known($0) } ?? .other(word)
  }

  /// As it is stored.
  public var stored: String {
    switch self {
    case .known(let known): known.rawValue
    case .other(let word): word
    }
  }

  /// nil where this program does not know it.
  public var known: Known? {
    if case .known(let known) = self { known } else { nil }
  }
}

extension StoredWord: Codable {
  /// Any text is a word.
  public init(from decoder: any Decoder) throws {
    self.init(stored: try decoder.singleValueContainer().decode(String.self))
  }

  /// Writes the text alone.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(stored)
  }
}

extension StoredWord: CustomStringConvertible {
  /// As it is stored.
  public var description: String { stored }
}
