package import Domain

/// Google Suite by polling: Calendar's events.
///
///     /hubs/general/calendars/primary/changed-events    calendar-events   primary
///
/// Contact groups and Gmail are not polled yet: `collection(resource:url:)` gives nil for them.
package struct GoogleSuite: Connector {
  /// The platform's key for this connector.
  package let element = "googlesuite"
  /// The platform's hub for it; the hub in a configured `url` is not looked at.
  package let hub = "general"
  /// Where Calendar's paths begin, without a slash at the end.
  let calendarURL: String
  /// The token endpoint.
  let tokenURL: String
  /// Where tokens are given back.
  let revokeURL: String

  /// Google's own hosts, or one base URL in place of all of them.
  ///
  ///                    nil                                       http://127.0.0.1:8085
  ///     Calendar       https://www.googleapis.com/calendar/v3    http://127.0.0.1:8085/calendar/v3
  ///     tokens         https://oauth2.googleapis.com/token       http://127.0.0.1:8085/token
  package init(baseURL: String? = nil) {
    guard var base = baseURL else {
      calendarURL = "https://www.googleapis.com/calendar/v3"
      tokenURL = "https://oauth2.googleapis.com/token"
      revokeURL = "https://oauth2.googleapis.com/revoke"
      return
    }
    while base.hasSuffix("/") { base.removeLast() }
    calendarURL = "\(base)/calendar/v3"
    tokenURL = "\(base)/token"
    revokeURL = "\(base)/revoke"
  }

  /// Judged by the `url` alone: the key may be anything, and the seed's holds a literal
  /// placeholder.
  package func collection(resource: String, url: String) -> Collection? {
    calendarEvents(url: url)
  }

  /// Calendar's events have sync tokens.
  package func nature(of collection: Collection) -> CollectionNature { .cursor }

  /// The id is percent-encoded, as one segment of a path.
  package func fill(url: String, with member: String) -> String {
    url.replacing("{calendarId}", with: percentEncoded(member))
  }

  /// A GET of one page.
  package func request(_ ask: Ask, token: String) -> Request {
    eventsRequest(ask, token: token)
  }

  /// What a page, or the refusal of one, says; never fails for what a date or title holds.
  package func read(_ reply: Reply, to ask: Ask) -> PageOutcome {
    readEvents(reply, to: ask)
  }

  /// A GET of the object itself.
  package func confirmation(
    of object: String, in collection: Collection, token: String
  ) -> Request {
    eventRequest(object, in: collection, token: token)
  }

  /// 404 and 410 confirm that it is gone, and so does an event that is shown as cancelled.
  package func readConfirmation(
    _ reply: Reply, of object: String, in collection: Collection
  ) -> Confirmation {
    readEvent(reply, of: object)
  }
}

extension GoogleSuite {
  /// A GET of one of Google's interfaces. Compression needs the word `gzip` in User-Agent too.
  /// Source: Calendar API guide, “Improve performance”.
  func get(_ url: String, token: String) -> Request {
    Request(
      .get, url,
      headers: [
        Header("Authorization", "Bearer \(token)"), Header("Accept", "application/json"),
        Header("User-Agent", "daybook (gzip)"),
      ],
      reach: .provider, bounds: GoogleLimits.page)
  }
}
