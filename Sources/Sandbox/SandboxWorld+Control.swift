import Domain
import Events
import GoogleFake

/// The control under `/sandbox`: JSON in, JSON out; every route stands in docs/sandbox.md.
extension SandboxWorld {
  /// The control's "no".
  struct Refusal: Error, Equatable {
    var status: Int
    var message: String

    static func unreadable(_ message: String) -> Refusal { Refusal(status: 400, message: message) }
    static func missing(_ message: String) -> Refusal { Refusal(status: 404, message: message) }
  }

  mutating func control(_ request: FakeRequest, at now: Moment) -> FakeAnswer {
    let target = Target(request.path)
    do throws(Refusal) {
      guard let body = LooseJSON(body: request.body) else {
        throw Refusal.unreadable("The body is no JSON.")
      }
      return try control(request, target, body, at: now)
    } catch {
      return .json(error.status, JSONText.object { $0.field("message", error.message) })
    }
  }

  private mutating func control(
    _ request: FakeRequest, _ target: Target, _ body: LooseJSON, at now: Moment
  ) throws(Refusal) -> FakeAnswer {
    let path = target.segments.dropFirst()
    switch (request.method, path.first, path.count) {
    case ("GET", "state", 1): return state()
    case ("POST", "reset", 1):
      reset()
      return done
    case ("POST", "codes", 1): return try makeCode(body, at: now)
    case ("POST", "clients", 1): return try setClient(body)
    case ("POST", "consent", 1): return setConsent(body)
    case ("POST", "expire", 1): return try expire(body)
    case ("POST", "users", 1): return try addUser(body)
    case ("POST", "mail", 2) where path.last == "generate",
      ("POST", "groups", 2) where path.last == "generate":
      return try generate(path.first ?? "", body, at: now)
    case ("GET", "switches", 1): return switchList()
    case ("POST", "switches", 1): return try setSwitches(body)
    case (_, "calendar", 3...), (_, "v1", 2...), (_, "gmail", 5...):
      var inner = request
      inner.path = String(request.path.dropFirst("/sandbox".count))
      return google.operate(inner, at: now)
    case (_, "calendars", _): return try calendars(request, target, body, at: now)
    case ("GET", "faults", 1): return faultList()
    case ("POST", "faults", 1): return try addFaults(body)
    case ("DELETE", "faults", 1):
      google.faults.clear()
      return done
    case ("GET", "receiver", 1): return deliveries(target)
    case ("POST", "receiver", 1): return try script(body)
    case ("DELETE", "receiver", 1):
      receiver.forget()
      return done
    default: throw .missing("No such route: \(request.method) \(target.path)")
    }
  }

  var done: FakeAnswer { .json(200, JSONText.object { $0.field("done", true) }) }

  private func state() -> FakeAnswer {
    let text = JSONText.object { text in
      text.arrayField("calendars") { text in
        for calendar in google.calendars.values.sorted(by: { $0.id < $1.id }) {
          text.element()
          text.object { text in
            text.field("id", calendar.id)
            text.field("owner", calendar.face.owner)
            text.field("events", calendar.eventCount)
            text.field("cancelled", calendar.cancelledCount)
            text.field("changes", calendar.changeCount)
          }
        }
      }
      text.arrayField("users") { text in
        for user in google.calendarLists.keys.sorted() {
          text.element()
          text.object { writeUser(user, to: &$0) }
        }
      }
      text.field("accessTokens", google.authorization.accessTokenCount)
      text.field("refreshTokens", google.authorization.refreshTokenCount)
      text.field("faults", google.faults.queue.count)
      text.field("deliveries", receiver.total)
      text.objectField("requests") { text in
        text.field("google", requests.google)
        text.field("receiver", requests.receiver)
        text.field("control", requests.control)
      }
    }
    return .json(200, text)
  }

