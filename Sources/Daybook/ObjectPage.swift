/// A page of a list in the platform’s form.
public struct ObjectPage: Sendable, Equatable {
  /// A JSON object each, in order; where a list holds what a provider said, its own bytes.
  public let objects: [String]
  /// Where the page after it begins, to be given for it; nil: there is none.
  public let next: String?
  /// How many there are on all pages; nil: nobody counted.
  public let total: Int64?

  /// The objects as one JSON array.
  public var json: String { "[" + objects.joined(separator: ",") + "]" }
}
