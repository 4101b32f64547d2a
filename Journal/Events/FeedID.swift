/// The id of a feed: 1, 2, 3, … in the order in which they were opened, over all instances.
public struct FeedID: NumberedID {
  /// As it is stored.
  public let number: Int64

  /// The id of a stored number.
  public init(_ number: Int64) { self.number = number }
}
