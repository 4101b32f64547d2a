import Domain

/// The account’s list of calendars, each of which gets a feed of its own: for a `url` that means
/// every calendar.
///
///     /hubs/general/calendars/{calendarId}/changed-events
///     /hubs/general/calendars/{calendarId}/events?where=…
struct EachCalendar: GoogleResource {
  let path = "calendars/{calendarId}/changed-events"
  let kind = "calendar-list"
  let nature = CollectionNature.roster
  /// The calendars in the list are read as well.
  let scopes = [Scope.calendarList, Scope.events]
  /// Source: Calendar API reference, “CalendarList: list”, `maxResults`.
  let pageSizeMax = 250
  let shape = ListShape.calendars
  let dateField: String? = nil
  let standardKeys = ["calendars/{calendarId}/changed-events"]

  /// Only what is asked for by dates takes conditions; they are those of each calendar’s feed.
  func collection(at path: PlatformPath) -> Collection? {
    let parts = path.segments
    guard parts.count == 3, parts[0] == "calendars", parts[1] == "{calendarId}",
      parts[2] == "changed-events" && path.query == nil || parts[2] == "events"
    else { return nil }
    return Collection(kind: kind, id: "me")
  }

  func takesConditions(at path: PlatformPath) -> Bool { collection(at: path) != nil }

  /// The fields of the events in the calendars.
  func fields(at path: PlatformPath) -> ObjectFields {
    path.segments.last == "changed-events"
      ? ChangedEvents().fields(at: path) : EventsByDate().fields(at: path)
  }

  /// Hidden calendars are watched too, so that hiding one does not look like its leaving.
  func request(_ ask: PageRequest, _ google: GoogleSuite, token: String) -> Request {
    let query = listQuery(ask, size: "maxResults", [("showHidden", "true")])
    return google.get("\(google.calendarListURL)?\(query)", token: token)
  }

  func read(_ reply: Reply, to ask: PageRequest, _ google: GoogleSuite) -> PageOutcome {
    readOfCalendar(reply, to: ask, google)
  }

  func request(
    of object: String, in collection: Collection, _ google: GoogleSuite, token: String
  ) -> Request {
    google.get("\(google.calendarListURL)/\(percentEncoded(object))", token: token)
  }
}

extension GoogleSuite {
  /// The account’s list of calendars.
  var calendarListURL: String { "\(calendarURL)/users/me/calendarList" }
}

extension ListShape {
  static let calendars = ListShape(
    root: "items", object: .calendar, words: ("a calendar", "calendars"), cursor: .lastPage)
}

extension GoogleObject.Shape {
  /// A calendar in the list.
  static let calendar = GoogleObject.Shape { object, id in
    Item(
      id: id, revision: object.etag ?? object.mark, isGone: object.isDeleted,
      isPrimary: object.isPrimary, bytes: object.range)
  }
}
