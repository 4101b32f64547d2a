import RawJSON
import Testing

/// What objects and their resources are called in changes and callbacks.
@Suite struct NamesTests {
  private static let key = "calendars/{calendarId}/changed-events"

  @Test func `a key with a placeholder tells of the calendar that its url names`() async throws {
    try await withStage { stage in
      let event = try await history(in: stage)
      let changes = try await stage.rows("changes")
      #expect(changes.map { $0["resource"]?.text } == [Self.key, Self.key])
      let type = "calendars/primary/changed-events"
      #expect(changes.map { $0["objectType"]?.text } == [type, type])
      let bodies = try await stage.received().compactMap { try $0["body"]?.text.map(parsed) }
      #expect(bodies.count == 2)
      for body in bodies {
        #expect(body["message"]?["raw"]?["objectType"]?.text == type)
        #expect(body["message"]?["raw"]?[type]?.elements?.first?["id"]?.text == event)
        #expect(body["message"]?["events"]?.elements?.first?["objectType"]?.text == type)
      }
    }
  }

  @Test func `what is deleted has the name that it was told by`() async throws {
    try await withStage { stage in
      let event = try await history(in: stage)
      let changes = try await stage.rows("changes")
      #expect(changes.map { $0["eventType"]?.text } == ["CREATED", "DELETED"])
      #expect(changes.map { $0["object"]?.text } == [event, event])
      let names = changes.map { $0["objectId"]?.text }
      #expect(names[0] == names[1] && names[0] != event)
      // Found by a comparison, too, and of what a baseline has seen.
      let old = try await stage.createEvent("Old")
      try await stage.done(
        "cursor", "reset", "1", Self.key, "--baseline", "--reason", "an example")
      try await stage.done("poll", "run", "1", Self.key)
      try await stage.cancel(old)
      try await stage.done("cursor", "reset", "1", Self.key, "--reason", "an example")
      try await stage.done("poll", "run", "1", Self.key)
      let last = try #require(try await stage.rows("changes").last)
      #expect(last["eventType"]?.text == "DELETED" && last["object"]?.text == old)
      #expect(last["objectId"]?.text?.hasPrefix(old) == true && last["objectId"]?.text != old)
    }
  }

  @Test func `a change bears the provider's date, also where no field is named`() async throws {
    try await withStage { stage in
      let event = try await history(in: stage)
      let old = try await stage.createEvent("Old")
      try await stage.done("poll", "run", "1", Self.key)
      try await stage.cancel(old)
      // A full comparison misses it, and asks for it: what is gone is shown with its date.
      try await stage.done("cursor", "reset", "1", Self.key, "--reason", "an example")
      try await stage.done("poll", "run", "1", Self.key)
      try await stage.done("deliver", "--until-idle", "--for", "30s")
      let type = "calendars/primary/changed-events"
      var dated: [String] = []
      for delivery in try await stage.received() {
        let message = try parsed(delivery["body"]?.text ?? "")["message"]
        let told = try #require(message?["events"]?.elements?.first)
        let raw = try #require(message?["raw"]?[type]?.elements?.first)
        let own = raw["updated"]?.text.map { "\($0.prefix(19))Z" }
        #expect(told["date"]?.text == own ?? told["pollDate"]?.text, "\(told)")
        if own != nil { dated.append("\(raw["id"]?.text ?? "") \(told["eventType"]?.text ?? "")") }
      }
      #expect(Set(dated).isSuperset(of: ["\(event) CREATED", "\(old) CREATED", "\(old) DELETED"]))
    }
  }

  /// An event is made and cancelled, polled and delivered each time.
  private func history(in stage: Stage) async throws -> String {
    let resource: JSON = [
      "url": "/hubs/general/calendars/primary/changed-events", "idField": "iCalUID",
    ]
    let form = try await stage.form([
      "event.poller.configuration": .object(Members([(Self.key, resource)]))
    ])
    try await stage.done("instance", "create", try stage.write(form, to: "instance.json"))
    try await stage.done("poll", "run", "1", Self.key)
    let event = try await stage.createEvent("Planning")
    try await stage.done("poll", "run", "1", Self.key)
    try await stage.cancel(event)
    try await stage.done("poll", "run", "1", Self.key)
    try await stage.done("deliver", "--until-idle", "--for", "30s")
    return event
  }

  private func parsed(_ text: String) throws -> JSON { try JSON.parse(Array(text.utf8)) }
}
