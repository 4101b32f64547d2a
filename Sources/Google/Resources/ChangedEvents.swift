import Domain

/// The events of one calendar, with Calendar’s sync tokens.
///
///     /hubs/general/calendars/primary/changed-events
///     /hubs/general/calendars/en.german%23holiday%40group.v.calendar.google.com/changed-events
///     /calendars/team@group.calendar.google.com/changed-events
struct ChangedEvents: GoogleResource {
  let path = "calendars/{calendarId}/changed-events"
  let kind = "calendar-events"
  let nature = CollectionNature.cursor
  let scopes = [Scope.events]
  /// Source: Calendar API reference, “Events: list”, `maxResults`.
  let pageSizeMax = 2_500
  let shape = ListShape.events
  let dateField: String? = "updated"
  let standardKeys = ["calendars/primary/changed-events"]

  /// The id is raw or percent-encoded.
  func collection(at path: PlatformPath) -> Collection? {
    let parts = path.segments
    guard path.query == nil, parts.count == 3, parts[0] == "calendars",
      parts[2] == "changed-events", let id = PlatformPath.id(parts[1]), id != "{calendarId}"
    else { return nil }
    return Collection(kind: kind, id: id)
  }

  func reads(_ collection: Collection) -> Bool {
    collection.kind == kind && !collection.id.isEmpty
  }

  func fields(at path: PlatformPath) -> ObjectFields {
    ObjectFields(updated: "updated", created: "created")
  }

  func request(_ ask: PageRequest, _ google: GoogleSuite, token: String) -> Request {
    let query = listQuery(ask, size: "maxResults")
    return google.get("\(google.eventsURL(ask.collection.id))?\(query)", token: token)
  }

  func read(_ reply: Reply, to ask: PageRequest, _ google: GoogleSuite) -> PageOutcome {
    readOfCalendar(reply, to: ask, google)
  }

  func request(
    of object: String, in collection: Collection, _ google: GoogleSuite, token: String
  ) -> Request {
    google.get("\(google.eventsURL(collection.id))/\(percentEncoded(object))", token: token)
  }
}

extension GoogleSuite {
  /// The events of a calendar.
  func eventsURL(_ calendar: String) -> String {
    "\(calendarURL)/calendars/\(percentEncoded(calendar))/events"
  }
}

extension ListShape {
  static let events = ListShape(
    root: "items", object: .event, words: ("an event", "events"), cursor: .lastPage)
}

extension GoogleObject.Shape {
  /// An event; a cancelled one may be a stub without an etag.
  static let event = GoogleObject.Shape { object, id in
    Item(
      id: id, revision: object.etag ?? object.mark, isGone: object.isGone, series: object.series,
      bytes: object.range)
  }
}
