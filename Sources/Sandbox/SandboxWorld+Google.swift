import Events
import GoogleFake

// What somebody at Google's side does: Google's own paths below /sandbox, switches, dead cursors.
extension SandboxWorld {
  /// Reads and changes switches: `{"contactsExpiry": "gone", "emptyHistoryPermille": 200}`.
  mutating func setSwitches(_ body: LooseJSON) throws(Refusal) -> FakeAnswer {
    var switches = google.switches
    for (name, value) in body.members ?? [:] { try set(&switches, name, value) }
    google.switches = switches
    return switchList()
  }

  func switchList() -> FakeAnswer {
    let switches = google.switches
    let text = JSONText.object { text in
      text.field("contactsExpiry", switches.contactsExpiry.rawValue)
      text.field("emptyHistoryPermille", switches.emptyHistoryPermille)
      text.field("forgetsCancelled", switches.forgetsCancelled)
      text.field("mailLimitStatus", switches.mailLimitStatus)
      text.field(
        "mailUnitsPerMinute", switches.mailUnitsPerMinute.map { .integer(Int64($0)) } ?? .null)
      text.field("pageItemsMax", switches.pageItemsMax.map { .integer(Int64($0)) } ?? .null)
      text.field("showsBareStubs", switches.showsBareStubs)
      text.field("showsSystemGroupsAlways", switches.showsSystemGroupsAlways)
      text.field("timeDigits", switches.timeDigits)
    }
    return .json(200, text)
  }

  private func set(
    _ switches: inout FakeSwitches, _ name: String, _ value: LooseJSON
  ) throws(Refusal) {
    switch (name, value) {
    case ("contactsExpiry", .text(let word)):
      guard let expiry = GoogleError.Expiry(rawValue: word) else {
        throw .unreadable("\"contactsExpiry\" is invalidArgument, failedPrecondition or gone.")
      }
      switches.contactsExpiry = expiry
    case ("emptyHistoryPermille", .integer(let value)) where (0...900).contains(value):
      switches.emptyHistoryPermille = Int(value)
    case ("forgetsCancelled", .bool(let value)): switches.forgetsCancelled = value
    case ("pageItemsMax", .integer(let value)) where (1...2_500).contains(value):
      switches.pageItemsMax = Int(value)
    case ("pageItemsMax", .null): switches.pageItemsMax = nil
    case ("showsBareStubs", .bool(let value)): switches.showsBareStubs = value
    case ("mailLimitStatus", .integer(let value)) where value == 403 || value == 429:
      switches.mailLimitStatus = Int(value)
    case ("mailUnitsPerMinute", .integer(let value)) where (0...1_000_000_000).contains(value):
      switches.mailUnitsPerMinute = Int(value)
    case ("mailUnitsPerMinute", .null): switches.mailUnitsPerMinute = nil
    case ("showsSystemGroupsAlways", .bool(let value)): switches.showsSystemGroupsAlways = value
    case ("timeDigits", .integer(let value)) where [0, 3, 6, 9].contains(value):
      switches.timeDigits = Int(value)
    default: throw .unreadable("No such switch, or no such value of it: \(name)")
    }
  }

  /// Adds many messages or groups at once: `{"count": 1000, "title": "News", "perRecord": 10}`.
  mutating func generate(
    _ what: String, _ body: LooseJSON, at now: Moment
  ) throws(Refusal) -> FakeAnswer {
    let user = body["user"]?.string ?? FakeGoogle.firstUser
    guard let count = body["count"]?.integer, (0...200_000).contains(count) else {
      throw .unreadable("\"count\" is 0 to 200000.")
    }
    let perRecord = body["perRecord"]?.integer ?? 1
    guard (1...1_000).contains(perRecord) else {
      throw .unreadable("\"perRecord\" is 1 to 1000.")
    }
    let title = body["title"]?.string ?? "News"
    let isDone: Bool
    do throws(GoogleError) {
      isDone =
        what == "mail"
        ? try google.generateMail(
          count: Int(count), title: title, perRecord: Int(perRecord), for: user, at: now)
        : try google.generateGroups(count: Int(count), title: title, for: user, at: now)
    } catch {
      throw Refusal(status: 409, message: error.message)
    }
    guard isDone else { throw .missing("No such user: \(user)") }
    return done
  }

  mutating func expire(_ body: LooseJSON) throws(Refusal) -> FakeAnswer {
    switch body["what"]?.string {
    case "syncTokens": google.expireSyncTokens()
    case "calendarTokens": google.expireCalendarTokens()
    case "contactsTokens": google.expireContactsTokens()
    case "history": google.expireHistory()
    case "accessTokens": google.authorization.expireAccessTokens()
    case "refreshTokens": google.authorization.revokeRefreshTokens()
    default:
      throw .unreadable(
        "\"what\" is syncTokens, calendarTokens, contactsTokens, history, accessTokens or "
          + "refreshTokens.")
    }
    return done
  }
}