  private func writeUser(_ user: String, to text: inout JSONText) {
    text.field("email", user)
    text.field("groups", google.contacts[user]?.groupCount ?? 0)
    text.field("people", google.contacts[user]?.personCount ?? 0)
    text.field("messages", google.mailboxes[user]?.messageCount ?? 0)
    text.field("historyId", "\(google.mailboxes[user]?.historyId ?? 0)")
  }

  private mutating func makeCode(_ body: LooseJSON, at now: Moment) throws(Refusal) -> FakeAnswer {
    let user = body["user"]?.string ?? FakeGoogle.firstUser
    guard
      let code = google.makeCode(
        user: user, client: body["client_id"]?.string, redirect: body["redirect_uri"]?.string,
        scope: body["scope"]?.string, at: now)
    else { throw .missing("No such user: \(user)") }
    return .json(200, JSONText.object { $0.field("code", code) })
  }

  private mutating func setClient(_ body: LooseJSON) throws(Refusal) -> FakeAnswer {
    if let accepts = body["acceptNew"]?.boolean { google.authorization.acceptsNewClients = accepts }
    if let id = body["id"]?.string {
      guard let secret = body["secret"]?.string else {
        throw .unreadable("A client needs \"secret\".")
      }
      google.authorization.clients[id] = secret
    }
    return done
  }

  private mutating func setConsent(_ body: LooseJSON) -> FakeAnswer {
    google.authorization.deniesConsent = body["denied"]?.boolean ?? false
    google.authorization.tickedScopes = body["scopes"]?.items.map { Set($0.compactMap(\.string)) }
    google.authorization.givesRefreshTokenOnce = body["refreshTokenOnce"]?.boolean ?? false
    google.authorization.rotatesRefreshTokens = body["rotatesRefreshTokens"]?.boolean ?? false
    if let seconds = body["accessLifetimeSeconds"]?.integer {
      google.authorization.accessLifetimeSeconds = max(0, min(seconds, 86_400))
    }
    return done
  }

  private mutating func addUser(_ body: LooseJSON) throws(Refusal) -> FakeAnswer {
    guard let email = body["email"]?.string, email.contains("@") else {
      throw .unreadable("A user needs \"email\".")
    }
    google.addUser(email, name: body["name"]?.string ?? email)
    return done
  }

  private mutating func calendars(
    _ request: FakeRequest, _ target: Target, _ body: LooseJSON, at now: Moment
  ) throws(Refusal) -> FakeAnswer {
    let path = Array(target.segments.dropFirst(2))
    let id = path.first == "primary" ? FakeGoogle.firstUser : path.first ?? ""
    switch (request.method, path.count, path.last) {
    case ("POST", 0, _): return try addCalendar(body)
    case ("DELETE", 1, _):
      guard google.removeCalendar(id) else { throw .missing("No such calendar: \(id)") }
      return done
    case ("POST", 2, "generate"):
      guard let count = body["count"]?.integer, (0...1_000_000).contains(count) else {
        throw .unreadable("\"count\" is 0 to 1000000.")
      }
      let title = body["title"]?.string ?? "Meeting"
      guard google.generate(count: Int(count), title: title, in: id, at: now) else {
        throw .missing("No such calendar: \(id)")
      }
      return done
    default: return google.operate(request, target, calendar: id, at: now)
    }
  }

  private mutating func addCalendar(_ body: LooseJSON) throws(Refusal) -> FakeAnswer {
    guard let id = body["id"]?.string, !id.isEmpty else {
      throw .unreadable("A calendar needs \"id\".")
    }
    let face = FakeCalendar.Face(
      summary: body["summary"]?.string ?? id, description: body["description"]?.string,
      timeZone: body["timeZone"]?.string ?? "UTC",
      owner: body["owner"]?.string ?? FakeGoogle.firstUser,
      role: body["role"]?.string ?? "owner")
    guard ["owner", "writer", "reader"].contains(face.role) else {
      throw .unreadable("\"role\" is owner, writer or reader.")
    }
    guard google.addCalendar(id, face: face) else {
      throw Refusal(
        status: 409, message: "The calendar exists, its owner does not, or there is no more room.")
    }
    return done
  }
}
