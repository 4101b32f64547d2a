/// The id of a delivery: the notification’s, and the replay’s where it is of one.
///
///     1234              a notification on its way
///     1234/replay/42    the same on its way in a replay
public struct DeliveryID: TextID {
  /// As it is stored.
  public let text: String

  /// The id of a stored text.
  public init(stored text: String) { self.text = text }

  /// The id of a notification’s delivery, as it arose or in a replay.
  public init(of notification: NotificationID, in replay: ReplayID? = nil) {
    text = notification.text + (replay.map { "/replay/\($0)" } ?? "")
  }
}
