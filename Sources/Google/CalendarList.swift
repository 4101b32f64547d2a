import Domain

extension GoogleSuite {
  /// The account's list of calendars, for a `url` that means each of them.
  ///
  ///     /hubs/general/calendars/{calendarId}/changed-events
  ///     /hubs/general/calendars/{calendarId}/events?where=…
  func calendarList(_ path: PlatformPath) -> Collection? {
    let parts = path.segments
    guard parts.count == 3, parts[0] == "calendars", parts[1] == "{calendarId}",
      parts[2] == "changed-events" && path.query == nil || parts[2] == "events"
    else { return nil }
    return Collection(kind: CollectionKind.calendarList.rawValue, id: "me")
  }

  /// Hidden calendars are watched too, so that hiding one does not look like its leaving; every
  /// page of every poll asks the same but for the tokens.
  func calendarListRequest(_ ask: PageRequest, token: String) -> Request {
    let place = PagePlace(ask, pageSizeMax: GoogleLimits.calendarsMax)
    var query = [(name: "maxResults", value: String(place.pageSize)), ("showHidden", "true")]
    if case .changes(let cursor) = ask.mode { query.append(("syncToken", cursor)) }
    if let pageToken = place.pageToken { query.append(("pageToken", pageToken)) }
    return get("\(calendarListURL)?\(queryText(query))", token: token)
  }

  func calendarListEntryRequest(_ calendar: String, token: String) -> Request {
    get("\(calendarListURL)/\(percentEncoded(calendar))", token: token)
  }

  func readCalendarList(_ reply: Reply, to ask: PageRequest) -> PageOutcome {
    // As with events, only a full list goes on from a token that is too old.
    let error = GoogleError(reply)
    if reply.status == 410, error.isGoogles { return .cursorExpired(reason: error.reason) }
    return readList(.calendars, reply, to: ask, pageSizeMax: GoogleLimits.calendarsMax)
  }

  private var calendarListURL: String { "\(calendarURL)/users/me/calendarList" }
}
