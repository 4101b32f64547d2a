package import Events

// What somebody at the provider's side does, without a token.
extension FakeGoogle {
  /// A new code for a user, to be exchanged once; nil where there is no such user.
  ///
  /// - Parameters:
  ///   - client: nil where any client may use it.
  ///   - redirect: nil where any redirect URL will do.
  ///   - scope: nil for all that Daybook asks for.
  package mutating func makeCode(
    user: String = FakeGoogle.firstUser, client: String? = nil, redirect: String? = nil,
    scope: String? = nil, at now: Moment
  ) -> String? {
    guard calendarLists[user] != nil else { return nil }
    return authorization.makeCode(
      user: user, client: client, redirect: redirect,
      scope: scope ?? FakeAuthorization.allScopes, random: &random, at: now)
  }

  /// Adds an event of one hour that starts with the next.
  ///
  /// - Returns: Its id, or nil where there is no such calendar.
  @discardableResult
  package mutating func createEvent(
    _ title: String, in calendar: String = FakeGoogle.firstUser, at now: Moment
  ) -> String? {
    guard calendars[calendar] != nil else { return nil }
    let hour: Int64 = 3_600
    let start = EventTime(seconds: (now.milliseconds / 1_000 / hour + 1) * hour)
    let event = FakeEvent(
      name: EventName(drawnFrom: &random), created: now.milliseconds / 1_000, updated: 0,
      revision: 0, change: 0, start: start, end: start.moved(to: start.seconds + hour), title: title
    )
    calendars[calendar]?.add(event, at: now)
    return event.name.text
  }

  /// Gives an event another title.
  ///
  /// - Returns: Whether there was such an event.
  @discardableResult
  package mutating func renameEvent(
    _ id: String, to title: String, in calendar: String = FakeGoogle.firstUser, at now: Moment
  ) -> Bool {
    let body = LooseJSON.object(["summary": .text(title)])
    let place = try? calendars[calendar]?.edit(id, with: body, isWhole: false, at: now)
    return place != nil
  }

  /// Cancels an event, a series with its exceptions, or one occurrence.
  ///
  /// - Returns: Whether there was such an event that was not cancelled yet.
  @discardableResult
  package mutating func cancelEvent(
    _ id: String, in calendar: String = FakeGoogle.firstUser, at now: Moment
  ) -> Bool {
    let done: Void? = try? calendars[calendar]?.cancel(id, at: now)
    return done != nil
  }

  /// Adds many plain events of one title, numbered from 1.
  ///
  /// - Returns: Whether there is such a calendar.
  @discardableResult
  package mutating func generate(
    count: Int, title: String, in calendar: String, at now: Moment
  ) -> Bool {
    guard calendars[calendar] != nil else { return false }
    calendars[calendar]?.generate(count: count, title: title, at: now, random: &random)
    return true
  }

  /// Adds many plain messages, so many to a record of the history.
  ///
  /// - Returns: Whether there is such a user.
  @discardableResult
  package mutating func generateMail(
    count: Int, title: String, perRecord: Int = 1, for user: String = FakeGoogle.firstUser,
    at now: Moment
  ) throws(GoogleError) -> Bool {
    try mailboxes[user]?.generate(
      count: count, title: title, perRecord: perRecord, random: &random, at: now) != nil
  }

  /// Adds many contact groups, numbered from 1.
  ///
  /// - Returns: Whether there is such a user.
  @discardableResult
  package mutating func generateGroups(
    count: Int, title: String, for user: String = FakeGoogle.firstUser, at now: Moment
  ) throws(GoogleError) -> Bool {
    guard contacts[user] != nil else { return false }
    for number in 1...max(1, count) where count > 0 {
      _ = try contacts[user]?.addGroup(
        named: "\(title) \(number)", clientData: nil, random: &random, at: now)
    }
    return true
  }

  /// Brings a contact group back that was removed, as “Undo changes” of Google Contacts does.
  ///
  /// - Returns: False where it was not removed.
  @discardableResult
  package mutating func restoreGroup(
    _ id: String, for user: String = FakeGoogle.firstUser, at now: Moment
  ) -> Bool {
    contacts[user]?.restoreGroup(id, at: now) ?? false
  }

  /// Google's routes below `/calendar/v3/calendars/{id}`, asked below `/sandbox/calendars/{id}`.
  package mutating func operate(
    _ request: FakeRequest, _ target: Target, calendar id: String, at now: Moment
  ) -> FakeAnswer {
    var call = CalendarCall(request, target, .init())
    call.path = Array(target.segments.dropFirst())
    call.isOperator = true
    do {
      return try answer(call, calendar: id, at: now)
    } catch {
      return error.answer(of: .calendar)
    }
  }

  /// Answers Google's own paths without a token, for the user that the parameter `user` names.
  package mutating func operate(_ request: FakeRequest, at now: Moment) -> FakeAnswer {
    var target = Target(request.path)
    let user = target["user"] ?? FakeGoogle.firstUser
    target.query.removeAll { $0.name == "user" }
    do {
      guard calendarLists[user] != nil, let api = GoogleAPI(target) else {
        throw GoogleError.notFound
      }
      switch api {
      case .calendar:
        var call = CalendarCall(request, target, .init())
        call.isOperator = true
        return try answer(call, user: user, at: now)
      case .contacts: return try answer(ContactsCall(request, target, .init(), now), user: user)
      case .mail: return try answer(MailCall(request, target, .init(), now), user: user)
      }
    } catch let error as GoogleError {
      return error.answer(to: target)
    } catch {
      return .html(500, "Error 500")
    }
  }
}

// What ends the life of cursors.
extension FakeGoogle {
  /// Makes every cursor of every kind dead, also between two pages.
  package mutating func expireSyncTokens() {
    expireCalendarTokens()
    expireContactsTokens()
    expireHistory()
  }

  /// Makes the sync tokens of events and calendar lists dead; the next sync is answered with 410.
  package mutating func expireCalendarTokens() {
    for id in calendars.keys { calendars[id]?.generation += 1 }
    for user in calendarLists.keys { calendarLists[user]?.generation += 1 }
  }

  /// Makes the sync tokens of groups and people dead; a switch says how they are refused.
  package mutating func expireContactsTokens() {
    for user in contacts.keys { contacts[user]?.expireSyncTokens() }
  }

  /// Forgets the history of all mailboxes: every `startHistoryId` so far is answered with 404.
  package mutating func expireHistory() {
    for user in mailboxes.keys { mailboxes[user]?.expireHistory() }
  }
}
