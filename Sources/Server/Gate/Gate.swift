import Daybook
import Events
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Synchronization

/// What a request goes through before a route and its answer after it: a name, the host, room, and
/// whatever went wrong as an answer.
struct Gate: RouterMiddleware {
  typealias Context = ServerContext

  let site: Site

  func handle(
    _ request: Request, context: Context, next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    let id = site.requestID()
    let begun = site.world.now()
    var context = context
    context.requestID = id
    var response: Response
    do {
      context.ticket = try Ticket(site, context.address)
      // The first is taken out of the headers; two readers could take another one each.
      guard request.headers[.host] == nil else {
        throw Trouble(.badRequest, "host", "Host stands twice")
      }
      guard site.hosts.allows(request.head.authority, port: context.port) else {
        throw Trouble(
          .misdirectedRequest, "host",
          "this server does not go by the name in Host; DAYBOOK_HTTP_HOSTS names those of a proxy")
      }
      response = try await next(request, context)
    } catch let error as HTTPError where error.status == .notFound {
      response = missing(request).answer(id).response(to: request, context, site)
    } catch {
      let trouble = Trouble(error)
      // Being stopped is no failure.
      if trouble.status.code >= 500, trouble.code != Trouble.stopping.code {
        site.logger.error(
          "request \(id) failed: \(trouble.message)", metadata: ["request": "\(id)"])
      }
      response = trouble.answer(id).response(to: request, context, site)
    }
    finish(&response, id)
    tell(request, response, context, id, since: begun)
    return response
  }

  /// No route: another method may be there.
  private func missing(_ request: Request) -> Trouble {
    let parts = request.uri.path.split(separator: "/")
    let others = Set(Routes.all.filter { $0.fits(parts) }.map(\.method.rawValue)).sorted()
    guard !others.isEmpty else {
      return Trouble(
        .notFound, "noRoute", "there is nothing at \(request.method) \(request.uri.path)")
    }
    var trouble = Trouble(
      .methodNotAllowed, "method",
      "\(request.method) is not served here; there is \(others.joined(separator: ", "))")
    trouble.headers[.allow] = others.joined(separator: ", ")
    return trouble
  }

  /// What every answer has.
  private func finish(_ response: inout Response, _ id: String) {
    response.headers[.requestID] = id
    response.headers[.xContentTypeOptions] = "nosniff"
    if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
  }

  /// A line of the log: the address without its query, which may hold anything.
  private func tell(
    _ request: Request, _ response: Response, _ context: Context, _ id: String, since begun: Moment
  ) {
    site.meters.count(
      Meters.Request(
        // A method that nobody knows is no label of its own.
        route: context.note.route.withLock { $0 } ?? "none",
        method: Routes.methods.contains(request.method) ? request.method.rawValue : "other",
        status: response.status.code))
    site.logger.info(
      "\(request.method) \(request.uri.path) \(response.status.code) \(id)",
      metadata: [
        "request": "\(id)", "method": "\(request.method)", "path": "\(request.uri.path)",
        "status": "\(response.status.code)", "client": "\(context.address)",
        "milliseconds": "\((site.world.now() - begun).wholeMilliseconds)",
      ])
  }
}

/// A request under way, until its answer is written or nobody writes it any more.
final class Ticket: Sendable {
  private let site: Site
  private let address: String

  /// - Throws: `Trouble` where the server stops, or an address has too much under way.
  init(_ site: Site, _ address: String) throws(Trouble) {
    try site.enter(address)
    self.site = site
    self.address = address
  }

  deinit { site.leave(address) }
}

extension Site {
  /// - Throws: `Trouble` where the server stops, or an address has too much under way.
  fileprivate func enter(_ address: String) throws(Trouble) {
    let refusal = counts.withLock { counts -> Trouble? in
      if counts.isStopping {
        return Trouble.stopping
      }
      guard counts.requests[address, default: 0] < ServerLimits.requestsOfOneMax else {
        var trouble = Trouble(
          .tooManyRequests, "tooMany",
          "\(ServerLimits.requestsOfOneMax) requests of yours are under way; wait for one to end")
        trouble.headers[.retryAfter] = "1"
        return trouble
      }
      counts.requests[address, default: 0] += 1
      return nil
    }
    if let refusal { throw refusal }
  }

  fileprivate func leave(_ address: String) {
    counts.withLock { counts in
      let left = counts.requests[address, default: 1] - 1
      counts.requests[address] = left > 0 ? left : nil
    }
  }
}
