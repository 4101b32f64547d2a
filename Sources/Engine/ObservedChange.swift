import Domain
import EventStore
import Events
import Webhook

/// A change as a notification needs it.
struct ObservedChange: Sendable {
  let position: Int64
  let cause: Int64
  let body: ChangeObserved

  var part: NotificationPlan.Part {
    NotificationPlan.Part(position: position, kind: body.kind, bytes: body.bytes)
  }

  var told: NotificationChange {
    NotificationChange(
      kind: body.kind, objectId: body.objectId ?? body.object,
      date: Moment(milliseconds: body.dateMs))
  }

  /// - Returns: nil where the event is none.
  init?(_ row: RecordedEvent) throws(JournalError) {
    guard case .changeObserved(let body) = try row.event() else { return nil }
    position = row.position
    cause = row.cause ?? 0
    self.body = body
  }
}
