import Domain
import Events

/// A request below `/gmail/v1/users/{user}`.
struct MailCall: Sendable {
  var request: FakeRequest
  var target: Target
  var distortion: PageDistortion
  /// The segments behind `/gmail/v1/users/{user}`.
  var path: [String]
  var now: Moment
  /// The token allows nothing but `gmail.metadata`.
  var isMetadataOnly = false

  init(_ request: FakeRequest, _ target: Target, _ distortion: PageDistortion, _ now: Moment) {
    self.request = request
    self.target = target
    self.distortion = distortion
    self.now = now
    path = Array(target.segments.dropFirst(4))
  }

  var isPretty: Bool { target["prettyPrint"] != "false" }

  /// `me`, or an address that has to be the user's own.
  var user: String { target.segments[3] }

  /// The scopes of which a token needs one. Source: discovery document of Gmail v1.
  var scopes: Set<String> {
    if request.method == "DELETE" && ["messages", "threads"].contains(path.first)
      || path.last == "batchDelete"
    {
      return [MailCall.whole]
    }
    let prefix = "https://www.googleapis.com/auth/gmail."
    let usual = [MailCall.whole, "\(prefix)modify"]
    if request.method == "GET" {
      return Set(usual + ["readonly", "metadata"].map { "\(prefix)\($0)" })
    }
    let more = ["labels", "insert", "send", "compose"].filter {
      switch $0 {
      case "labels": path.first == "labels"
      case "insert": path.last == "messages" || path.last == "import"
      case "send": path.last == "send"
      default: path.last == "send" || path.first == "drafts"
      }
    }
    return Set(usual + more.map { "\(prefix)\($0)" })
  }

  private static let whole = "https://mail.google.com/"
  static let metadata = "https://www.googleapis.com/auth/gmail.metadata"

  /// The quota units that the call costs its user. Source: Gmail API guide, “Usage limits”.
  var units: Int {
    switch (request.method, path.first, path.last) {
    case (_, _, "send"), (_, "watch", _): 100
    case ("GET", "profile", _), ("GET", "labels", _): 1
    case ("GET", "history", _): 2
    case ("GET", "threads", _), ("POST", "threads", _), ("DELETE", "messages", _): 10
    case ("DELETE", "threads", _): 20
    case (_, _, "batchModify"), (_, _, "batchDelete"): 50
    case ("POST", "messages", "messages"), ("POST", "messages", "import"): 25
    case ("POST", "drafts", _), ("DELETE", "drafts", _): 10
    case ("PUT", "drafts", _): 15
    default: 5
    }
  }

  func body() throws(GoogleError) -> LooseJSON {
    guard let body = LooseJSON(body: request.body), body.members != nil else {
      throw GoogleError(400, "parseError", "Parse Error")
    }
    return body
  }

  /// The texts of a list in the body.
  func texts(_ name: String) throws(GoogleError) -> [String] {
    (try body()[name]?.items ?? []).compactMap(\.string)
  }

  /// How many rows a page has at most.
  func pageItems() throws(GoogleError) -> Int {
    guard let text = target["maxResults"] else { return FakeLimits.mailItemsDefault }
    guard let number = UInt32(text) else {
      throw .argument("Invalid value at 'max_results' (TYPE_UINT32), \"\(text)\"")
    }
    return number == 0
      ? FakeLimits.mailItemsDefault : min(Int(number), FakeLimits.mailItemsMax)
  }

  /// Tells queries apart that may not share page tokens.
  var fingerprint: Int64 {
    let same = target.query.filter { $0.name != "pageToken" }.map { "\($0.name)=\($0.value)" }
    return Int64(OpaqueToken.fingerprint(same.sorted().joined(separator: "&").utf8) >> 16)
  }

  /// The numbers in the page token, if there is one.
  func pageNumbers(_ kind: Int64, count: Int) throws(GoogleError) -> [Int64]? {
    guard let token = target["pageToken"], !token.isEmpty else { return nil }
    guard let numbers = OpaqueToken.numbers(token), numbers.count == count, numbers[0] == kind,
      numbers[1] == fingerprint
    else { throw .argument("Invalid pageToken") }
    return numbers
  }
}

/// The quota units that a user's calls took since the minute began.
struct MailUse: Sendable {
  var since: Moment
  var units: Int
}

extension FakeGoogle {
  /// Answers a Gmail call, if the user has units left for it.
  mutating func serveMail(_ call: MailCall) throws(GoogleError) -> FakeAnswer {
    var call = call
    let grant = try authorization.grant(of: call.request, scopes: call.scopes, at: call.now)
    guard call.user == "me" || call.user == grant.user else {
      throw GoogleError(403, "forbidden", "Delegation denied for \(grant.user)")
    }
    let mail = grant.scope.split(separator: " ").filter { $0.contains("mail") }
    call.isMetadataOnly = mail.allSatisfy { $0 == MailCall.metadata }
    try spend(call.units, of: grant.user, at: call.now)
    return try answer(call, user: grant.user)
  }

  private mutating func spend(
    _ units: Int, of user: String, at now: Moment
  ) throws(GoogleError) {
    guard let most = switches.mailUnitsPerMinute else { return }
    var use = mailUse[user] ?? MailUse(since: now, units: 0)
    if now - use.since >= .seconds(60) { use = MailUse(since: now, units: 0) }
    guard use.units + units <= most else {
      throw GoogleError(
        switches.mailLimitStatus,
        switches.mailLimitStatus == 403 ? "userRateLimitExceeded" : "rateLimitExceeded",
        "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute per user'.",
        domain: "usageLimits", code: "RESOURCE_EXHAUSTED")
    }
    use.units += units
    mailUse[user] = use
  }

  /// Answers a Gmail call for one user.
  mutating func answer(_ call: MailCall, user: String) throws(GoogleError) -> FakeAnswer {
    guard mailboxes[user] != nil else { throw .notFound }
    switch (call.request.method, call.path.first, call.path.count) {
    case ("GET", "profile", 1): return try profile(call, user)
    case ("GET", "history", 1): return try historyList(call, user)
    case ("GET", "messages", 1): return try messageList(call, user)
    case ("GET", "messages", 2): return try messageAnswer(call, user, call.path[1])
    case ("GET", "threads", 1): return try threadList(call, user)
    case ("GET", "threads", 2): return try threadAnswer(call, user, call.path[1])
    case (_, "messages", _): return try writeMessages(call, user)
    case (_, "threads", _): return try writeThreads(call, user)
    case (_, "labels", _): return try answerLabels(call, user)
    case (_, "drafts", _): return try answerDrafts(call, user)
    default: throw .notFound
    }
  }

  private func profile(_ call: MailCall, _ user: String) throws(GoogleError) -> FakeAnswer {
    guard let box = mailboxes[user] else { throw .notFound }
    let text = JSONText.object(isPretty: call.isPretty) { text in
      text.field("emailAddress", user)
      text.field("messagesTotal", box.messages.count)
      text.field("threadsTotal", box.threads.count)
      text.field("historyId", "\(box.historyId)")
    }
    return .json(200, text)
  }
}
