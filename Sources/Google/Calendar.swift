import Domain

extension GoogleSuite {
  /// The calendar that a configured `url` names, its id raw or percent-encoded; nil for all others.
  ///
  ///     /hubs/general/calendars/primary/changed-events
  ///     /hubs/general/calendars/en.german%23holiday%40group.v.calendar.google.com/changed-events
  ///     /calendars/team@group.calendar.google.com/changed-events
  func calendarEvents(_ path: PlatformPath) -> Collection? {
    let parts = path.segments
    guard parts.count == 3, parts[0] == "calendars", parts[2] == "changed-events",
      let id = PlatformPath.id(parts[1]), id != "{calendarId}"
    else { return nil }
    return Collection(kind: CollectionKind.calendarEvents.rawValue, id: id)
  }

  /// Every page of one poll asks the same but for `pageToken`, or Google refuses the token; so the
  /// page size of the first page travels in the continuation.
  func eventsRequest(_ ask: PageRequest, token: String) -> Request {
    let place = PagePlace(ask, pageSizeMax: GoogleLimits.pageSizeMax)
    var query = [(name: "maxResults", value: String(place.pageSize))]
    if case .changes(let cursor) = ask.mode { query.append(("syncToken", cursor)) }
    if let pageToken = place.pageToken { query.append(("pageToken", pageToken)) }
    return get("\(eventsURL(ask.collection))?\(queryText(query))", token: token)
  }

  func eventRequest(_ object: String, in collection: Collection, token: String) -> Request {
    get("\(eventsURL(collection))/\(percentEncoded(object))", token: token)
  }

  func readEvents(_ reply: Reply, to ask: PageRequest) -> PageOutcome {
    // Calendar drops old sync tokens, also between two pages; only a full list goes on from here.
    // Source: Calendar API guide, “Synchronize resources efficiently”.
    let error = GoogleError(reply)
    if reply.status == 410, error.isGoogles { return .cursorExpired(reason: error.reason) }
    return readList(.events, reply, to: ask, pageSizeMax: GoogleLimits.pageSizeMax)
  }

  private func eventsURL(_ collection: Collection) -> String {
    "\(calendarURL)/calendars/\(percentEncoded(collection.id))/events"
  }
}
