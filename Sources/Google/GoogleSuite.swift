package import Domain

/// Google Suite by polling: Calendar's events, its list of calendars, the account's contact groups
/// and its mail.
///
///     /hubs/general/calendars/primary/changed-events         calendar-events   primary
///     /hubs/general/calendars/{calendarId}/changed-events    calendar-list     me
///     /hubs/general/changed-groups                           contact-groups    me
///     /hubs/general/changed-messages                         gmail-messages    me
///     /hubs/general/contacts?where=sortOrder='…'             records           contacts?where=…
package struct GoogleSuite: Connector {
  /// The platform's key for this connector.
  package let element = "googlesuite"
  /// The platform's hub for it; the hub in a configured `url` is not looked at.
  package let hub = "general"
  /// Where Calendar's paths begin, without a slash at the end.
  let calendarURL: String
  /// Where People's paths begin.
  let peopleURL: String
  /// Where the paths of the account's mailbox begin.
  let gmailURL: String
  /// The endpoint that exchanges codes and refreshes tokens.
  let tokenURL: String
  /// Where tokens are given back.
  let revokeURL: String
  /// Where a person is asked.
  let consentURL: String

  /// Google's own hosts, or one base URL in place of all of them.
  ///
  ///                    nil                                       http://127.0.0.1:8085
  ///     Calendar       https://www.googleapis.com/calendar/v3    http://127.0.0.1:8085/calendar/v3
  ///     People         https://people.googleapis.com/v1          http://127.0.0.1:8085/v1
  ///     Gmail          https://gmail.googleapis.com/gmail/v1     http://127.0.0.1:8085/gmail/v1
  ///     tokens         https://oauth2.googleapis.com/token       http://127.0.0.1:8085/token
  ///     consent        https://accounts.google.com/o/oauth2/…    http://127.0.0.1:8085/o/oauth2/…
  package init(baseURL: String? = nil) {
    var base = baseURL
    while base?.hasSuffix("/") == true { base?.removeLast() }
    calendarURL = "\(base ?? "https://www.googleapis.com")/calendar/v3"
    peopleURL = "\(base ?? "https://people.googleapis.com")/v1"
    gmailURL = "\(base ?? "https://gmail.googleapis.com")/gmail/v1/users/me"
    tokenURL = "\(base ?? "https://oauth2.googleapis.com")/token"
    revokeURL = "\(base ?? "https://oauth2.googleapis.com")/revoke"
    consentURL = "\(base ?? "https://accounts.google.com")/o/oauth2/v2/auth"
  }

  /// Judged by the `url` alone: the key may be anything, and the seed's holds a literal
  /// placeholder.
  package func collection(resource: String, url: String) -> Collection? {
    let path = PlatformPath(url)
    // What has a cursor of the provider's own takes no conditions.
    guard path.query == nil else { return calendarList(path) ?? records(path) }
    return calendarList(path) ?? calendarEvents(path) ?? contactGroups(path) ?? messages(path)
      ?? records(path)
  }

  /// Conditions and dates of a `url` are read as they will be asked.
  package func fault(inURL url: String) -> String? {
    let path = PlatformPath(url)
    let isRead = RecordKind(path) != nil || calendarList(path) != nil
    if isRead, let fault = fault(in: path) { return fault }
    guard collection(resource: "", url: url) == nil else { return nil }
    let bare = String(url.prefix { $0 != "?" })
    guard path.query == nil || collection(resource: "", url: bare) == nil else {
      return "\(bare) takes no conditions; leave out the question mark and what follows it"
    }
    let list = readable.map { "/hubs/\(hub)/\($0)" }.joined(separator: ", ")
    return "\(url) cannot be polled; what can be: \(list)"
  }

  /// The paths that can stand in a `url` behind the hub, for messages to people.
  private var readable: [String] {
    [
      "calendars/{calendarId}/changed-events", "changed-groups", "changed-messages",
      "calendars/{calendarId}/events", "calendar-list", "contacts", "groups", "messages", "threads",
    ]
  }

  /// `pageSize` of a query that can be read.
  package func pageSize(inURL url: String) -> Int? {
    PlatformPath(url).query.flatMap { try? PlatformQuery($0) }?.pageSize
  }

  /// Takes the kinds and ids that `collection(resource:url:)` gives, and no others.
  package func reads(_ collection: Collection) -> Bool {
    switch CollectionKind(rawValue: collection.kind) {
    case .calendarList, .contactGroups, .messages: collection.id == "me"
    case .calendarEvents: !collection.id.isEmpty
    case .records: RecordKind(PlatformPath(collection.id)) != nil
    case nil: false
    }
  }

  /// Events, calendars and groups have sync tokens, and each calendar of the list has a feed of its
  /// own; Gmail has history ids, and lists ids alone.
  package func nature(of collection: Collection) -> CollectionNature {
    switch CollectionKind(collection) {
    case .calendarList: .roster
    case .calendarEvents, .contactGroups: .cursor
    case .messages: .layered
    case .records: .dated
    }
  }

  /// Google's own field; a message bears none, and of records a person says which.
  package func dateField(of collection: Collection) -> String? {
    switch CollectionKind(collection) {
    case .calendarEvents: "updated"
    case .contactGroups: "metadata.updateTime"
    case .calendarList, .messages, .records: nil
    }
  }

  /// The id is percent-encoded, as one segment of a path.
  package func fill(url: String, with id: String) -> String {
    url.replacing("{calendarId}", with: percentEncoded(id))
  }

  /// A GET of one page.
  package func request(_ ask: PageRequest, token: String) -> Request {
    switch CollectionKind(ask.collection) {
    case .calendarList: calendarListRequest(ask, token: token)
    case .calendarEvents: eventsRequest(ask, token: token)
    case .contactGroups: groupsRequest(ask, token: token)
    case .messages: messagesRequest(ask, token: token)
    case .records: recordsRequest(ask, token: token)
    }
  }

  /// A message of Gmail's history or of a list of messages, and a label that is listed.
  package func object(of ask: PageRequest) -> AskedObject? {
    switch CollectionKind(ask.collection) {
    case .messages: MessagePlace(ask)?.object
    case .records: RecordPlace(ask).object
    case .calendarList, .calendarEvents, .contactGroups: nil
    }
  }

  /// The next message, label or page.
  package func page(without ask: PageRequest) -> Page {
    switch CollectionKind(ask.collection) {
    case .messages: messagePage(without: ask)
    case .records: recordPage(without: ask)
    case .calendarList, .calendarEvents, .contactGroups:
      preconditionFailure("\(ask.collection.kind) asks for no single object")
    }
  }

  /// A page is named by Google's token for it.
  package func pageName(of ask: PageRequest) -> String? {
    switch CollectionKind(ask.collection) {
    case .calendarList: PagePlace(ask, pageSizeMax: GoogleLimits.calendarsMax).pageToken ?? ""
    case .calendarEvents: PagePlace(ask, pageSizeMax: GoogleLimits.pageSizeMax).pageToken ?? ""
    case .contactGroups: PagePlace(ask, pageSizeMax: GoogleLimits.groupsMax).pageToken ?? ""
    case .messages: MessagePlace(ask)?.pageName
    case .records: RecordPlace(ask).pageName
    }
  }

  /// Reads a page, or the refusal of one; never fails for what a date or title holds.
  package func read(_ reply: Reply, to ask: PageRequest) -> PageOutcome {
    switch CollectionKind(ask.collection) {
    case .calendarList: readCalendarList(reply, to: ask)
    case .calendarEvents: readEvents(reply, to: ask)
    case .contactGroups: readGroups(reply, to: ask)
    case .messages: readMessages(reply, to: ask)
    case .records: readRecords(reply, to: ask)
    }
  }

  /// A GET of the object itself.
  package func confirmation(
    of object: String, in collection: Collection, token: String
  ) -> Request {
    switch CollectionKind(collection) {
    case .calendarList: return calendarListEntryRequest(object, token: token)
    case .calendarEvents: return eventRequest(object, in: collection, token: token)
    case .contactGroups: return groupRequest(object, token: token)
    case .messages: return messageRequest(object, token: token)
    case .records:
      guard let kind = RecordKind(PlatformPath(collection.id)) else {
        preconditionFailure("\(collection.id) is no list")
      }
      return recordRequest(object, of: kind, token: token)
    }
  }

  /// An object that is shown as gone is gone, and one of which Google itself says 404 or 410; an
  /// empty body or a proxy's page confirms nothing.
  package func readConfirmation(
    _ reply: Reply, of object: String, in collection: Collection
  ) -> Confirmation {
    let error = GoogleError(reply)
    if collection.kind == CollectionKind.messages.rawValue, MessagePlace.label(object) != nil,
      reply.status == 200 || [400, 404].contains(reply.status) && error.isGoogles
    {
      // A label that can be listed again, or is deleted, is missed no longer.
      return .gone(nil)
    }
    switch reply.status {
    case 200: return confirmation(of: object, shape(of: collection), in: reply)
    case 401: return .unauthorized(reason: error.reason)
    case 404 where error.isGoogles: return .gone(nil)
    // Another reason, such as fullSyncRequired, says nothing of this object.
    case 410 where error.isGoogles && ["deleted", "gone"].contains(error.reason):
      return .gone(nil)
    case 404, 410:
      var refusal = error.refusal
      refusal.isPermanent = false
      return .refused(refusal)
    default: return .refused(error.refusal)
    }
  }
}

