import Domain

/// The account’s list of calendars, each of them one object.
///
///     /hubs/general/calendar-list
struct CalendarsByDate: DatedResource {
  let path = "calendar-list"
  let scopes = [Scope.calendarList]
  let pageSizeMax = EachCalendar().pageSizeMax
  let shape = ListShape.calendars
  let sizeName = "maxResults"
  let hasOldestDate = true

  func listURL(_ id: String, _ google: GoogleSuite) -> String { google.calendarListURL }
}
