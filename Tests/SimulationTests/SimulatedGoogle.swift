import Domain
import Events
import Foundation
import GoogleFake
import RawJSON

/// The stand-in for Google as the simulation meets it: by its own clock, whatever that of this
/// machine shows, with faults and whims by chance.
struct SimulatedGoogle {
  static let base = "https://google.example"
  static let client = OAuthClient(
    id: "client-5f1c0a77", secret: "secret-9d2e44b1", redirectURL: "http://localhost/back")

  var fake: FakeGoogle
  var random: SeededRandom
  /// How many of a thousand answers go wrong.
  var faultPermille = 0
  /// The only instance that anything goes wrong for; nil: for all of them.
  var faulty: InstanceID?
  /// Whether the play is over: what is asked from now on is not counted.
  var isExamined = false
  /// When each list was asked for, its first page; but for mail, which is many lists.
  private(set) var asked: [String: [Duration]] = [:]
  /// Lists that somebody learns anew although a cursor came back: nothing that is there may be
  /// hidden then, for what a baseline misses is never announced.
  private var learntAnew: Set<String> = []
  /// The instance that a token was issued to.
  private var owners: [String: InstanceID] = [:]
  /// Ids of events that repeat.
  var series: Set<String> = []
  /// Numbers titles and names, so that none comes twice.
  var made = 0

  init(random: SeededRandom) {
    self.random = random
    fake = FakeGoogle(seed: self.random.next(), keepsVersions: true)
    fake.authorization.accessLifetimeSeconds = Int64(self.random.number(300...3_599))
    fake.switches.pageItemsMax = 9
    fake.removeCalendar(FakeGoogle.holidays)
    edit("POST", "/gmail/v1/users/me/labels", #"{"name":"Team"}"#, at: SimulatedClock.start)
  }

  /// Dead from now on are all cursors, also between two pages.
  mutating func expireCursors() { fake.expireSyncTokens() }

  mutating func forgetAccessTokens() { fake.authorization.expireAccessTokens() }

  /// Whether any token is good for anything.
  var isGranted: Bool { fake.authorization.refreshTokenCount > 0 }

  /// From now on nothing that is there now is hidden.
  mutating func hideNothing() {
    learntAnew.formUnion(fake.calendars.keys + ["list", "groups", "mail"])
  }

  /// From now on nothing goes wrong.
  mutating func calm() {
    faultPermille = 0
    fake.faults.clear()
  }

  /// Answers one request, perhaps wrongly.
  mutating func answer(_ request: Request, at uptime: Duration) -> Outcome {
    takeWhims()
    guard random.happens(permille: faultPermille), mayFail(request) else {
      return right(request, at: uptime)
    }
    if random.happens(permille: 250) {
      return right(request, at: uptime, with: distortion(of: request))
    }
    if random.happens(permille: 250) { return networkFault(request, at: uptime) }
    return right(request, at: uptime, with: fault(of: request, at: uptime))
  }

  /// Answers one request as Google would, but for a fault made for it.
  mutating func right(
    _ request: Request, at uptime: Duration, with fault: FakeFaults.Order? = nil
  ) -> Outcome {
    let now = SimulatedClock.start + uptime
    let path = String(request.url.dropFirst(SimulatedGoogle.base.count))
    let answer = fake.answer(
      FakeRequest(request.method.rawValue, path, headers: request.headers, body: request.body),
      at: now, with: fault)
    if path == "/token", let owner = owner(of: request) { remember(answer, of: owner) }
    if answer.status == 200, !isExamined, isFirstPage(path) {
      asked[SimulatedGoogle.list(path), default: []].append(uptime)
    }
    guard answer.manner == .plain else { return failure(.reset) }
    let headers = answer.headers + [Header("Date", SimulatedGoogle.date(now))]
    return .reply(
      Reply(status: answer.status, headers: headers, body: answer.body, address: "203.0.113.1"))
  }

  private func isFirstPage(_ path: String) -> Bool {
    path.contains("?") && !path.contains("pageToken=") && !path.hasPrefix("/gmail/")
      && !path.hasPrefix("/v1/contactGroups/")
  }

  /// The list that a path belongs to: the id of a calendar, `list`, `groups` or `mail`.
  static func list(_ path: String) -> String {
    let segments = path.prefix { $0 != "?" }.split(separator: "/")
    switch segments.first {
    case "calendar" where segments.count > 3 && segments[2] == "calendars":
      return segments[3].removingPercentEncoding ?? ""
    case "calendar": return "list"
    case "v1": return "groups"
    default: return "mail"
    }
  }

  func isLearntAnew(_ request: Request) -> Bool {
    learntAnew.contains(
      SimulatedGoogle.list(String(request.url.dropFirst(SimulatedGoogle.base.count))))
  }

  /// What Google does now so and now so.
  private mutating func takeWhims() {
    fake.switches.contactsExpiry =
      random.pick([.invalidArgument, .failedPrecondition, .gone]) ?? .gone
    fake.switches.timeDigits = random.pick([0, 3, 6, 9]) ?? 0
    fake.switches.showsSystemGroupsAlways = random.happens(permille: 300)
    fake.switches.showsBareStubs = random.happens(permille: 300)
    fake.switches.forgetsCancelled = random.happens(permille: 500)
    fake.authorization.rotatesRefreshTokens = random.happens(permille: 200)
  }
}

// Tokens, and whose they are.
extension SimulatedGoogle {
  struct Tokens {
    let access: String
    let refresh: String
    let lifetime: Duration
  }

  /// A person agrees, for an instance. There is one account and one client, so that giving back one
  /// token takes all of them along.
  mutating func authorize(_ instance: InstanceID, at uptime: Duration) -> Tokens {
    let now = SimulatedClock.start + uptime
    let client = SimulatedGoogle.client
    let code = fake.makeCode(client: client.id, at: now) ?? ""
    let form =
      "grant_type=authorization_code&code=\(code)&client_id=\(client.id)"
      + "&client_secret=\(client.secret)&redirect_uri=any"
    let answer = fake.answer(FakeRequest("POST", "/token", body: Array(form.utf8)), at: now)
    guard let tokens = remember(answer, of: instance) else {
      preconditionFailure("no tokens: \(String(decoding: answer.body, as: UTF8.self))")
    }
    return tokens
  }

  @discardableResult
  private mutating func remember(_ answer: FakeAnswer, of instance: InstanceID) -> Tokens? {
    guard let json = try? JSON.parse(answer.body), let access = json["access_token"]?.text,
      let seconds = json["expires_in"]?.integer
    else { return nil }
    let refresh = json["refresh_token"]?.text ?? ""
    owners[access] = instance
    owners[refresh] = instance
    return Tokens(access: access, refresh: refresh, lifetime: .seconds(seconds))
  }

  /// Faults strike one instance alone where one is named.
  private func mayFail(_ request: Request) -> Bool {
    faulty == nil || owner(of: request) == faulty
  }

  private func owner(of request: Request) -> InstanceID? {
    let bearer = request.headers.first { $0.name == "Authorization" }?.value.dropFirst(7)
    return owners[bearer.map(String.init) ?? SimulatedGoogle.refreshToken(in: request) ?? ""]
  }

  private static func refreshToken(in request: Request) -> String? {
    String(decoding: request.body, as: UTF8.self).split(separator: "&")
      .first { $0.hasPrefix("refresh_token=") }?.dropFirst("refresh_token=".count)
      .removingPercentEncoding
  }
}
