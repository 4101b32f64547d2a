import Domain
import Events
import Foundation

/// The made-up Google: calendars and tokens behind the same requests and answers, with faults by
/// chance.
struct SimulatedGoogle {
  static let base = "https://google.example"
  static let client = OAuthClient(
    id: "client-5f1c0a77", secret: "secret-9d2e44b1", redirectURL: "http://localhost/back")

  var calendars: [String: SimulatedCalendar] = [:]
  var mail = SimulatedMail()
  /// How many of a thousand answers go wrong.
  var faultPermille = 0
  /// An event that the next full listing leaves out.
  var omitted: String?
  /// The only instance that anything goes wrong for; nil: for all of them.
  var faulty: Int64?
  /// Whether the play is over: what is asked from now on is not counted.
  var isExamined = false
  /// When each calendar was asked for a list, its first page.
  private(set) var asked: [String: [Duration]] = [:]
  /// Every token that was ever issued: none may stand in the journal.
  private(set) var issued: [String] = []
  private var accessTokens: [String: Duration] = [:]
  private var refreshTokens: Set<String> = []
  /// The instance that a token was issued to.
  private var owners: [String: Int64] = [:]
  var random: SeededRandom
  private let lifetime: Duration

  init(random: SeededRandom) {
    self.random = random
    lifetime = .seconds(self.random.number(300...3_599))
  }

  mutating func issueRefreshToken(to instance: Int64) -> String {
    let token = "1//refresh-\(word())"
    owners[token] = instance
    issued.append(token)
    refreshTokens.insert(token)
    return token
  }

  mutating func issueAccessToken(
    to instance: Int64, at uptime: Duration
  ) -> (token: String, lifetime: Duration) {
    let token = "ya29.access-\(word())"
    owners[token] = instance
    issued.append(token)
    accessTokens[token] = uptime + lifetime
    return (token, lifetime)
  }

  mutating func forgetAccessTokens() { accessTokens = [:] }

  /// Whether any token is good for anything.
  var isGranted: Bool { !refreshTokens.isEmpty }

  mutating func expireCursors() {
    for id in calendars.keys { calendars[id]?.generation += 1 }
    mail.expire()
  }

  /// Answers one request, perhaps wrongly.
  mutating func answer(_ request: Request, at uptime: Duration) -> Outcome {
    guard random.happens(permille: faultPermille), mayFail(request) else {
      return right(request, at: uptime)
    }
    guard random.happens(permille: 250) else { return fault(request, at: uptime) }
    return right(request, at: uptime, isWrong: true)
  }

  /// Faults strike one instance alone where one is named.
  private func mayFail(_ request: Request) -> Bool {
    guard let faulty else { return true }
    let bearer = request.headers.first { $0.name == "Authorization" }?.value.dropFirst(7)
    let token = bearer.map(String.init) ?? Self.form(request)["refresh_token"] ?? ""
    return owners[token] == faulty
  }

  // MARK: What Google does when nothing is wrong

  mutating func right(
    _ request: Request, at uptime: Duration, isWrong: Bool = false
  ) -> Outcome {
    if request.url.hasSuffix("/token") { return token(request, at: uptime) }
    if request.url.hasSuffix("/revoke") { return revoke(request) }
    let bearer = request.headers.first { $0.name == "Authorization" }?.value.dropFirst(7)
    guard let bearer, let end = accessTokens[String(bearer)], end > uptime else {
      return refusal(401, "authError")
    }
    let parts = request.url.split(separator: "?", maxSplits: 1)
    let path = parts[0].split(separator: "/").map(String.init)
    var query: [String: String] = [:]
    for pair in parts.dropFirst().joined().split(separator: "&") {
      let sides = pair.split(separator: "=", maxSplits: 1)
      query[String(sides[0])] = sides.count > 1 ? String(sides[1]) : ""
    }
    if path.dropFirst(2).first == "gmail" {
      let answer = mail.answer(Array(path.dropFirst(6)), query, isWrong: isWrong, &random)
      return reply(answer.status, answer.body)
    }
    guard let (id, object) = SimulatedGoogle.place(path), let calendar = calendars[id] else {
      return refusal(404, "notFound")
    }
    if let object { return event(object, in: calendar) }
    if !isExamined, query["pageToken"] == nil { asked[calendar.id, default: []].append(uptime) }
    guard case .reply(var reply) = list(calendar.id, query, isWrong: isWrong) else {
      return failure(.reset)
    }
    reply.headers.append(Header("Date", Self.date(SimulatedClock.start + uptime)))
    return .reply(reply)
  }

