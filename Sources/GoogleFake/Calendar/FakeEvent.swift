import Events

/// One event of a calendar, kept small: what most events lack stands in `details`.
struct FakeEvent: Sendable {
  enum Status: String, Sendable { case confirmed, tentative, cancelled }

  var name: EventName
  var status: Status = .confirmed
  /// Only the id is shown any more: the event went to another calendar.
  var isBare = false
  var sequence: Int32 = 0
  /// Unix time, seconds.
  var created: Int64
  /// Unix time, milliseconds; changing reminders alone leaves it.
  var updated: Int64
  /// Unix time in microseconds, made unique in its calendar; the etag is twice this number.
  var revision: Int64
  /// The number of its last change in its calendar.
  var change: Int64
  var start: EventTime
  var end: EventTime
  var title: String?
  /// Follows the title of generated events, which so share one text; 0 for none.
  var ordinal: Int32 = 0
  var details: EventDetails?

  var isCancelled: Bool { status == .cancelled }
  var recurrence: Recurrence? { details?.recurrence }
  var isException: Bool { details?.series != nil }
  var etag: String { "\"\(revision * 2)\"" }
  var duration: Int64 { end.seconds - start.seconds }

  var summary: String? {
    ordinal == 0 ? title : title.map { "\($0) \(ordinal)" }
  }
}

/// The members that few events have, kept apart so that the others stay small.
struct EventDetails: Sendable {
  private final class Box: Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
  }

  struct Value: Sendable, Equatable {
    /// Fields shown as they were given, such as `description`; see `EventField`.
    var extras: [String: LooseJSON] = [:]
    var recurrence: Recurrence?
    /// Starts that a change of the rule took away; lists of single events show them cancelled.
    var dropped: [Int64] = []
    /// The series that this event is an exception of, with the start it had there.
    var series: EventName?
    var originalStart: EventTime?
  }

  private var box: Box

  init?(_ value: Value) {
    guard value != Value() else { return nil }
    box = Box(value)
  }

  var value: Value { box.value }
  var extras: [String: LooseJSON] { box.value.extras }
  var recurrence: Recurrence? { box.value.recurrence }
  var dropped: [Int64] { box.value.dropped }
  var series: EventName? { box.value.series }
  var originalStart: EventTime? { box.value.originalStart }
}

extension FakeEvent {
  /// The event with no more attendees than were asked for: where there are more, only the user
  /// is shown. Source: Calendar API v3, `maxAttendees`.
  func limited(toAttendees most: Int?, of user: String?) -> FakeEvent {
    guard let most, var value = details?.value, let all = value.extras["attendees"]?.items,
      all.count > most
    else { return self }
    var event = self
    value.extras["attendees"] = .array(all.filter { $0["email"]?.string == user })
    value.extras["attendeesOmitted"] = .bool(true)
    event.details = EventDetails(value)
    return event
  }
}

/// The fields of an event that callers may write, besides those that the stand-in reads itself.
/// Source: discovery document of Calendar v3, schema `Event`.
enum EventField {
  enum Kind: Sendable { case text, flag, list, object }

  /// In the order in which Google shows them.
  static let extras: [(name: String, kind: Kind)] = [
    ("description", .text), ("location", .text), ("colorId", .text),
    ("transparency", .text), ("visibility", .text), ("attendees", .list),
    ("attendeesOmitted", .flag), ("anyoneCanAddSelf", .flag), ("guestsCanInviteOthers", .flag),
    ("guestsCanModify", .flag),
    ("guestsCanSeeOtherGuests", .flag), ("extendedProperties", .object),
    ("conferenceData", .object), ("source", .object), ("attachments", .list),
    ("reminders", .object), ("eventType", .text),
  ]

  /// Those that Google shows before `creator`.
  static let leading: Set<String> = ["description", "location", "colorId"]

  static func fits(_ value: LooseJSON, _ kind: Kind) -> Bool {
    switch (value, kind) {
    case (.text, .text), (.bool, .flag), (.array, .list), (.object, .object): true
    default: false
    }
  }
}
