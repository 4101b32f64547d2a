import Domain
import RawJSON

// A baseline or comparison: the profile for its history id, the labels, then ids, all of them and
// label by label. Changes: the history, and each message in it that is still there.
//
// Sources: Gmail API guide, “Synchronize clients with Gmail”; Gmail API reference.

/// The messages of the account, which has one mailbox, with Gmail’s history ids.
///
///     /hubs/general/changed-messages
struct ChangedMessages: GoogleResource {
  let path = "changed-messages"
  let kind = "gmail-messages"
  let nature = CollectionNature.layered
  let scopes = [Scope.mail]
  /// Messages and records of history. Source: Gmail API reference, `maxResults`.
  let pageSizeMax = 500
  let shape = ListShape.listedMessages
  let singleShape = GoogleObject.Shape.message
  let dateField: String? = nil
  let standardKeys = ["changed-messages"]

  func collection(at path: PlatformPath) -> Collection? { collection(named: self.path, at: path) }

  func fields(at path: PlatformPath) -> ObjectFields { ObjectFields(id: "id") }

  func pageName(of ask: PageRequest) -> String? { MessagePlace(ask)?.pageName }

  func object(of ask: PageRequest) -> AskedObject? { MessagePlace(ask)?.object }

  func request(
    of object: String, in collection: Collection, _ google: GoogleSuite, token: String
  ) -> Request {
    google.messageRequest(object, token: token)
  }

  /// A label that can be listed again, or is deleted, is missed no longer.
  func readAbsence(_ reply: Reply, of object: String) -> Confirmation? {
    guard MessagePlace.label(object) != nil,
      reply.status == 200 || [400, 404].contains(reply.status) && GoogleError(reply).isGoogles
    else { return nil }
    return .gone(nil)
  }

  func request(_ ask: PageRequest, _ google: GoogleSuite, token: String) -> Request {
    // What cannot be gone on with is asked from the start, and then refused.
    let place = MessagePlace(ask) ?? MessagePlace(pageSize: 1, step: .profile)
    let size = (name: "maxResults", value: String(place.pageSize))
    switch place.step {
    case .profile: return google.gmail("profile", units: 1, token)
    case .labels, .doubt: return google.gmail("labels", units: 1, token)
    case .list(let listing), .again(let listing):
      var query = [size, ("includeSpamTrash", "true")]
      if let label = listing.labels.first ?? nil { query.append(("labelIds", label)) }
      if let pageToken = listing.pageToken { query.append(("pageToken", pageToken)) }
      return google.gmail("messages?\(queryText(query))", units: 5, token)
    case .history(let pageToken, _):
      var query = [size]
      if case .changes(let since) = ask.mode { query.append(("startHistoryId", since)) }
      if let pageToken { query.append(("pageToken", pageToken)) }
      return google.gmail("history?\(queryText(query))", units: 2, token)
    case .get(let pending): return google.messageRequest(pending.ids.first ?? "", token: token)
    }
  }

  func read(_ reply: Reply, to ask: PageRequest, _ google: GoogleSuite) -> PageOutcome {
    guard let place = MessagePlace(ask) else {
      return .refused(google.unreadable(reply, "it answers a poll that another version began"))
    }
    switch place.step {
    // A history id is kept for a week or so, sometimes for hours.
    case .history where reply.status == 404 && GoogleError(reply).isGoogles:
      return .cursorExpired(reason: GoogleError(reply).reason)
    case .get(let pending) where reply.status == 404 && GoogleError(reply).isGoogles:
      return .page(page([goneMeanwhile(pending)], after: pending, place.pageSize))
    // A label that was deleted since the labels were listed, or an error that will pass.
    case .list(let listing)
    where [400, 404].contains(reply.status) && listing.isAtLabel && GoogleError(reply).isGoogles:
      return .page(page([], then: .doubt(listing), place.pageSize))
    default: break
    }
    if let no = google.refusal(reply, to: ask) { return no }
    do {
      switch place.step {
      case .profile: return .page(try profilePage(reply, place.pageSize))
      case .labels(let start): return .page(try labelsPage(reply, place.pageSize, start))
      case .doubt(let listing): return .page(try doubtPage(reply, place.pageSize, listing))
      case .list(let listing), .again(let listing):
        return .page(try listPage(reply, place.pageSize, listing))
      case .history(_, let asked): return try historyPage(reply, place.pageSize, asked)
      case .get(let pending): return .page(try messagePage(reply, place.pageSize, pending))
      }
    } catch {
      return .refused(google.unreadable(reply, error.description))
    }
  }

  // MARK: A full listing

  private func profilePage(_ reply: Reply, _ size: Int) throws(PageFault) -> Page {
    let profile = try GoogleObject.single(in: reply.body)
    guard let start = profile.historyId else { throw .content("a profile without a history id") }
    return page([], then: .labels(start: start), size)
  }

  private func labelsPage(
    _ reply: Reply, _ size: Int, _ start: String
  ) throws(PageFault) -> Page {
    var reader = ListReader(.labels, body: reply.body)
    let labels = try reader.list().items.map { Optional($0.id) }
    return page(
      [], then: .list(.init(start: start, labels: [nil] + labels, pageToken: nil)), size)
  }