  /// The collection that a path names, and the object in it, if any.
  private static func place(_ path: [String]) -> (id: String, object: String?)? {
    let words = path.dropFirst(2).map { $0.removingPercentEncoding ?? $0 }
    switch words.prefix(3).joined(separator: "/") {
    case "calendar/v3/calendars" where words.count >= 5:
      return (words[3], words.count > 5 ? words[5] : nil)
    case "calendar/v3/users" where words.count >= 5: return ("list", words.dropFirst(5).first)
    case let start where start.hasPrefix("v1/contactGroups"):
      return ("groups", words.dropFirst(2).first)
    default: return nil
    }
  }

  static func form(_ request: Request) -> [String: String] {
    var form: [String: String] = [:]
    for pair in String(decoding: request.body, as: UTF8.self).split(separator: "&") {
      let sides = pair.split(separator: "=", maxSplits: 1)
      form[String(sides[0])] = sides.count > 1 ? String(sides[1].replacing("%2F", with: "/")) : ""
    }
    return form
  }

  /// There is one account and one client, so that any token takes all of them along.
  private mutating func revoke(_ request: Request) -> Outcome {
    let token = Self.form(request)["token"] ?? ""
    guard refreshTokens.contains(token) || accessTokens[token] != nil else {
      return reply(400, #"{"error":"invalid_token"}"#)
    }
    refreshTokens = []
    accessTokens = [:]
    return reply(200, "{}")
  }

  private mutating func token(_ request: Request, at uptime: Duration) -> Outcome {
    let form = Self.form(request)
    let token = form["refresh_token"] ?? ""
    guard refreshTokens.contains(token), form["client_secret"] == SimulatedGoogle.client.secret
    else { return reply(400, #"{"error":"invalid_grant"}"#) }
    let owner = owners[token] ?? 0
    let (access, lifetime) = issueAccessToken(to: owner, at: uptime)
    let rotated =
      random.happens(permille: 200)
      ? ",\"refresh_token\":\"\(issueRefreshToken(to: owner))\"" : ""
    return reply(
      200,
      "{\"access_token\":\"\(access)\",\"expires_in\":\(lifetime.components.seconds)\(rotated)}")
  }

  private func event(_ id: String, in calendar: SimulatedCalendar) -> Outcome {
    if calendar.style == .groups, SimulatedCalendar.systemGroups.contains(id) {
      return reply(200, SimulatedCalendar.json(ofSystemGroup: id))
    }
    guard let entry = calendar.entries[id] else { return refusal(404, "notFound") }
    // A deleted event is shown for some time, then it is not found any more.
    if entry.isCancelled, entry.revision % 2 == 0 { return refusal(404, "notFound") }
    return reply(200, calendar.json(id))
  }

  private mutating func list(
    _ id: String, _ query: [String: String], isWrong: Bool
  ) -> Outcome {
    guard var calendar = calendars[id] else { return refusal(404, "notFound") }
    defer { calendars[id] = calendar }
    let place: (listing: Int, offset: Int)
    if let token = query["pageToken"] {
      let numbers = token.split(separator: "-").compactMap { Int($0) }
      place = (numbers[0], numbers[1])
    } else {
      if calendar.style == .dated {
        let moment = query["updatedMin"].flatMap { Moment(rfc3339: $0.replacing("%3A", with: ":")) }
        calendar.listings.append(
          SimulatedCalendar.Listing(
            ids: calendar.ids(updatedSince: moment ?? Moment(milliseconds: 0)),
            through: calendar.head, generation: calendar.generation, isFull: false))
        let listing = calendar.listings[calendar.listings.count - 1]
        return page(calendar, listing, (calendar.listings.count - 1, 0), isWrong: isWrong)
      }
      let since = query["syncToken"].map { $0.split(separator: "-").compactMap { Int($0) } }
      if let since { calendar.followed = max(calendar.followed ?? 0, since[1]) }
      if let since, since[0] != calendar.generation { return expired(calendar) }
      calendar.listings.append(
        SimulatedCalendar.Listing(
          ids: calendar.ids(changedSince: since?[1]), through: calendar.head,
          generation: calendar.generation, isFull: since == nil))
      place = (calendar.listings.count - 1, 0)
    }
    let listing = calendar.listings[place.listing]
    if listing.generation != calendar.generation, !listing.isFull { return expired(calendar) }
    return page(calendar, listing, place, isWrong: isWrong)
  }

  private mutating func expired(_ calendar: SimulatedCalendar) -> Outcome {
    guard calendar.style == .groups else { return refusal(410, "fullSyncRequired") }
    return refusal(random.pick([400, 400, 410]) ?? 400, "EXPIRED_SYNC_TOKEN")
  }

  private mutating func page(
    _ calendar: SimulatedCalendar, _ listing: SimulatedCalendar.Listing,
    _ place: (listing: Int, offset: Int), isWrong: Bool
  ) -> Outcome {
    // Some pages are empty although more follow.
    let most = random.happens(permille: 80) ? 0 : random.number(1...9)
    let end = min(place.offset + most, listing.ids.count)
    var ids = Array(listing.ids[place.offset..<end])
    var isLast = end == listing.ids.count
    let mayHide = isWrong && listing.isFull && !calendar.isLearntAnew
    if mayHide {
      if random.happens(permille: 300) {
        // Cut short: the rest of what should be there is not.
        isLast = true
        ids += listing.ids[end...].filter { !calendar.isKnown($0) }
      } else if random.happens(permille: 300) {
        // What stood first seems to have moved to a page that was read before.
        let moved = ids.prefix(random.number(1...3)).filter(calendar.isKnown)
        ids.removeAll(where: moved.contains)
      } else if let missing = random.pick(calendar.telling(ids.filter(calendar.isKnown))) {
        ids.removeAll { $0 == missing }
      }
    } else if isWrong, let twice = random.pick(Array(listing.ids[..<end])) {
      ids.append(twice)
    }
    if listing.isFull, let one = omitted, ids.contains(one) {
      ids.removeAll { $0 == one }
      omitted = nil
    }
    if listing.isFull { ids = ids.filter(calendar.isListed) }
    var objects = ids.map { calendar.json($0) }
    if calendar.style == .groups, place.offset == 0, random.happens(permille: 300) || listing.isFull
    {
      // Google's own groups are in every full listing, and in others now and then.
      let isHidden = mayHide && calendar.followed != nil && random.happens(permille: 500)
      objects += SimulatedCalendar.systemGroups.dropFirst(isHidden ? 1 : 0)
        .map(SimulatedCalendar.json(ofSystemGroup:))
    }
    let items = objects.joined(separator: ", ")
    let cursor = "\"nextSyncToken\":\"\(listing.generation)-\(listing.through)\""
    // No page names itself as the next one, not even an empty one.
    let more = "\"nextPageToken\":\"\(place.listing)-\(end)-\(random.number(0...999_999))\""
    guard calendar.style == .groups else {
      return reply(200, "{\"items\":[\(items)],\(isLast ? cursor : more)}")
    }
    // People gives the cursor on every page, and leaves out what is empty.
    let groups = objects.isEmpty ? "" : "\"contactGroups\":[\(items)],"
    return reply(200, "{\(groups)\(isLast ? "" : more + ",")\(cursor)}")
  }

  mutating func word() -> String {
    String(random.next(), radix: 36) + String(random.next(), radix: 36)
  }
}
