// What is told of a notification, whatever becomes of its deliveries. Property by property as in
// CATALOGUE.md.

/// `notification.acknowledged`: A client said that it has dealt with a notification. Nothing is
/// decided by it: its delivery goes on.
public struct NotificationAcknowledged: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "notification.acknowledged"
  /// The decimal id that the receiver sees.
  public var notification: NotificationID
  /// Its `message.eventId`.
  public var eventId: String
  /// The instance's id.
  public var instance: InstanceID
  /// Who said so: a name that the system has for a person, or the door.
  public var askedBy: String?
  /// Takes its fields in the order of the catalogue.
  public init(
    notification: NotificationID, eventId: String, instance: InstanceID, askedBy: String?
  ) {
    self.notification = notification
    self.eventId = eventId
    self.instance = instance
    self.askedBy = askedBy
  }

  private enum CodingKeys: String, CodingKey {
    case notification = "notification"
    case eventId = "event_id"
    case instance = "instance"
    case askedBy = "asked_by"
  }
}
