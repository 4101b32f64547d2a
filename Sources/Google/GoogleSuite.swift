package import Domain

/// Google Suite by polling: Calendar's events, its list of calendars, the account's contact groups
/// and its mail.
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

  /// The resources that can be polled. The first one that knows a `url` or a collection has it; in
  /// this order they are watched by default, and listed for people.
  static let resources: [any GoogleResource] = [
    EachCalendar(), ChangedEvents(), ChangedGroups(), ChangedMessages(), EventsByDate(),
    CalendarsByDate(), ContactsByDate(), GroupsByDate(), MessagesByDate(), ThreadsByDate(),
  ]

  /// The resource of a stored collection; nil for one that another version of Daybook made.
  func resource(of collection: Collection) -> (any GoogleResource)? {
    Self.resources.first { $0.reads(collection) }
  }

  /// The resource of a collection that `reads(_:)` takes.
  private func known(_ collection: Collection) -> any GoogleResource {
    guard let resource = resource(of: collection) else {
      preconditionFailure("\(collection.kind) \(collection.id) is no collection of Google’s")
    }
    return resource
  }

  /// Judged by the `url` alone: the key may be anything, and the seed's holds a literal
  /// placeholder.
  package func collection(resource: String, url: String) -> Collection? {
    let path = PlatformPath(url)
    return Self.resources.lazy.compactMap { $0.collection(at: path) }.first
  }

  /// Conditions and dates of a `url` are read as they will be asked.
  package func fault(inURL url: String) -> String? {
    let path = PlatformPath(url)
    if Self.resources.contains(where: { $0.takesConditions(at: path) }),
      let fault = fault(in: path)
    {
      return fault
    }
    guard collection(resource: "", url: url) == nil else { return nil }
    let bare = String(url.prefix { $0 != "?" })
    guard path.query == nil || collection(resource: "", url: bare) == nil else {
      return "\(bare) takes no conditions; leave out the question mark and what follows it"
    }
    let list = readable.map { "/hubs/\(hub)/\($0)" }.joined(separator: ", ")
    return "\(url) cannot be polled; what can be: \(list)"
  }

  /// Explains the fault in the query of a resource that takes conditions; nil where there is none.
  private func fault(in path: PlatformPath) -> String? {
    do throws(DateTemplate.Fault) {
      _ = try PlatformQuery(path.query ?? "")
      return nil
    } catch {
      return error.text
    }
  }

  /// The paths that can stand in a `url` behind the hub, in the order of `resources`.
  package var readable: [String] {
    Self.resources.map(\.path).reduce(into: []) { paths, path in
      if !paths.contains(path) { paths.append(path) }
    }
  }

  /// Source: SAP Open Connectors, “Google Suite: Events”.
  package var standardResources: [String] { Self.resources.flatMap(\.standardKeys) }

  /// As the platform's own page has them, and none for a `url` that cannot be polled. Source: SAP
  /// Open Connectors, “Google Suite: Events”.
  package func fields(atURL url: String) -> ObjectFields {
    let path = PlatformPath(url)
    let resource = Self.resources.first { $0.collection(at: path) != nil }
    return resource?.fields(at: path) ?? ObjectFields()
  }

  /// `pageSize` of a query that can be read.
  package func pageSize(inURL url: String) -> Int? {
    PlatformPath(url).query.flatMap { try? PlatformQuery($0) }?.pageSize
  }

  /// By the names of the members alone: the kind of the object is not asked for.
  package func title(of object: UnsafeRawBufferPointer) -> String? { GoogleTitle.read(object) }

  /// Takes the kinds and ids that `collection(resource:url:)` gives, and no others.
  package func reads(_ collection: Collection) -> Bool { resource(of: collection) != nil }

  /// As the resource says; nil for a collection of another version.
  package func nature(of collection: Collection) -> CollectionNature? {
    resource(of: collection)?.nature
  }

  /// As the resource says.
  package func dateField(of collection: Collection) -> String? {
    resource(of: collection)?.dateField
  }

  /// The id is percent-encoded, as one segment of a path.
  package func fill(url: String, with id: String) -> String {
    url.replacing("{calendarId}", with: percentEncoded(id))
  }

  /// A GET of one page.
  package func request(_ ask: PageRequest, token: String) -> Request {
    known(ask.collection).request(ask, self, token: token)
  }

  /// A message of Gmail's history or of a list of messages, and a label that is listed.
  package func object(of ask: PageRequest) -> AskedObject? {
    known(ask.collection).object(of: ask)
  }

  /// The next message, label or page.
  package func page(without ask: PageRequest) -> Page { known(ask.collection).page(without: ask) }

  /// A page is named by Google's token for it.
  package func pageName(of ask: PageRequest) -> String? {
    known(ask.collection).pageName(of: ask)
  }

  /// Reads a page, or the refusal of one; never fails for what a date or title holds.
  package func read(_ reply: Reply, to ask: PageRequest) -> PageOutcome {
    known(ask.collection).read(reply, to: ask, self)
  }

  /// A GET of the object itself.
  package func confirmation(
    of object: String, in collection: Collection, token: String
  ) -> Request {
    known(collection).request(of: object, in: collection, self, token: token)
  }

  /// An object that is shown as gone is gone, and one of which Google itself says 404 or 410; an
  /// empty body or a proxy's page confirms nothing.
  package func readConfirmation(
    _ reply: Reply, of object: String, in collection: Collection
  ) -> Confirmation {
    let resource = known(collection)
    if let absence = resource.readAbsence(reply, of: object) { return absence }
    let error = GoogleError(reply)
    switch reply.status {
    case 200: return confirmation(of: object, resource.singleShape, in: reply)
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

  private func confirmation(
    of object: String, _ shape: GoogleObject.Shape, in reply: Reply
  ) -> Confirmation {
    do {
      // The calendar list knows the account's own calendar by this name, and answers its id.
      guard let item = try GoogleObject.single(in: reply.body).item(shape),
        item.id == object || object == "primary" && item.isPrimary
      else { return .refused(unreadable(reply, "it is about another object")) }
      return item.isGone ? .gone(item) : .exists(item)
    } catch {
      return .refused(unreadable(reply, error.description))
    }
  }
}
