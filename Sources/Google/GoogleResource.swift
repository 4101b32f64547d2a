import Domain

/// A resource of Google Suite that can be polled: its URL, how it is asked for and read, what a
/// person has to allow for it. Each has a file of its own, and its entry in
/// `GoogleSuite.resources`.
protocol GoogleResource: Sendable {
  /// Its path behind the hub, as people write it: `calendars/{calendarId}/changed-events`.
  var path: String { get }
  /// The word that the journal keeps for its collections.
  var kind: String { get }
  /// How Google lets it be read; by dates where it keeps no cursor.
  var nature: CollectionNature { get }
  /// The scopes to be granted: one of each line, of which the first is the narrowest.
  var scopes: [[String]] { get }
  /// Items a page, at most. Source: Google’s reference of its list.
  var pageSizeMax: Int { get }
  /// Its pages and the objects on them.
  var shape: ListShape { get }
  /// An object that is asked for by itself, where that shows more than a page does.
  var singleShape: GoogleObject.Shape { get }
  /// Where its objects bear the time of their last change, in RFC 3339; nil where they bear none.
  var dateField: String? { get }
  /// Keys of it that an instance watches unless its configuration says otherwise.
  var standardKeys: [String] { get }

  /// The collection that a `url` means; nil where it means another resource.
  func collection(at path: PlatformPath) -> Collection?
  /// Tells if a `url` of this resource may have conditions; then their faults are told of.
  func takesConditions(at path: PlatformPath) -> Bool
  /// Tells if a stored collection is one of its own.
  func reads(_ collection: Collection) -> Bool
  /// The fields by which its objects are told of unless a configuration says otherwise.
  func fields(at path: PlatformPath) -> ObjectFields

  /// The request of one page, or of one object where a poll reads them one by one.
  func request(_ ask: PageRequest, _ google: GoogleSuite, token: String) -> Request
  /// Reads a page, or the refusal of one.
  func read(_ reply: Reply, to ask: PageRequest, _ google: GoogleSuite) -> PageOutcome
  /// The name of a page among those of its listing; nil where a single object is asked for.
  func pageName(of ask: PageRequest) -> String?
  /// The object that a request asks for by itself; nil for pages.
  func object(of ask: PageRequest) -> AskedObject?
  /// Goes on behind an object that could not be had.
  func page(without ask: PageRequest) -> Page

  /// The request of one object.
  func request(
    of object: String, in collection: Collection, _ google: GoogleSuite, token: String
  ) -> Request
  /// Tells by an answer other than an object if it is gone all the same; nil: as any other.
  func readAbsence(_ reply: Reply, of object: String) -> Confirmation?
}

/// Defaults, which suit most: one collection an account, a cursor of Google’s, pages of a list.
extension GoogleResource {
  var standardKeys: [String] { [] }

  var singleShape: GoogleObject.Shape { shape.object }

  func takesConditions(at path: PlatformPath) -> Bool { false }

  func reads(_ collection: Collection) -> Bool {
    collection.kind == kind && collection.id == "me"
  }

  func fields(at path: PlatformPath) -> ObjectFields { ObjectFields() }

  func pageName(of ask: PageRequest) -> String? { place(of: ask).pageToken ?? "" }

  func object(of ask: PageRequest) -> AskedObject? { nil }

  func page(without ask: PageRequest) -> Page {
    preconditionFailure("\(ask.collection.kind) asks for no single object")
  }

  func readAbsence(_ reply: Reply, of object: String) -> Confirmation? { nil }

  /// The one collection of an account, for a `url` without conditions.
  func collection(named name: String, at path: PlatformPath) -> Collection? {
    guard path.query == nil, path.segments == [name] else { return nil }
    return Collection(kind: kind, id: "me")
  }

  /// Where a poll stands that goes page by page.
  func place(of ask: PageRequest) -> PagePlace { PagePlace(ask, pageSizeMax: pageSizeMax) }

  /// Every page of one poll asks the same but for `pageToken`, or Google refuses the token; so the
  /// page size of the first page travels in the continuation.
  ///
  /// - Parameter more: Parameters that stay the same in every poll: Google gives a sync token for
  ///   them alone.
  func listQuery(
    _ ask: PageRequest, size: String, _ more: [(name: String, value: String)] = []
  ) -> String {
    let place = place(of: ask)
    var query = [(name: size, value: String(place.pageSize))] + more
    if case .changes(let cursor) = ask.mode { query.append(("syncToken", cursor)) }
    if let pageToken = place.pageToken { query.append(("pageToken", pageToken)) }
    return queryText(query)
  }

  /// Reads a page of a list of Calendar’s, which drops old sync tokens, also between two pages:
  /// only a full list goes on from there.
  ///
  /// Source: Calendar API guide, “Synchronize resources efficiently”.
  func readOfCalendar(
    _ reply: Reply, to ask: PageRequest, _ google: GoogleSuite
  ) -> PageOutcome {
    if let reason = GoogleError.goneReason(reply) { return .cursorExpired(reason: reason) }
    return google.readList(shape, reply, to: ask, pageSizeMax: pageSizeMax)
  }
}
