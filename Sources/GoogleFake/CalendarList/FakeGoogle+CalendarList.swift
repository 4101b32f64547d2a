import Events

// Calendars joining and leaving a user's list, and calendars made and removed by their owners.
extension FakeGoogle {
  /// Answers what stands below `/calendar/v3/users/me/calendarList`.
  mutating func answerCalendarList(
    _ call: CalendarCall, user: String, at now: Moment
  ) throws(GoogleError) -> FakeAnswer {
    let given = call.path.count > 3 ? call.path[3] : ""
    let id = given == "primary" ? user : given
    switch (call.request.method, call.path.count) {
    case ("GET", 3): return try calendarListAnswer(call, user: user)
    case ("GET", 4): return try calendarListEntry(call, user, id)
    case ("POST", 3):
      let body = try call.body()
      guard let id = body["id"]?.string else {
        throw GoogleError(400, "required", "Required", parameter: "id")
      }
      guard calendars[id] != nil else { throw .notFound }
      calendarLists[user]?.touch(id, isDeleted: false, looks: FakeGoogle.looks(body), at: now)
      return try calendarListEntry(call, user, id)
    case ("PUT", 4), ("PATCH", 4):
      let body = try call.body()
      guard let row = calendarLists[user]?.row(id) else { throw .notFound }
      var looks = call.request.method == "PUT" ? [:] : row.looks
      looks.merge(FakeGoogle.looks(body)) { $1 }
      calendarLists[user]?.touch(id, isDeleted: false, looks: looks, at: now)
      return try calendarListEntry(call, user, id)
    case ("DELETE", 4):
      guard calendarLists[user]?.row(id) != nil else { throw .notFound }
      guard id != user else {
        throw GoogleError(403, "forbidden", "The primary calendar cannot leave the list.")
      }
      calendarLists[user]?.touch(id, isDeleted: true, looks: [:], at: now)
      return FakeAnswer(status: 204)
    default: throw .notFound
    }
  }

  private func calendarListEntry(
    _ call: CalendarCall, _ user: String, _ id: String
  ) throws(GoogleError) -> FakeAnswer {
    guard let row = calendarLists[user]?.row(id) else { throw .notFound }
    var text = JSONText(isPretty: call.isPretty)
    write(row, user: user, to: &text)
    return .json(200, text)
  }

  private static func looks(_ body: LooseJSON) -> [String: LooseJSON] {
    let names = ["hidden", "selected", "colorId", "summaryOverride"]
    return (body.members ?? [:]).filter { names.contains($0.key) && $0.value != .null }
  }

  /// Makes a calendar, or changes or removes one, as its owner.
  mutating func writeCalendar(
    _ call: CalendarCall, user: String, at now: Moment
  ) throws(GoogleError) -> FakeAnswer {
    if call.request.method == "POST" {
      guard let summary = try call.body()["summary"]?.string else {
        throw GoogleError(400, "required", "Missing title.")
      }
      let id = "c_\(String(random.next(), radix: 16))@group.calendar.google.com"
      guard addCalendar(id, face: .init(summary: summary, owner: user), at: now) else {
        throw .full
      }
      return try calendarAnswer(call, id)
    }
    let id = call.path[1] == "primary" ? user : call.path[1]
    guard let calendar = calendars[id], calendarLists[user]?.row(id) != nil else { throw .notFound }
    guard calendar.role(for: user) == "owner" || call.isOperator else { throw .readOnly }
    switch call.request.method {
    case "DELETE":
      guard id != user else {
        throw GoogleError(403, "forbidden", "The primary calendar cannot be deleted.")
      }
      removeCalendar(id, at: now)
      return FakeAnswer(status: 204)
    default:
      try rename(id, call.body(), at: now)
      return try calendarAnswer(call, id)
    }
  }

  /// Changes the face of a calendar; every list that holds it shows that as a change.
  private mutating func rename(
    _ id: String, _ body: LooseJSON, at now: Moment
  ) throws(GoogleError) {
    if let summary = body["summary"]?.string { calendars[id]?.face.summary = summary }
    if let text = body["description"] { calendars[id]?.face.description = text.string }
    if let zone = body["timeZone"]?.string { calendars[id]?.face.timeZone = zone }
    for user in calendarLists.keys where calendarLists[user]?.holds(id) == true {
      calendarLists[user]?.touch(id, isDeleted: false, at: now)
    }
  }
}
