import Domain

extension GoogleSuite {
  static let calendarEventsKind = "calendar-events"

  /// The calendar that a configured `url` names, its id raw or percent-encoded; nil for all others.
  ///
  ///     /hubs/general/calendars/primary/changed-events
  ///     /hubs/general/calendars/en.german%23holiday%40group.v.calendar.google.com/changed-events
  ///     /calendars/team@group.calendar.google.com/changed-events
  func calendarEvents(url: String) -> Collection? {
    var parts = url.split(separator: "/", omittingEmptySubsequences: false)
    if parts.first == "" { parts.removeFirst() }
    if parts.count == 5, parts[0] == "hubs" { parts.removeFirst(2) }
    guard parts.count == 3, parts[0] == "calendars", parts[2] == "changed-events" else {
      return nil
    }
    let id = percentDecoded(String(parts[1]))
    // A dot or two as a segment would name another path than the calendar's.
    guard !["", ".", "..", "{calendarId}"].contains(id), id.utf8.count <= GoogleLimits.idBytesMax,
      id.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
    else { return nil }
    return Collection(kind: Self.calendarEventsKind, id: id)
  }

  /// Every page of one poll asks the same but for `pageToken`, or Google refuses the token; so the
  /// page size of the first page travels in the continuation.
  func eventsRequest(_ ask: Ask, token: String) -> Request {
    let place = PagePlace(ask)
    var query = [(name: "maxResults", value: String(place.pageSize))]
    if case .changes(let cursor) = ask.mode { query.append(("syncToken", cursor)) }
    if let pageToken = place.pageToken { query.append(("pageToken", pageToken)) }
    return get("\(eventsURL(ask.collection))?\(queryText(query))", token: token)
  }

  func eventRequest(_ object: String, in collection: Collection, token: String) -> Request {
    get("\(eventsURL(collection))/\(percentEncoded(object))", token: token)
  }

  func readEvents(_ reply: Reply, to ask: Ask) -> PageOutcome {
    switch reply.status {
    case 200: break
    case 401: return .unauthorized(reason: GoogleError(reply).reason)
    // Calendar drops old sync tokens, also between two pages; only a full list goes on from here.
    // Source: Calendar API guide, “Synchronize resources efficiently”.
    case 410: return .cursorExpired(reason: GoogleError(reply).reason)
    case let status:
      var refusal = GoogleError(reply).refusal
      // A page token that Google no longer takes: the same poll from its first page may go through.
      if status == 400, ask.continuation != nil { refusal.isPermanent = false }
      return .refused(refusal)
    }
    var reader = EventsReader(body: reply.body)
    do {
      return .page(try reader.page(pageSize: PagePlace(ask).pageSize))
    } catch {
      return .refused(unreadable(reply, error.description))
    }
  }

  func readEvent(_ reply: Reply, of object: String) -> Confirmation {
    switch reply.status {
    case 200: break
    case 401: return .unauthorized(reason: GoogleError(reply).reason)
    case 404: return .gone(nil)
    // Any other reason, such as fullSyncRequired, says nothing of this event.
    case 410 where GoogleError(reply).reason == "deleted": return .gone(nil)
    default: return .refused(GoogleError(reply).refusal)
    }
    do {
      let item = try EventsReader(body: reply.body).single()
      guard item.id == object else {
        return .refused(unreadable(reply, "it is about another object"))
      }
      return item.isGone ? .gone(item) : .exists(item)
    } catch {
      return .refused(unreadable(reply, error.description))
    }
  }

  private func eventsURL(_ collection: Collection) -> String {
    precondition(
      collection.kind == Self.calendarEventsKind, "\(collection.kind) is not polled here")
    return "\(calendarURL)/calendars/\(percentEncoded(collection.id))/events"
  }
}

/// Where a poll stands: the page size it began with, and Google's token for the page that is next.
///
///     250 CkgKO…        as a continuation
private struct PagePlace {
  var pageSize: Int
  var pageToken: String?

  init(_ ask: Ask) {
    pageSize = min(max(ask.pageSize, 1), GoogleLimits.pageSizeMax)
    guard let continuation = ask.continuation else { return }
    let parts = continuation.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, let size = Int(parts[0]) else {
      pageToken = continuation
      return
    }
    pageSize = size
    pageToken = String(parts[1])
  }
}
