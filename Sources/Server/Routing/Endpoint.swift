import Daybook
import Events
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// A route behind the router: who asks, what is given, then the route itself.
struct Endpoint: HTTPResponder {
  typealias Context = ServerContext

  let route: Route
  let site: Site

  func respond(to request: Request, context: Context) async throws -> Response {
    context.note.route.withLock { $0 = route.path }
    let (caller, shown) = try await admit(request, context)
    let permit = try Permit(site, caller, .requests)
    context.note.hold(permit)
    guard let query = QueryItems(request.uri.query ?? "") else {
      throw Refusal(.invalid, "the query is no percent-encoded UTF-8")
    }
    try check(query)
    let call = Call(
      site: site, caller: caller, shown: shown, requestID: context.requestID, request: request.head,
      path: try names(context), query: query, body: try await body(of: request, context))
    return try await route.handle(call).response(to: request, context, site)
  }

  /// - Throws: `Trouble` for whoever may not ask.
  private func admit(
    _ request: Request, _ context: Context
  ) async throws -> (Caller, Credentials?) {
    // Browsers bring a cookie, at which the page looks itself.
    if route.access == .person { return (Caller(), nil) }
    guard let header = request.headers[.authorization] else {
      switch route.access {
      case .anybody: return (Caller(), nil)
      case .neighbour where isNeighbour(request, context): return (Caller(), nil)
      default: throw Trouble.unauthorized
      }
    }
    guard let shown = Credentials(header) else { throw Trouble.unauthorized }
    let caller = try await site.caller(showing: shown)
    if route.access == .owner || route.access == .neighbour, !caller.isOwner {
      throw Trouble(.forbidden, "forbidden", "this needs the User and the Organization secret")
    }
    return (caller, shown)
  }

  /// A proxy on this machine asks over loopback too, for anybody: it brings their name for the
  /// server, or says for whom it asks.
  private func isNeighbour(_ request: Request, _ context: Context) -> Bool {
    context.isLoopback && site.hosts.isOwn(request.head.authority, port: context.port)
      && HTTPField.Name.forwarded.allSatisfy { request.headers[$0] == nil }
  }

  private func names(_ context: Context) throws(Refusal) -> [String: String] {
    var names: [String: String] = [:]
    for parameter in route.parameters where parameter.place == .path {
      guard let text = context.parameters.get(parameter.name),
        let decoded = QueryItems.decoded(text, plusIsBlank: false)
      else { throw Refusal(at: parameter.name, "is no percent-encoded UTF-8") }
      names[parameter.name] = decoded
    }
    return names
  }

  /// A misspelt filter would answer with everything; the platform’s own routes ignore what they do
  /// not know, as the platform does.
  private func check(_ query: QueryItems) throws(Refusal) {
    guard route.isOurs else { return }
    let known = route.parameters.filter { $0.place == .query }
    for item in query.items {
      guard let parameter = known.first(where: { $0.name == item.name }) else {
        let names = known.map(\.name).joined(separator: ", ")
        throw Refusal(
          at: item.name,
          "there is no such parameter here" + (names.isEmpty ? "" : "; there are \(names)"))
      }
      guard parameter.isRepeated || query.all(item.name).count == 1 else {
        throw Refusal(at: item.name, "stands twice")
      }
    }
  }

  private func body(of request: Request, _ context: Context) async throws -> [UInt8] {
    guard route.body != nil else { return [] }
    let most =
      [.anybody, .person].contains(route.access)
      ? ServerLimits.strangersBytesMax : ServerLimits.bodyBytesMax
    let tooLarge = Refusal(.tooLarge, "a body has at most \(most) bytes")
    if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > most {
      throw tooLarge
    }
    let permit =
      route.access == .anybody ? try Permit(site, Caller(), .strangersBodies) : nil
    defer { withExtendedLifetime(permit) {} }
    if request.headers[.expect] != nil {
      context.channel.triggerUserOutboundEvent(WireHandler.BodyWanted(), promise: nil)
    }
    do {
      let buffer = try await request.body.collect(upTo: most)
      return Array(buffer.readableBytesView)
    } catch is NIOTooManyBytesError {
      throw tooLarge
    } catch let error as CancellationError {
      throw error
    } catch {
      throw Refusal(.invalid, "the body broke off, or is not framed as HTTP/1.1 has it")
    }
  }
}

extension Site {
  /// Follows the journal’s secrets until the task is cancelled.
  func follow() async {
    await keys.run {
      watch.wake()
      people.endAll()
    }
  }

  /// True where secrets still show who they showed once.
  func knows(_ caller: Caller, by shown: Credentials?) async -> Bool {
    guard let shown else { return true }
    do {
      return try await self.caller(showing: shown) == caller
    } catch is Trouble {
      return false
    } catch {
      // A journal that cannot be read says nothing of it.
      return true
    }
  }

  /// - Throws: `Trouble` where one of the secrets is wrong.
  func caller(showing shown: Credentials) async throws -> Caller {
    var caller = Caller()
    // Both are held against their hashes, whatever comes of the first.
    let isUser = shown.user.map { keys.matches($0, .user) }
    let isOrganization = shown.organization.map { keys.matches($0, .organization) }
    guard isUser != false, isOrganization != false else { throw Trouble.unauthorized }
    caller.isOwner = isUser == true && isOrganization == true
    if let token = shown.element {
      guard let instance = try await journal.clients.instance(showing: token) else {
        throw Trouble.unauthorized
      }
      caller.instance = instance
    }
    guard caller.isOwner || caller.instance != nil else { throw Trouble.unauthorized }
    return caller
  }
}
