import Events
import FoundationEssentials

/// Writes events as Google shows them.
///
///     {"kind": "calendar#event", "etag": "\"3528…\"", "id": "…", "status": "confirmed", …}
extension FakeCalendar {
  /// How much of an event is shown.
  enum Shape: Sendable, Equatable {
    case whole
    /// Gone: kind, etag, id and status; of an occurrence also which one it was.
    case stub
    /// Gone: id and status, all that Google promises.
    case bare
  }

  func write(_ event: FakeEvent, shape: Shape, to text: inout JSONText) {
    text.object { text in
      guard !event.isBare, shape != .bare else {
        text.field("id", event.name.text)
        text.field("status", "cancelled")
        return
      }
      text.field("kind", "calendar#event")
      text.field("etag", event.etag)
      text.field("id", event.name.text)
      text.field("status", shape == .stub ? "cancelled" : event.status.rawValue)
      if shape == .stub {
        writeSeries(of: event, to: &text)
      } else {
        writeRest(of: event, to: &text)
      }
    }
  }

  private func writeRest(of event: FakeEvent, to text: inout JSONText) {
    let id = event.name.text
    let eid = Data("\(id) \(self.id)".utf8).base64EncodedString().filter { $0 != "=" }
    text.field("htmlLink", "https://www.google.com/calendar/event?eid=\(eid)")
    text.field("created", Moment(milliseconds: event.created * 1_000).rfc3339)
    text.field("updated", Moment(milliseconds: event.updated).rfc3339)
    if let summary = event.summary { text.field("summary", summary) }
    let extras = event.details?.extras ?? [:]
    for (name, _) in EventField.extras where EventField.leading.contains(name) {
      if let value = extras[name] { text.field(name, value) }
    }
    text.objectField("creator") { text in
      text.field("email", face.owner)
      if isPrimary { text.field("self", true) }
    }
    text.objectField("organizer") { text in
      text.field("email", self.id)
      if !isPrimary { text.field("displayName", face.summary) }
      text.field("self", true)
    }
    event.start.write("start", to: &text)
    event.end.write("end", to: &text)
    if let rule = event.recurrence {
      text.arrayField("recurrence") { text in
        for line in rule.lines {
          text.element()
          text.value(.text(line))
        }
      }
    }
    writeSeries(of: event, to: &text)
    text.field("iCalUID", "\(event.details?.series?.text ?? id)@google.com")
    text.field("sequence", event.sequence)
    for (name, _) in EventField.extras where !EventField.leading.contains(name) {
      if let value = extras[name] { text.field(name, value) }
    }
    if extras["reminders"] == nil {
      text.objectField("reminders") { $0.field("useDefault", true) }
    }
    if extras["eventType"] == nil { text.field("eventType", "default") }
  }

  private func writeSeries(of event: FakeEvent, to text: inout JSONText) {
    guard let series = event.details?.series, let start = event.details?.originalStart else {
      return
    }
    text.field("recurringEventId", series.text)
    start.write("originalStartTime", to: &text)
  }
}
