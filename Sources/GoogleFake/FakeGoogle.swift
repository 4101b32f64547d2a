import Domain
package import Events

/// Google as far as Daybook sees it: users, their consent and tokens, calendars, contacts and mail.
///
/// A value without clock and without chance of its own: the same requests at the same moments after
/// the same seed are answered with the same bytes. `Sandbox` puts it behind real sockets; tests ask
/// it in memory.
package struct FakeGoogle: Sendable {
  /// Faults that wait for requests.
  package var faults: FakeFaults
  /// Codes, tokens and clients.
  package var authorization: FakeAuthorization
  /// By id, those of all users.
  package internal(set) var calendars: [String: FakeCalendar] = [:]
  /// The calendars of every user, in the order of the list, with the log of its changes.
  package internal(set) var calendarLists: [String: FakeCalendarList] = [:]
  /// Groups and people of every user.
  package internal(set) var contacts: [String: FakeContacts] = [:]
  /// The mail of every user.
  package internal(set) var mailboxes: [String: FakeMailbox] = [:]
  /// The quota that every user's calls of Gmail took in the current minute.
  var mailUse: [String: MailUse] = [:]
  /// The ways it takes where Google takes more than one.
  package var switches = FakeSwitches()
  var random: FakeRandom
  private let changesKept: Int
  private let keepsVersions: Bool

  /// The user that exists from the start.
  package static let firstUser = "team@example.com"
  /// The calendar that the first user reads besides the primary one; its id needs escaping.
  package static let holidays = "en.example#holiday@group.v.calendar.google.com"

  /// One user, `team@example.com`, with a primary calendar and one of holidays.
  ///
  /// - Parameter keepsVersions: Whether every version of every object is kept, for tests that ask
  ///   afterwards what there was, and for faults that spare what nobody knows.
  package init(
    seed: UInt64 = 1, changesKept: Int = FakeLimits.changesKept, keepsVersions: Bool = false
  ) {
    self.keepsVersions = keepsVersions
    random = FakeRandom(seed: seed)
    faults = FakeFaults(seed: random.next())
    authorization = FakeAuthorization()
    self.changesKept = changesKept
    addUser(FakeGoogle.firstUser, name: "Team")
    addCalendar(
      FakeGoogle.holidays,
      face: .init(summary: "Holidays", owner: FakeGoogle.firstUser, role: "reader"))
  }

  /// Adds a user with an empty primary calendar, where there is room; one that exists stays.
  package mutating func addUser(_ email: String, name: String) {
    guard calendarLists[email] == nil, calendarLists.count < FakeLimits.usersMax else { return }
    calendarLists[email] = FakeCalendarList(keepsVersions: keepsVersions)
    contacts[email] = FakeContacts(keepsVersions: keepsVersions)
    // Chance of its own, so that what the calendars draw stays the same.
    var chance = FakeRandom(seed: OpaqueToken.fingerprint(email.utf8))
    mailboxes[email] = FakeMailbox(
      random: &chance, recordsKept: changesKept, keepsVersions: keepsVersions)
    addCalendar(email, face: .init(summary: name, owner: email))
  }

  /// Adds a calendar to its owner's list, unless it is a public one, which stands in none.
  ///
  /// - Returns: False where the calendar exists, its owner does not, or there is no more room.
  @discardableResult
  package mutating func addCalendar(
    _ id: String, face: FakeCalendar.Face, at now: Moment = Moment(milliseconds: 0)
  ) -> Bool {
    guard calendars[id] == nil, calendarLists[face.owner] != nil,
      calendars.count < FakeLimits.calendarsMax
    else { return false }
    calendars[id] = FakeCalendar(
      id: id, face: face, changesKept: changesKept, keepsVersions: keepsVersions)
    if !face.isPublic { calendarLists[face.owner]?.touch(id, isDeleted: false, at: now) }
    return true
  }

  /// Takes a calendar away; every list that held it shows it as deleted.
  @discardableResult
  package mutating func removeCalendar(
    _ id: String, at now: Moment = Moment(milliseconds: 0)
  ) -> Bool {
    guard calendars.removeValue(forKey: id) != nil else { return false }
    for user in calendarLists.keys where calendarLists[user]?.holds(id) == true {
      calendarLists[user]?.touch(id, isDeleted: true, at: now)
    }
    return true
  }

  /// Answers one request, faults included.
  ///
  /// - Parameter order: A fault for this request alone, before those that wait; one that is for
  ///   other requests is left out.
  package mutating func answer(
    _ request: FakeRequest, at now: Moment, with order: FakeFaults.Order? = nil
  ) -> FakeAnswer {
    let target = Target(request.path)
    let own = order.flatMap { $0.fits(request, target) ? $0 : nil }
    let due = own ?? faults.take(request, target)
    if let instead = due?.fault.answerInstead(of: target, at: now) { return instead }
    if due?.fault == .vanish { vanish(request, target, at: now) }
    var distortion = due?.distortion ?? .init()
    if let most = switches.pageItemsMax, FakeFaults.isList(target), distortion.rowsMax == nil {
      distortion.rowsMax = Int(random.next() % UInt64(most + 1))
    }
    let answer = respond(request, target, distortion, at: now)
    return due?.fault.distorted(answer) ?? answer
  }

  private mutating func respond(
    _ request: FakeRequest, _ target: Target, _ distortion: PageDistortion,
    at now: Moment
  ) -> FakeAnswer {
    switch (request.method, target.segments.first, target.segments.count) {
    case ("GET", "o", 4) where target.path == "/o/oauth2/v2/auth":
      return authorization.authorize(target, users: calendarLists, random: &random, at: now)
    case ("POST", "token", 1):
      return authorization.token(request, random: &random, at: now)
    case ("POST", "revoke", 1):
      return authorization.revoke(request, target)
    case ("POST", "batch", _) where BatchPart.paths.contains(target.path):
      do {
        return try answerBatch(request, target, at: now)
      } catch {
        return error.answer(to: target)
      }
    case (_, "calendar", 3...) where target.segments[1] == "v3",
      (_, "v1", 2...),
      (_, "gmail", 5...) where target.segments[1] == "v1":
      do {
        return try serve(request, target, distortion, at: now)
      } catch {
        return error.answer(to: target)
      }
    default:
      return .html(404, "Error 404 (Not Found)!!1")
    }
  }

  private mutating func serve(
    _ request: FakeRequest, _ target: Target, _ distortion: PageDistortion, at now: Moment
  ) throws(GoogleError) -> FakeAnswer {
    guard let api = GoogleAPI(target) else { throw .notFound }
    switch api {
    case .calendar:
      let user = try authorization.grant(of: request, scopes: nil, at: now).user
      return try answer(CalendarCall(request, target, distortion), user: user, at: now)
    case .contacts:
      let call = ContactsCall(request, target, distortion, now)
      let user = try authorization.grant(of: request, scopes: call.scopes, at: now).user
      return try answer(call, user: user)
    case .mail: return try serveMail(MailCall(request, target, distortion, now))
    }
  }

  /// Deletes what a request is about to read, as somebody else might.
  private mutating func vanish(_ request: FakeRequest, _ target: Target, at now: Moment) {
    guard let user = authorization.holder(of: request) else { return }
    var other = request
    other.method = "DELETE"
    let isPerson = target.segments.first == "v1" && target.segments.contains("people")
    other.path = "\(target.path)\(isPerson ? ":deleteContact" : "")"
    other.path += "?user=\(Target.encoded(user))"
    other.body = []
    _ = operate(other, at: now)
  }
}