/// The kinds of collection that are polled, by the words that the journal keeps.
enum CollectionKind: String {
  case calendarList = "calendar-list"
  case calendarEvents = "calendar-events"
  case contactGroups = "contact-groups"
  case messages = "gmail-messages"
  case records

  /// A word that nobody knows is that of a list that nobody knows: `reads` says no to both.
  init(_ collection: Collection) {
    self = CollectionKind(rawValue: collection.kind) ?? .records
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

  /// A page of a list, where the reply is no sign of a dead cursor.
  func readList(
    _ shape: ListShape, _ reply: Reply, to ask: PageRequest, pageSizeMax: Int
  ) -> PageOutcome {
    if let no = refusal(reply, to: ask) { return no }
    var reader = ListReader(shape, body: reply.body)
    do {
      return .page(
        try reader.page(pageSize: PagePlace(ask, pageSizeMax: pageSizeMax).pageSize))
    } catch {
      return .refused(unreadable(reply, error.description))
    }
  }

  /// Judges an answer other than 200; nil for 200.
  func refusal(_ reply: Reply, to ask: PageRequest) -> PageOutcome? {
    if reply.status == 200 { return nil }
    let error = GoogleError(reply)
    if reply.status == 401 { return .unauthorized(reason: error.reason) }
    // A cursor that Google does not know is as dead as one that is too old.
    if reply.status == 400, case .changes = ask.mode,
      error.refuses("syncToken") || error.refuses("startHistoryId")
    {
      return .cursorExpired(reason: error.reason)
    }
    var refusal = error.refusal
    if ask.continuation != nil, [400, 404, 410].contains(reply.status), error.refuses("pageToken") {
      // The same poll from its first page may go through.
      refusal.isOfPageToken = true
      refusal.isPermanent = false
    }
    // What was taken on the pages before is not wrong in itself.
    if reply.status == 400, ask.continuation != nil { refusal.isPermanent = false }
    // Amid a poll a proxy's page is no word of Google's.
    if [404, 410].contains(reply.status), ask.continuation != nil, !error.isGoogles {
      refusal.isPermanent = false
    }
    return .refused(refusal)
  }

  /// The shape of the collection's objects.
  private func shape(of collection: Collection) -> GoogleObject.Shape {
    switch CollectionKind(collection) {
    case .calendarList: .calendar
    case .calendarEvents: .event
    case .contactGroups: .group
    case .messages: .message
    case .records: RecordKind(PlatformPath(collection.id))?.shape.object ?? .event
    }
  }

  private func confirmation(
    of object: String, _ shape: GoogleObject.Shape, in reply: Reply
  ) -> Confirmation {
    do {
      guard let item = try GoogleObject.single(in: reply.body).item(shape), item.id == object else {
        return .refused(unreadable(reply, "it is about another object"))
      }
      return item.isGone ? .gone(item) : .exists(item)
    } catch {
      return .refused(unreadable(reply, error.description))
    }
  }
}
