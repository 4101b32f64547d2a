import Domain
import Events

/// A request below `/calendar/v3`, with what its answer depends on besides the calendar.
struct CalendarCall: Sendable {
  var request: FakeRequest
  var target: Target
  var distortion: PageDistortion
  /// The segments behind `/calendar/v3`.
  var path: [String]
  /// Who asks, where it is not the sandbox's own control.
  var user: String?
  /// The sandbox's own control asks, which may write where a user may only read.
  var isOperator = false

  init(_ request: FakeRequest, _ target: Target, _ distortion: PageDistortion) {
    self.request = request
    self.target = target
    self.distortion = distortion
    path = Array(target.segments.dropFirst(2))
  }

  /// Attendees of an event that are shown at most; nil for all.
  var attendeesMax: Int? { target["maxAttendees"].flatMap { Int($0) } }

  /// Google breaks lines unless told not to.
  var isPretty: Bool { target["prettyPrint"] != "false" }

  func body() throws(GoogleError) -> LooseJSON {
    guard let body = LooseJSON(body: request.body), body.members != nil else { throw .parseError }
    return body
  }
}

extension FakeGoogle {
  /// Answers a Calendar call for one user.
  mutating func answer(
    _ call: CalendarCall, user: String, at now: Moment
  ) throws(GoogleError) -> FakeAnswer {
    if call.path.starts(with: ["users", "me", "calendarList"]) {
      return try answerCalendarList(call, user: user, at: now)
    }
    if call.path.first == "calendars", call.request.method != "GET",
      call.path.count == 2 || call.path.count == 1 && call.request.method == "POST"
    {
      return try writeCalendar(call, user: user, at: now)
    }
    guard call.path.first == "calendars", call.path.count >= 2 else { throw .notFound }
    let id = call.path[1] == "primary" ? user : call.path[1]
    guard let list = calendarLists[user], list.holds(id) || calendars[id]?.face.isPublic == true
    else { throw .notFound }
    var call = call
    call.user = user
    return try answer(call, calendar: id, at: now)
  }

  /// Answers a call about one calendar, whoever asks.
  mutating func answer(
    _ call: CalendarCall, calendar id: String, at now: Moment
  ) throws(GoogleError) -> FakeAnswer {
    let rest = call.path.dropFirst(2)
    guard rest.first == "events" || rest.isEmpty else { throw .notFound }
    let event = rest.dropFirst().first ?? ""
    switch (call.request.method, rest.count, rest.last) {
    case ("GET", 0, _): return try calendarAnswer(call, id)
    case ("GET", 1, _): return try list(call, id, at: now)
    case ("GET", 2, _): return try eventAnswer(call, id, event)
    case ("GET", 3, "instances"): return try instances(call, id, event, at: now)
    case ("POST", 1, _), ("PUT", 2, _), ("PATCH", 2, _), ("DELETE", 2, _), ("POST", 3, "move"):
      return try write(call, id, event, at: now)
    default: throw .notFound
    }
  }

  func calendarAnswer(
    _ call: CalendarCall, _ id: String
  ) throws(GoogleError)
    -> FakeAnswer
  {
    guard let calendar = calendars[id] else { throw .notFound }
    let text = JSONText.object(isPretty: call.isPretty) { text in
      text.field("kind", "calendar#calendar")
      text.field("etag", calendar.etag)
      text.field("id", id)
      text.field("summary", calendar.face.summary)
      if let description = calendar.face.description { text.field("description", description) }
      text.field("timeZone", calendar.face.timeZone)
      writeConference(to: &text)
      if !calendar.isPrimary { text.field("dataOwner", calendar.face.owner) }
    }
    return .json(200, text)
  }

  private mutating func list(
    _ call: CalendarCall, _ id: String, at now: Moment
  ) throws(GoogleError) -> FakeAnswer {
    let query = try EventsQuery(call.target.query)
    if query.pageToken == nil, let change = query.syncToken.flatMap(EventListing.change(ofSync:)) {
      calendars[id]?.versions.follow(change)
    }
    guard let calendar = calendars[id] else { throw .notFound }
    let listing = try EventListing(calendar, query, at: now)
    return pageAnswer(call, calendar, listing.page(call.distortion))
  }

  private mutating func instances(
    _ call: CalendarCall, _ id: String, _ event: String, at now: Moment
  ) throws(GoogleError) -> FakeAnswer {
    guard let calendar = calendars[id] else { throw .notFound }
    guard let place = calendar.remembered(EventName(event)) else { throw .notFound }
    var query = try EventsQuery(call.target.query)
    query.series = place
    query.singleEvents = true
    let listing = try EventListing(calendar, query, at: now)
    return pageAnswer(call, calendar, listing.page(call.distortion))
  }

