/// The id of an instance: 1, 2, 3, … in the order in which they were created.
public struct InstanceID: NumberedID {
  /// As it is stored.
  public let number: Int64

  /// The id of a stored number.
  public init(_ number: Int64) { self.number = number }

  /// All that were given so far, in their order.
  ///
  /// - Parameter last: The highest of them; 0 where there is none.
  package static func all(through last: InstanceID) -> some Sequence<InstanceID> {
    stride(from: 1, through: last.number, by: 1).lazy.map { InstanceID($0) }
  }
}
