import Domain
import Events

/// What goes wrong at the made-up Google, and the forms of its answers.
extension SimulatedGoogle {
  /// One fault, drawn among those that this request can meet.
  mutating func fault(_ request: Request, at uptime: Duration) -> Outcome {
    switch random.number(0...3) {
    case 0: networkFault(request, at: uptime)
    case 1: garbled(request, at: uptime)
    default: refused(request, at: uptime)
    }
  }

  private mutating func networkFault(_ request: Request, at uptime: Duration) -> Outcome {
    // What was worked on before the connection was lost has happened.
    if random.happens(permille: 400) { _ = right(request, at: uptime) }
    // Cut within the body or wrongly compressed is garbled, without an end too large.
    let kinds: [NetworkFailure.Kind] = [
      .reset, .reset, .nameNotFound, .refused, .timedOut, .tls, .garbled, .garbled, .tooLarge,
    ]
    return failure(random.pick(kinds) ?? .reset)
  }

  private mutating func garbled(_ request: Request, at uptime: Duration) -> Outcome {
    switch random.number(0...5) {
    case 0: return reply(500, "<!DOCTYPE html><title>Error 500</title>")
    case 1: return reply(503, "")
    case 2: return reply(200, "<html>Please sign in to the network</html>")
    case 3: return reply(200, "")
    // A proxy's page and an empty answer say nothing of what Google holds.
    case 4: return reply(random.pick([404, 410, 404]) ?? 404, "<html>Not found</html>")
    default:
      guard case .reply(var reply) = right(request, at: uptime) else { return failure(.reset) }
      reply.body = Array(reply.body.prefix(reply.body.count / 2))
      return .reply(reply)
    }
  }

  private mutating func refused(_ request: Request, at uptime: Duration) -> Outcome {
    // Of one message, too, a format is asked for: Google's word that it is gone is no fault.
    let isList = request.url.contains("?") && !request.url.contains("/messages/")
    if request.url.hasSuffix("/token") {
      return random.happens(permille: 500)
        ? reply(400, #"{"error":"invalid_grant"}"#) : reply(500, "")
    }
    switch random.number(0...9) {
    case 0: return refusal(401, "authError")
    case 1 where isList: return refusal(410, "fullSyncRequired")
    case 2: return refusal(403, "forbidden")
    case 3 where request.url.contains("pageToken="): return refusal(400, "invalid")
    case 4 where isList: return refusal(404, "notFound")
    case 5: return refusal(403, random.pick(["quotaExceeded", "dailyLimitExceeded"]) ?? "")
    default: return limited(request, at: uptime)
    }
  }

  /// A limit on requests, with a wait said in one of Google's ways, or none.
  private mutating func limited(_ request: Request, at uptime: Duration) -> Outcome {
    let (status, reason) =
      random.pick([(429, "rateLimitExceeded"), (403, "userRateLimitExceeded")]) ?? (429, "")
    let now = SimulatedClock.start + uptime
    let end = now + .seconds(random.number(1...900))
    let date = Header("Date", Self.date(now))
    switch random.number(0...3) {
    case 0:
      let wait = Header("Retry-After", String(random.number(1...900)))
      return reply(status, Self.words(status, reason), [wait])
    case 1:
      return reply(
        status, Self.words(status, reason), [date, Header("Retry-After", Self.date(end))])
    case 2:
      let said = "User-rate limit exceeded.  Retry after \(end.rfc3339)"
      return reply(status, Self.words(status, reason, said), [date])
    default: return refusal(status, reason)
    }
  }

  // MARK: Forms of answers

  func reply(_ status: Int, _ body: String, _ headers: [Header] = []) -> Outcome {
    .reply(Reply(status: status, headers: headers, body: Array(body.utf8), address: "203.0.113.1"))
  }

  func refusal(_ status: Int, _ reason: String) -> Outcome {
    reply(status, Self.words(status, reason))
  }

  private static func words(_ status: Int, _ reason: String, _ message: String = "No") -> String {
    #"{"error":{"code":\#(status),"message":"\#(message)","#
      + #""errors":[{"reason":"\#(reason)"}]}}"#
  }

  func failure(_ kind: NetworkFailure.Kind) -> Outcome {
    .failed(NetworkFailure(kind, "the simulation says so"))
  }

  /// A moment as HTTP writes it.
  static func date(_ moment: Moment) -> String {
    JavaDatePattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'")?.format(moment) ?? ""
  }
}
