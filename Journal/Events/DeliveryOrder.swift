/// The deliveries of an instance or a replay that may not overtake each other.
///
///     none      each by itself
///     object    those that tell of the same object, the default
///     strict    all of them, one after the other
public enum DeliveryOrder: String, Sendable, Hashable, CaseIterable {
  /// Each goes as it comes due.
  case none
  /// Changes of one object stay in their order.
  case object
  /// The next one waits until the one before is taken, or a person skips it.
  case strict
}
