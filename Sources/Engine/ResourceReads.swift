package import Domain
import EventStore
package import Events
import FoundationEssentials

/// Reads the provider's resources for somebody who asks, through an instance's authorization.
///
/// It moves no cursor and records nothing but a token that had to be refreshed, without which the
/// next poll would have none.
package struct ResourceReads: Sendable {
  private let repository: Repository
  private let connector: any Connector
  private let world: World
  private let tokens: AccessTokens

  package init(
    _ repository: Repository, connector: any Connector, world: World, settings: EngineSettings
  ) {
    self.repository = repository
    self.connector = connector
    self.world = world
    tokens = AccessTokens(repository, connector: connector, world: world, settings: settings)
  }

  /// Objects as the provider wrote them.
  package struct Answer: Sendable, Equatable {
    /// The very bytes of each.
    package var objects: [[UInt8]]
    /// Where the page after it begins; nil: there is none.
    package var next: String?
    /// It is the one object that was asked for by its id, and no list.
    package var isSingle = false
  }

  /// A page of a resource, or one object of it.
  ///
  /// - Parameters:
  ///   - url: A path of the platform with the conditions of its `where`, as in a configuration.
  ///   - size: Objects a page, as far as the provider allows.
  ///   - next: Of the page before; nil: the first page.
  /// - Throws: `Refusal` for a path that cannot be read, an instance that is deleted or disabled,
  ///   and what the provider refuses, with its own text; `JournalError`.
  package func read(
    _ id: InstanceID, _ url: String, size: Int?, next: String?
  ) async throws -> Answer {
    let instance = try await repository.instance(id)
    _ = try instance.changeable()
    guard instance.isEnabled else {
      throw Refusal(
        .disabled, "instance \(id) is disabled" + (instance.reason.map { ": \($0)" } ?? ""))
    }
    if let request = connector.wholeRequest(atURL: url, token: "") {
      try checkBare(url)
      return try await whole(id, url, request)
    }
    guard let collection = connector.collection(resource: "", url: url) else {
      return try await single(id, url)
    }
    // Dates of a template are those of a poll, and nobody polls here.
    if let fault = connector.fault(inURL: url) { throw Refusal(.invalid, fault) }
    return try await list(id, collection, url, size: size, next: next)
  }

  /// - Throws: `Refusal` for conditions on one object: what they ask for would not be what comes.
  private func checkBare(_ url: String) throws(Refusal) {
    let query = url.split(separator: "?", maxSplits: 1).dropFirst().first ?? ""
    guard query.split(separator: "&").contains(where: { $0.hasPrefix("where=") }) else { return }
    throw Refusal(at: "where", "is for lists; this is one object")
  }

  // MARK: Lists

  private func list(
    _ id: InstanceID, _ collection: Collection, _ url: String, size: Int?, next: String?
  ) async throws -> Answer {
    let place = try await place(in: collection, of: id, next)
    let now = world.now()
    var ask = PageRequest(
      collection: collection, mode: place.mode, continuation: place.continuation,
      pageSize: size ?? connector.pageSize(inURL: url) ?? Limits.readItems,
      window: DateWindow(since: now, now: now))
    var objects: [[UInt8]] = []
    var bytes = 0
    for _ in 0..<Limits.readRequestsMax {
      let (page, body) = try await page(ask, of: id)
      for item in page.items where !item.bytes.isEmpty {
        objects.append(Array(body[item.bytes]))
        bytes += item.bytes.count
      }
      guard case .more(let continuation) = page.next else { return Answer(objects: objects) }
      ask.continuation = continuation
      // Where changes are told by ids alone, a page is put together object by object.
      let isFull = objects.count >= ask.pageSize || bytes >= Limits.readBytesMax
      if !objects.isEmpty, isFull || connector.object(of: ask) == nil { break }
    }
    return Answer(objects: objects, next: ask.continuation.map { place.token(before: $0) })
  }

  private func page(_ ask: PageRequest, of id: InstanceID) async throws -> (Page, [UInt8]) {
    let connector = connector
    let (outcome, reply) = try await answer(id) { token in
      connector.request(ask, token: token)
    } read: { reply in
      connector.read(reply, to: ask)
    } isUnauthorized: { outcome in
      if case .unauthorized = outcome { true } else { false }
    }
    switch outcome {
    case .page(let page):
      guard reply.body.count <= Limits.readBytesMax else {
        throw Refusal(
          .tooLarge, "the provider's page has \(reply.body.count) bytes; ask for fewer objects",
          at: "pageSize")
      }
      return (page, reply.body)
    case .cursorExpired(let reason):
      throw Refusal(
        .conflict, "the provider no longer takes the cursor (\(reason)); the next poll compares")
    case .unauthorized(let reason):
      throw Refusal(.providerRefused, "the provider takes no token of instance \(id): \(reason)")
    case .refused(let refusal): throw try await self.refusal(refusal, of: id)
    }
  }

  /// Where a read stands: in the changes since a feed's cursor, or in all that there is.
  private struct Place {
    var mode: PollMode
    var continuation: String?

    /// The token of the page that a continuation leads to: it goes on from the same cursor.
    func token(before continuation: String) -> String {
      var cursor = ""
      if case .changes(let since) = mode { cursor = "c\(since)" }
      return base64URL("\(cursor)\n\(continuation)".utf8)
    }

    /// nil for what no page of ours had.
    init?(_ token: String) {
      let plain = token.replacing("-", with: "+").replacing("_", with: "/")
      let padding = String(repeating: "=", count: (4 - plain.count % 4) % 4)
      guard token.utf8.count <= Limits.readTokenMax,
        let data = Data(base64Encoded: plain + padding),
        let text = String(validating: data, as: UTF8.self),
        let line = text.firstIndex(of: "\n")
      else { return nil }
      let cursor = text[..<line]
      mode = cursor.hasPrefix("c") ? .changes(since: String(cursor.dropFirst())) : .baseline
      continuation = String(text[text.index(after: line)...])
    }

    init(_ mode: PollMode) { self.mode = mode }
  }

  /// - Throws: `Refusal` where the changes are asked for of what cannot be listed with its objects,
  ///   and has no cursor yet.
  private func place(
    in collection: Collection, of id: InstanceID, _ next: String?
  ) async throws -> Place {
    if let next {
      guard let place = Place(next) else {
        throw Refusal(at: "nextPage", "is not of a page of this list")
      }
      return place
    }
    let nature = connector.nature(of: collection)
    if nature == .dated { return Place(.baseline) }
    let feeds = try await repository.reader.read { snapshot throws(JournalError) in
      try snapshot.feeds(of: id)
    }
    let feed = feeds.last {
      $0.collectionKind == collection.kind && $0.collection == collection.id
        && $0.state != .closed && $0.mode == .changes
    }
    if let cursor = feed?.cursor { return Place(.changes(since: cursor)) }
    guard nature != .layered else {
      throw Refusal(.conflict, "instance \(id) has not polled this yet, so it has no cursor")
    }
    return Place(.baseline)
  }

  // MARK: Objects

  /// One object of a list, whose id is the last segment of the path.
  private func single(_ id: InstanceID, _ url: String) async throws -> Answer {
    let bare = String(url.prefix { $0 != "?" })
    // It is there, and cannot be asked for so.
    if bare != url, connector.collection(resource: "", url: bare) != nil {
      throw Refusal(.invalid, connector.fault(inURL: url) ?? "conditions cannot be used here")
    }
    guard let (collection, object) = connector.object(atURL: url) else {
      throw Refusal(
        .notFound(.resource), connector.fault(inURL: url) ?? "there is no resource \(url)")
    }
    try checkBare(url)
    let connector = connector
    return try await only(id) { token in
      connector.confirmation(of: object, in: collection, token: token)
    } read: { reply in
      connector.readConfirmation(reply, of: object, in: collection)
    }
  }

  private func whole(_ id: InstanceID, _ url: String, _ request: Request) async throws -> Answer {
    let connector = connector
    return try await only(id) { token in
      connector.wholeRequest(atURL: url, token: token) ?? request
    } read: { reply in
      connector.readWhole(reply)
    }
  }

  private func only(
    _ id: InstanceID, request: (_ token: String) -> Request, read: (Reply) -> Confirmation
  ) async throws -> Answer {
    let (outcome, reply) = try await answer(id, request: request, read: read) { outcome in
      if case .unauthorized = outcome { true } else { false }
    }
    switch outcome {
    case .exists(let item):
      return Answer(objects: [Array(reply.body[item.bytes])], isSingle: true)
    case .gone(let item?) where !item.bytes.isEmpty:
      return Answer(objects: [Array(reply.body[item.bytes])], isSingle: true)
    case .gone: throw Refusal(.notFound(.object), "the provider has no such object")
    case .unauthorized(let reason):
      throw Refusal(.providerRefused, "the provider takes no token of instance \(id): \(reason)")
    case .refused(let refusal): throw try await self.refusal(refusal, of: id)
    }
  }

  // MARK: Asking

  /// Carries a request out with a token that should be taken; where it is not, once more with a new
  /// one.
  private func answer<Outcome>(
    _ id: InstanceID, request: (_ token: String) -> Request, read: (Reply) -> Outcome,
    isUnauthorized: (Outcome) -> Bool
  ) async throws -> (Outcome, Reply) {
    var refused: String?
    while true {
      let token: String
      switch try await tokens.access(to: id, refused: refused) {
      case .success(let access): token = access.token
      case .failure(let denial): throw Refusal(.providerRefused, denial.refusal.text)
      }
      let reply: Reply
      switch await world.begin(request(token)) {
      case .failed(let failure):
        if failure.kind == .cancelled { throw CancellationError() }
        throw Refusal(.providerUnreachable, failure.text)
      case .reply(let answer): reply = answer
      }
      let outcome = read(reply)
      guard refused == nil, isUnauthorized(outcome) else { return (outcome, reply) }
      refused = token
    }
  }

  private func refusal(
    _ refusal: ProviderRefusal, of id: InstanceID
  ) async throws(JournalError) -> Refusal {
    let text = try await repository.redaction(of: id).clean(refusal.text)
    if refusal.status == 404 { return Refusal(.notFound(.object), text) }
    // What would pass at another time is no fault of the one who asks.
    return Refusal(refusal.isPermanent ? .providerRefused : .providerUnreachable, text)
  }
}
