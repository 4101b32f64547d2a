/// The id of a notification, a number of 63 bits in decimal digits: what the receiver sees, the
/// same over retries and exact replays.
public struct NotificationID: TextID {
  /// As it is stored.
  public let text: String

  /// The id of a stored text.
  public init(stored text: String) { self.text = text }

  /// The id of a number.
  public init(_ number: UInt64) { text = String(number) }

  /// nil for a text that is none.
  public var number: UInt64? { UInt64(text) }
}
