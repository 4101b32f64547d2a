import Events
import RawJSON

/// The body of a notification, in the platform's form.
///
///     {"severity":"medium",
///      "createdDate":"Mon Nov 23 09:05:01 UTC 2026",
///      "topic":"instance-7-googlesuite-events",
///      "action":"update",
///      "id":"1500001",
///      "message":{
///        "elementKey":"googlesuite","accountId":1,"companyId":1,"userId":1,
///        "eventId":"AXaaBBcc_ddEEff11223","instanceId":7,"instance_id":7,
///        "instanceName":"Team","instanceTags":["Docs"],
///        "raw":{"calendars/primary/changed-events":[{…},…],"pollDate":1795424700000,
///               "objectType":"calendars/primary/changed-events"},
///        "events":[{"date":"2026-11-23T09:04:58Z","elementKey":"googlesuite",
///                   "pollDate":"2026-11-23T09:05:00Z","eventType":"UPDATED",
///                   "hubKey":"general","objectId":"…",
///                   "objectType":"calendars/primary/changed-events"},…]},
///      "user":"daybook@localhost"}
///
/// Written without the space between. `raw[…][i]` is the object of `events[i]`.
package enum Envelope {
  /// Changes in one notification. Source: SAP Open Connectors, “Events Overview”.
  package static let changesMax = 10
  /// Names that stand beside the objects in `raw`, so that no resource may be called by them.
  package static let reservedNames: Set<String> = ["pollDate", "objectType"]
  /// Account, company and user: the platform has many, a journal has one.
  private static let owner = 1
  private static let sender = "daybook@localhost"

  /// The body as a recipe: its own bytes, and where the raw objects stand between them.
  ///
  /// - Precondition: One to `changesMax` changes, all of the head's kind.
  package static func render(
    _ head: NotificationHead, _ changes: [NotificationChange]
  ) -> [Piece] {
    precondition(
      (1...changesMax).contains(changes.count), "a notification of \(changes.count) changes")
    precondition(
      changes.allSatisfy { $0.kind == head.action }, "a notification of changes of several kinds")
    var pieces: [Piece] = []
    var text = opening(head)
    for index in changes.indices {
      if index > 0 { text += "," }
      pieces += [.text(Array(text.utf8)), .object(index)]
      text = ""
    }
    text = closing(head, changes)
    return pieces + [.text(Array(text.utf8))]
  }

  /// The bytes that a recipe stands for.
  ///
  /// - Parameter object: The raw object of the change with that index.
  package static func body(
    of pieces: [Piece], object: (Int) -> some Sequence<UInt8>
  ) -> [UInt8] {
    var body: [UInt8] = []
    for piece in pieces {
      switch piece {
      case .text(let bytes): body += bytes
      case .object(let index): body += object(index)
      }
    }
    return body
  }

  /// The stand-in for an object that is gone and that the provider no longer shows: its id alone.
  package static func stub(id: String) -> [UInt8] {
    Array("{\"id\":\(quoted(id))}".utf8)
  }

  private static func opening(_ head: NotificationHead) -> String {
    let tags = head.instanceTags.map(quoted).joined(separator: ",")
    return """
      {"severity":"medium",\
      "createdDate":\(quoted(head.createdAt.javaDate)),\
      "topic":\(quoted("instance-\(head.instance)-\(head.elementKey)-events")),\
      "action":\(quoted(head.action.action)),\
      "id":\(quoted(String(head.notification))),\
      "message":{\
      "elementKey":\(quoted(head.elementKey)),\
      "accountId":\(owner),"companyId":\(owner),"userId":\(owner),\
      "eventId":\(quoted(head.eventId)),\
      "instanceId":\(head.instance),"instance_id":\(head.instance),\
      "instanceName":\(quoted(head.instanceName)),"instanceTags":[\(tags)],\
      "raw":{\(quoted(head.objectType)):[
      """
  }

  private static func closing(_ head: NotificationHead, _ changes: [NotificationChange]) -> String {
    let events = changes.map { event(head, $0) }.joined(separator: ",")
    return """
      ],"pollDate":\(head.polledAt.milliseconds),"objectType":\(quoted(head.objectType))},\
      "events":[\(events)]},\
      "user":\(quoted(sender))}
      """
  }

  private static func event(_ head: NotificationHead, _ change: NotificationChange) -> String {
    """
    {"date":\(quoted(change.date.isoSeconds)),\
    "elementKey":\(quoted(head.elementKey)),\
    "pollDate":\(quoted(head.polledAt.isoSeconds)),\
    "eventType":\(quoted(change.kind.eventType)),\
    "hubKey":\(quoted(head.hubKey)),\
    "objectId":\(quoted(change.objectId)),\
    "objectType":\(quoted(head.objectType))}
    """
  }
}
