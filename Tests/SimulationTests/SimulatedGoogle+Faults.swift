import Domain
import Events
import GoogleFake

/// What goes wrong at Google, and on the way to it.
extension SimulatedGoogle {
  /// A list's page that misses something, of which somebody could tell, or shows something twice.
  mutating func distortion(of request: Request) -> FakeFaults.Order {
    let cursors = ["syncToken=", "startHistoryId=", "updatedMin="]
    let isFull = !cursors.contains(where: request.url.contains)
    let pick = random.number(0...999)
    let fault: FakeFault =
      if !isFull || isLearntAnew(request) {
        // The second may lead in a circle.
        random.happens(permille: 500) ? .double(pick: pick) : .again(items: random.number(1...9))
      } else if random.happens(permille: 300) {
        .end
      } else if random.happens(permille: 300) {
        .skip(items: random.number(1...3))
      } else {
        .miss(pick: pick)
      }
    return FakeFaults.Order(fault, sparesUnknown: true)
  }

  mutating func networkFault(_ request: Request, at uptime: Duration) -> Outcome {
    // What was worked on before the connection was lost has happened.
    if random.happens(permille: 400) { _ = right(request, at: uptime) }
    // Cut within the body or wrongly compressed is garbled, without an end too large.
    let kinds: [NetworkFailure.Kind] = [
      .reset, .reset, .nameNotFound, .refused, .timedOut, .tls, .garbled, .garbled, .tooLarge,
    ]
    return failure(random.pick(kinds) ?? .reset)
  }

  func failure(_ kind: NetworkFailure.Kind) -> Outcome {
    .failed(NetworkFailure(kind, "the simulation says so"))
  }

  /// One fault, drawn among those that this request can meet.
  mutating func fault(of request: Request, at uptime: Duration) -> FakeFaults.Order {
    let fault = random.happens(permille: 333) ? garbled() : refused(request, at: uptime)
    // Some objects cannot be had for a while, whatever else can.
    if isOfOne(request), fault.isRefusalOfObject, random.happens(permille: 300) {
      let path = String(request.url.dropFirst(SimulatedGoogle.base.count).prefix { $0 != "?" })
      fake.faults.add(.init(fault, times: random.number(1...4), path: path, method: "GET"))
    }
    return FakeFaults.Order(fault)
  }

  private func isOfOne(_ request: Request) -> Bool {
    ["/messages/", "/events/", "/contactGroups/", "/calendarList/"].contains(
      where: request.url.contains)
  }

  private mutating func garbled() -> FakeFault {
    switch random.number(0...5) {
    case 0: .html(status: 500)
    case 1: .empty(status: 503)
    case 2: .html(status: 200)
    case 3: .empty(status: 200)
    // A proxy's page and an empty answer say nothing of what Google holds.
    case 4: .html(status: random.pick([404, 410, 404]) ?? 404)
    default: .truncated
    }
  }

  private mutating func refused(_ request: Request, at uptime: Duration) -> FakeFault {
    // Of one message, too, a format is asked for: Google's word that it is gone is no fault.
    let isList = request.url.contains("?") && !isOfOne(request)
    if request.url.hasSuffix("/token") {
      return random.happens(permille: 500) ? refusal(400, "invalid_grant") : .empty(status: 500)
    }
    switch random.number(0...9) {
    case 0: return refusal(401, "authError")
    case 1 where isList: return refusal(410, "fullSyncRequired")
    case 2: return refusal(403, "forbidden")
    case 3 where request.url.contains("pageToken="):
      let words = random.pick(["Invalid page token value.", "No"])
      return .refuse(status: 400, reason: "invalid", retryAfter: nil, message: words)
    case 4 where isList: return refusal(404, "notFound")
    case 5: return refusal(403, random.pick(["quotaExceeded", "dailyLimitExceeded"]) ?? "")
    case 6: return refusal(500, "backendError")
    default: return limited(at: uptime)
    }
  }

  /// A limit on requests, with a wait said in one of Google's ways, or none.
  private mutating func limited(at uptime: Duration) -> FakeFault {
    let (status, reason) =
      random.pick([(429, "rateLimitExceeded"), (403, "userRateLimitExceeded")]) ?? (429, "")
    let wait = random.number(1...900)
    switch random.number(0...3) {
    case 0: return .refuse(status: status, reason: reason, retryAfter: .text("\(wait)"))
    case 1:
      return .refuse(status: status, reason: reason, retryAfter: .date(after: .seconds(wait)))
    case 2:
      let end = SimulatedClock.start + uptime + .seconds(wait)
      let said = "User-rate limit exceeded.  Retry after \(end.rfc3339)"
      return .refuse(status: status, reason: reason, retryAfter: nil, message: said)
    default: return refusal(status, reason)
    }
  }

  private func refusal(_ status: Int, _ reason: String) -> FakeFault {
    .refuse(status: status, reason: reason, retryAfter: nil)
  }

  /// A moment as HTTP writes it.
  static func date(_ moment: Moment) -> String {
    JavaDatePattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'")?.format(moment) ?? ""
  }
}

extension FakeFault {
  /// A no that may concern one object alone.
  fileprivate var isRefusalOfObject: Bool {
    guard case .refuse(let status, let reason, _, _) = self else { return false }
    return status == 500 || reason == "forbidden"
  }
}