  /// No message has a label that is deleted; one that is still there is asked for once more.
  private func doubtPage(
    _ reply: Reply, _ size: Int, _ listing: MessagePlace.Listing
  ) throws(PageFault) -> Page {
    var reader = ListReader(.labels, body: reply.body)
    let labels = try reader.list().items.map { Optional($0.id) }
    guard let label = listing.labels.first, labels.contains(label) else {
      return page([], after: listing, nil, size)
    }
    return page([], then: .again(listing), size)
  }

  private func listPage(
    _ reply: Reply, _ size: Int, _ listing: MessagePlace.Listing
  ) throws(PageFault) -> Page {
    var reader = ListReader(.listedMessages, body: reply.body)
    let list = try reader.list()
    var found = page(list.items, after: listing, list.pageToken, size)
    found.strays = reader.strays
    return found
  }

  /// Goes on with the next page of the listing, then with the next label, then nowhere.
  private func page(
    _ items: [Item], after listing: MessagePlace.Listing, _ pageToken: String?, _ size: Int
  ) -> Page {
    var next = listing
    next.pageToken = pageToken
    if pageToken == nil { next.labels.removeFirst() }
    var found =
      next.labels.isEmpty
      ? Page(items: items, next: .end(cursor: listing.start))
      : page(items, then: .list(next), size)
    found.label = listing.labels.first ?? nil
    return found
  }

  // MARK: Changes

  private func historyPage(
    _ reply: Reply, _ size: Int, _ asked: Int
  ) throws(PageFault) -> PageOutcome {
    let history = try HistoryReader(reply.body)
    if history.pageToken == nil, history.historyId == nil {
      throw .content("neither a next page nor a history id")
    }
    let pending = MessagePlace.Pending(
      asked: asked + history.pending.count, end: history.historyId, pageToken: history.pageToken,
      ids: history.pending)
    if pending.asked > GoogleLimits.changedMessagesMax {
      return .cursorExpired(reason: "tooManyChanges")
    }
    var found = page(history.gone, before: pending, size)
    found.strays = history.strays
    return .page(found)
  }

  private func messagePage(
    _ reply: Reply, _ size: Int, _ pending: MessagePlace.Pending
  ) throws(PageFault) -> Page {
    let id = pending.ids.first ?? ""
    let message = try GoogleObject.single(in: reply.body)
    guard let item = message.item(.message), item.id == id else {
      throw .content("it is about another message")
    }
    return page([item], after: pending, size)
  }

  /// A message that was deleted between the history and the question.
  private func goneMeanwhile(_ pending: MessagePlace.Pending) -> Item {
    Item(
      id: pending.ids.first ?? "", revision: LabelSum.revision("gone", sum: 0), isGone: true,
      bytes: 0..<0)
  }

  private func page(
    _ items: [Item], after pending: MessagePlace.Pending, _ size: Int
  ) -> Page {
    var rest = pending
    rest.ids.removeFirst()
    return page(items, before: rest, size)
  }

  /// Goes on with the messages still to be read, then with the history, then nowhere.
  private func page(
    _ items: [Item], before pending: MessagePlace.Pending, _ size: Int
  ) -> Page {
    if !pending.ids.isEmpty { return page(items, then: .get(pending), size) }
    if let token = pending.pageToken {
      return page(items, then: .history(pageToken: token, asked: pending.asked), size)
    }
    return Page(items: items, next: .end(cursor: pending.end ?? ""))
  }

  /// Behind a message, or behind a label, of which the messages then seem to lack it.
  func page(without ask: PageRequest) -> Page {
    guard let place = MessagePlace(ask) else { return Page(items: [], next: .end(cursor: "")) }
    switch place.step {
    case .get(let pending): return page([], after: pending, place.pageSize)
    case .list(let listing), .again(let listing):
      return page([], after: listing, nil, place.pageSize)
    case .profile, .labels, .doubt, .history:
      preconditionFailure("\(place.continuation) asks for no single object")
    }
  }

  private func page(_ items: [Item], then step: MessagePlace.Step, _ size: Int) -> Page {
    let place = MessagePlace(pageSize: size, step: step)
    return Page(items: items, next: .more(continuation: place.continuation))
  }
}

extension GoogleSuite {
  /// A message, or a label, which is asked for by one message that has it.
  func messageRequest(_ object: String, token: String) -> Request {
    if let label = MessagePlace.label(object) {
      return gmail(
        "messages?\(queryText([("maxResults", "1"), ("labelIds", label)]))", units: 5, token)
    }
    return gmail("messages/\(percentEncoded(object))?format=full", units: 5, token)
  }

  /// Source of the units: Gmail API guide, “Usage limits”.
  fileprivate func gmail(_ path: String, units: Int, _ token: String) -> Request {
    var request = get("\(gmailURL)/\(path)", token: token)
    request.quotaUnits = units
    return request
  }
}

extension ListShape {
  static let labels = ListShape(
    root: "labels", object: .listedMessage, words: ("a label", "labels"), cursor: .nowhere)
}

extension GoogleObject.Shape {
  /// A message as it is asked for by itself.
  static let message = GoogleObject.Shape { object, id in
    let revision = LabelSum.revision(object.historyId, sum: LabelSum.of(object.labels))
    return Item(id: id, revision: revision, bytes: object.range)
  }
}
