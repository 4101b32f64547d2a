package import Events

/// The facts that a notification tells once, whatever the number of its changes.
package struct NotificationHead: Sendable, Equatable {
  /// Stable over retries and exact replays; its decimal form is the `id`. Below 2⁶³, so that
  /// receivers may keep it in a signed integer.
  package var notification: UInt64
  /// Twenty url-safe characters, the same as under `/instances/events/{eventId}`.
  package var eventId: String
  /// The connector, such as `googlesuite`.
  package var elementKey: String
  /// The hub that the connector belongs to, such as `general`.
  package var hubKey: String
  package var instance: InstanceID
  package var instanceName: String
  package var instanceTags: [String]
  /// The resource's key in the configuration, such as `calendars/primary/changed-events`.
  package var objectType: String
  /// The kind of all its changes.
  package var action: ChangeKind
  /// When the notification was asked for; a replay of the same keeps it.
  package var createdAt: Moment
  /// When the poll saw the changes.
  package var polledAt: Moment

  /// The parts as given, unchecked.
  package init(
    notification: UInt64, eventId: String, elementKey: String, hubKey: String, instance: InstanceID,
    instanceName: String, instanceTags: [String], objectType: String, action: ChangeKind,
    createdAt: Moment, polledAt: Moment
  ) {
    self.notification = notification
    self.eventId = eventId
    self.elementKey = elementKey
    self.hubKey = hubKey
    self.instance = instance
    self.instanceName = instanceName
    self.instanceTags = instanceTags
    self.objectType = objectType
    self.action = action
    self.createdAt = createdAt
    self.polledAt = polledAt
  }
}

/// One change within a notification, without the object itself.
package struct NotificationChange: Sendable, Equatable {
  package var kind: ChangeKind
  package var objectId: String
  /// The provider's date of the change, or the poll's where it gives none.
  package var date: Moment

  /// The parts as given, unchecked.
  package init(kind: ChangeKind, objectId: String, date: Moment) {
    self.kind = kind
    self.objectId = objectId
    self.date = date
  }
}

/// A stretch of a notification's body: together they are a recipe for it.
package enum Piece: Sendable, Equatable {
  /// Bytes as they stand.
  case text([UInt8])
  /// The raw object of the change with this index, byte for byte as the provider sent it.
  case object(Int)
}
