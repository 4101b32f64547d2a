/// The id of a replay: the position of its `replay.requested`.
public struct ReplayID: NumberedID {
  /// As it is stored.
  public let number: Int64

  /// The id of a stored number.
  public init(_ number: Int64) { self.number = number }

  /// The place in the log of the event that asked for it.
  public var position: Int64 { number }
}
