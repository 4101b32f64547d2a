import Domain

/// The events of one calendar by dates.
///
///     /hubs/general/calendars/primary/events?where=updatedMin='…'
struct EventsByDate: DatedResource {
  let path = "calendars/{calendarId}/events"
  let scopes = [Scope.events]
  let pageSizeMax = ChangedEvents().pageSizeMax
  let shape = ListShape.events
  let sizeName = "maxResults"
  let hasOldestDate = true

  func id(in path: PlatformPath) -> String? {
    let parts = path.segments
    guard parts.count == 3, parts[0] == "calendars", parts[2] == "events",
      let id = PlatformPath.id(parts[1]), id != "{calendarId}"
    else { return nil }
    return "calendars/\(percentEncoded(id))/events"
  }

  func listURL(_ id: String, _ google: GoogleSuite) -> String { "\(google.calendarURL)/\(id)" }
}
