/// The body of an insert, update or patch, read against what may be written.
///
/// Read-only fields and unknown ones are ignored, because callers send back what they were given.
struct EventDraft {
  private let body: LooseJSON
  /// Fields that are not named are emptied.
  private let isWhole: Bool

  init(_ body: LooseJSON, isWhole: Bool) {
    self.body = body
    self.isWhole = isWhole
  }

  /// Changing reminders does not change `updated`. Source: Calendar API v3, `Event.updated`.
  var touchesRemindersOnly: Bool {
    !isWhole && body.members.map { Set($0.keys) == ["reminders"] } ?? false
  }

  func apply(to event: inout FakeEvent) throws(GoogleError) {
    guard body.members != nil else { throw .parseError }
    try applyTimes(to: &event)
    if isWhole || body["summary"] != nil {
      event.title = try text("summary")
      event.ordinal = 0
    }
    if isWhole || body["status"] != nil { event.status = try status() }
    if let sequence = body["sequence"]?.integer, let value = Int32(exactly: sequence) {
      event.sequence = max(event.sequence, value)
    }
    var value = event.details?.value ?? .init()
    if isWhole { value.extras = [:] }
    for (name, kind) in EventField.extras {
      guard let given = body[name] else { continue }
      guard given == .null || EventField.fits(given, kind) else {
        throw .invalid(name, "Invalid value for: \(name)")
      }
      value.extras[name] = given == .null ? nil : given
    }
    try completeAttendees(&value.extras)
    if !event.isException, isWhole || body["recurrence"] != nil {
      value.recurrence = try recurrence()
    }
    event.details = EventDetails(value)
  }

  private func applyTimes(to event: inout FakeEvent) throws(GoogleError) {
    for name in ["start", "end"] where isWhole || body[name] != nil {
      guard let given = body[name], given != .null else {
        throw GoogleError(400, "required", "Missing \(name) time.")
      }
      guard let time = EventTime(given) else { throw .invalid(name, "Invalid \(name) time.") }
      if name == "start" { event.start = time } else { event.end = time }
    }
    guard event.start.isDay == event.end.isDay else {
      throw .invalid("end", "Start and end times must either both be date or both be dateTime.")
    }
    guard event.duration >= 0 else { throw .timeRangeEmpty }
  }

  private func text(_ name: String) throws(GoogleError) -> String? {
    switch body[name] {
    case .text(let value): return value
    case nil, .null: return nil
    default: throw .invalid(name, "Invalid value for: \(name)")
    }
  }

  private func status() throws(GoogleError) -> FakeEvent.Status {
    switch try text("status") {
    case nil, "confirmed": return .confirmed
    case "tentative": return .tentative
    case "cancelled": return .cancelled
    default: throw .invalid("status", "Invalid value for: status")
    }
  }

  private func recurrence() throws(GoogleError) -> Recurrence? {
    guard let given = body["recurrence"], given != .null else { return nil }
    let lines = (given.items ?? [.null]).map(\.string)
    guard !lines.contains(nil) else { throw .invalid("recurrence", "Invalid recurrence rule.") }
    return lines.isEmpty ? nil : Recurrence(lines: lines.compactMap(\.self))
  }

  private func completeAttendees(_ extras: inout [String: LooseJSON]) throws(GoogleError) {
    guard let attendees = extras["attendees"]?.items else { return }
    var complete: [LooseJSON] = []
    for attendee in attendees {
      guard var members = attendee.members, members["email"]?.string?.contains("@") == true else {
        throw .invalid("attendees", "Invalid attendee email.")
      }
      members["responseStatus"] = members["responseStatus"] ?? .text("needsAction")
      complete.append(.object(members))
    }
    extras["attendees"] = .array(complete)
  }
}
