import Domain
import Events

/// A resource that is asked for by the dates in its `url`, whatever the platform makes of it. The
/// names are those of the platform’s tests of its connector.
protocol DatedResource: GoogleResource {
  /// Google's parameter for the number of items a page.
  var sizeName: String { get }
  /// Parameters that are added where the `url` does not name them.
  var defaults: [(name: String, value: String)] { get }
  /// Google refuses dates that lie further back than `GoogleLimits.updatedMinAgeMax`.
  var hasOldestDate: Bool { get }
  /// Units of the user’s quota that a page costs.
  var quotaUnits: Int { get }
  /// Its list tells ids alone: what came since is asked for one by one.
  var readsOneByOne: Bool { get }
  /// The path without its hub and query, in one way of writing; nil for another resource’s.
  func id(in path: PlatformPath) -> String?
  /// Where its list is.
  ///
  /// - Parameter id: As `id(in:)` gives it.
  func listURL(_ id: String, _ google: GoogleSuite) -> String
}

extension DatedResource {
  var kind: String { "records" }
  var nature: CollectionNature { .dated }
  var dateField: String? { nil }
  var defaults: [(name: String, value: String)] { [] }
  var hasOldestDate: Bool { false }
  var quotaUnits: Int { 0 }
  var readsOneByOne: Bool { false }

  func id(in path: PlatformPath) -> String? { path.segments == [self.path] ? self.path : nil }

  /// The `url` without its hub names the collection: other conditions are another collection.
  /// Another page size or way of percent-encoding is not.
  func collection(at path: PlatformPath) -> Collection? {
    guard let id = id(in: path), let query = try? PlatformQuery(path.query ?? "") else {
      return nil
    }
    let conditions = query.conditions.isEmpty ? "" : "?\(query.conditions)"
    return Collection(kind: kind, id: id + conditions)
  }

  func takesConditions(at path: PlatformPath) -> Bool { id(in: path) != nil }

  func reads(_ collection: Collection) -> Bool {
    collection.kind == kind && id(in: PlatformPath(collection.id)) != nil
  }

  private func listURL(of collection: Collection, _ google: GoogleSuite) -> String {
    guard let id = id(in: PlatformPath(collection.id)) else {
      preconditionFailure("\(collection.id) is none of \(path)")
    }
    return listURL(id, google)
  }

  /// A GET of a page, or of the next message of one.
  func request(_ ask: PageRequest, _ google: GoogleSuite, token: String) -> Request {
    let place = DatedPlace(ask, of: self)
    if let id = place.ids.first {
      return request(of: id, in: ask.collection, google, token: token)
    }
    var query = place.parameters
    let names = Set(query.map(\.name))
    query += defaults.filter { !names.contains($0.name) }
    query.append((sizeName, String(place.pageSize)))
    if let pageToken = place.pageToken { query.append(("pageToken", pageToken)) }
    var request = google.get(
      "\(listURL(of: ask.collection, google))?\(queryText(query))", token: token)
    request.quotaUnits = quotaUnits
    return request
  }

  func request(
    of object: String, in collection: Collection, _ google: GoogleSuite, token: String
  ) -> Request {
    google.get("\(listURL(of: collection, google))/\(percentEncoded(object))", token: token)
  }

  func read(_ reply: Reply, to ask: PageRequest, _ google: GoogleSuite) -> PageOutcome {
    let place = DatedPlace(ask, of: self)
    // The date lies further back than Calendar goes: everything is asked for instead.
    if let reason = GoogleError.goneReason(reply) { return .cursorExpired(reason: reason) }
    if !place.ids.isEmpty, reply.status == 404, GoogleError(reply).isGoogles {
      return .page(page([], after: place))
    }
    if let no = google.refusal(reply, to: ask) { return no }
    do {
      guard place.ids.isEmpty else {
        return .page(page([try object(place, in: reply)], after: place))
      }
      var reader = ListReader(shape, body: reply.body)
      guard var page = page(try reader.list(), at: place, to: ask) else {
        return .refused(tooMany(reply))
      }
      page.strays = reader.strays
      page.answeredAt = reply.header("Date").flatMap(Moment.init(httpDate:))
      return .page(page)
    } catch {
      return .refused(google.unreadable(reply, error.description))
    }
  }

  func pageName(of ask: PageRequest) -> String? { DatedPlace(ask, of: self).pageName }

  func object(of ask: PageRequest) -> AskedObject? { DatedPlace(ask, of: self).object }

  func page(without ask: PageRequest) -> Page { page([], after: DatedPlace(ask, of: self)) }

  /// - Returns: nil where more objects match than are read one by one.
  private func page(
    _ list: (items: [Item], pageToken: String?), at place: DatedPlace, to ask: PageRequest
  ) -> Page? {
    var next = place
    next.pageToken = list.pageToken
    // What came since is read; a whole mailbox is not.
    guard readsOneByOne, case .changes = ask.mode, !list.items.isEmpty else {
      return Page(items: list.items, next: next.after(list.pageToken))
    }
    next.ids = list.items.map(\.id)
    next.asked += next.ids.count
    guard next.asked <= GoogleLimits.changedMessagesMax else { return nil }
    return Page(items: [], next: .more(continuation: next.continuation))
  }

  private func tooMany(_ reply: Reply) -> ProviderRefusal {
    ProviderRefusal(
      status: reply.status, reason: "tooManyMessages",
      text: "more than \(GoogleLimits.changedMessagesMax) messages match; a where such as"
        + " q='after:${epoch:s}' asks for fewer")
  }

  /// Labels come and go without a date: by dates a message is one thing for ever.
  private func object(_ place: DatedPlace, in reply: Reply) throws(PageFault) -> Item {
    let object = try GoogleObject.single(in: reply.body)
    guard let item = object.item(shape.object), item.id == place.ids.first else {
      throw .content("it is about another message")
    }
    return item
  }

  /// Behind one object of a page.
  private func page(_ items: [Item], after place: DatedPlace) -> Page {
    var next = place
    next.ids.removeFirst()
    return Page(
      items: items,
      next: next.ids.isEmpty
        ? next.after(next.pageToken) : .more(continuation: next.continuation))
  }
}