  private func pageAnswer(
    _ call: CalendarCall, _ calendar: FakeCalendar, _ page: EventListing.Page
  ) -> FakeAnswer {
    let user = call.user ?? calendar.face.owner
    let text = JSONText.object(isPretty: call.isPretty) { text in
      text.field("kind", "calendar#events")
      text.field("etag", calendar.etag)
      text.field("summary", calendar.face.summary)
      text.field("description", calendar.face.description ?? "")
      text.field("updated", calendar.updated.rfc3339)
      text.field("timeZone", calendar.face.timeZone)
      text.field("accessRole", call.user.map(calendar.role) ?? calendar.face.role)
      text.arrayField("defaultReminders") { writeReminder(to: &$0) }
      if let token = page.nextPageToken { text.field("nextPageToken", token) }
      if let token = page.nextSyncToken { text.field("nextSyncToken", token) }
      text.arrayField("items") { text in
        for row in page.rows {
          text.element()
          let event = row.event.limited(toAttendees: call.attendeesMax, of: user)
          calendar.write(event, shape: shape(row), to: &text)
        }
      }
    }
    return .json(200, text)
  }

  private func shape(_ row: EventListing.Row) -> FakeCalendar.Shape {
    row.shape == .stub && switches.showsBareStubs && !row.event.isException ? .bare : row.shape
  }

  private func eventAnswer(
    _ call: CalendarCall, _ id: String, _ event: String
  ) throws(GoogleError) -> FakeAnswer {
    guard let calendar = calendars[id] else { throw .notFound }
    let found = calendar.remembered(EventName(event)).map { calendar.events[$0] }
    guard let found = found ?? calendar.occurrence(event) else { throw .notFound }
    if found.isCancelled, switches.forgetsCancelled { throw .notFound }
    if call.request.header("If-None-Match") == found.etag { return FakeAnswer(status: 304) }
    return eventAnswer(call, calendar, found)
  }

  private func eventAnswer(
    _ call: CalendarCall, _ calendar: FakeCalendar, _ event: FakeEvent
  ) -> FakeAnswer {
    var text = JSONText(isPretty: call.isPretty)
    let shown = event.limited(
      toAttendees: call.attendeesMax, of: call.user ?? calendar.face.owner)
    calendar.write(shown, shape: .whole, to: &text)
    return .json(200, text, headers: [Header("ETag", event.etag)])
  }

  private mutating func write(
    _ call: CalendarCall, _ id: String, _ event: String, at now: Moment
  ) throws(GoogleError) -> FakeAnswer {
    try checkWritable(call, id, event)
    let place: Int?
    switch call.request.method {
    case "DELETE":
      try calendars[id]?.cancel(event, at: now)
      return FakeAnswer(status: 204)
    case "POST" where call.path.count == 5:
      return try move(call, id, event, at: now)
    case "POST":
      place = try calendars[id]?.insert(call.body(), at: now, random: &random)
    case let method:
      place = try calendars[id]?.edit(
        event, with: call.body(), isWhole: method == "PUT", at: now)
    }
    guard let place, let calendar = calendars[id] else { throw .notFound }
    return eventAnswer(call, calendar, calendar.events[place])
  }

  private func checkWritable(
    _ call: CalendarCall, _ id: String, _ event: String
  ) throws(GoogleError) {
    guard let calendar = calendars[id] else { throw .notFound }
    let role = call.user.map(calendar.role) ?? calendar.face.role
    guard role != "reader" || call.isOperator else { throw .readOnly }
    guard let wanted = call.request.header("If-Match"), wanted != "*" else { return }
    let found = calendar.remembered(EventName(event)).map { calendar.events[$0] }
    guard let found = found ?? calendar.occurrence(event) else { throw .notFound }
    guard found.etag == wanted else { throw .preconditionFailed }
  }

  private mutating func move(
    _ call: CalendarCall, _ id: String, _ event: String, at now: Moment
  ) throws(GoogleError) -> FakeAnswer {
    guard let destination = call.target["destination"] else {
      throw GoogleError(400, "required", "Required", parameter: "destination")
    }
    guard let source = calendars[id] else { throw .notFound }
    let other = destination == "primary" ? source.face.owner : destination
    guard let target = calendars[other], target.face.owner == source.face.owner, other != id else {
      throw .notFound
    }
    guard target.face.role != "reader" || call.isOperator else { throw .readOnly }
    if let place = target.place(of: EventName(event)), !target.events[place].isCancelled {
      throw .duplicate
    }
    guard let moved = try calendars[id]?.give(event, at: now),
      let place = try calendars[other]?.take(moved, at: now), let calendar = calendars[other]
    else { throw .notFound }
    return eventAnswer(call, calendar, calendar.events[place])
  }
}
