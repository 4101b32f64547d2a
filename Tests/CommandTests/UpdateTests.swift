import Foundation
import RawJSON
import Testing

/// Instances and cursors that are changed by hand.
@Suite(.serialized)
struct UpdateTests {
  private static let primary = "calendars/primary/changed-events"

  private func update(_ stage: Stage, _ body: String) async throws -> Finished {
    let file = try stage.write(body, to: "update.json")
    return try await stage.daybook("instance", "update", "1", file)
  }

  private func cursors(_ stage: Stage) async throws -> [String: JSON] {
    var found: [String: JSON] = [:]
    for row in try await stage.rows("cursor", "list") where row["state"]?.text != "closed" {
      found[row["resource"]?.text ?? ""] = row
    }
    return found
  }

  private func head(_ stage: Stage) async throws -> Int? {
    try await stage.rows("verify").first?["head"]?.integer
  }

  @Test func `a reset cursor announces what differs, and as a baseline nothing`() async throws {
    try await withStage { stage in
      try await stage.prepare()
      let event = try await stage.createEvent("Planning")
      try await stage.done("poll", "run", "1", Self.primary)
      let reset = try await stage.rows(
        "cursor", "reset", "1", Self.primary, "--reason", "restored from the bin")
      #expect(reset.map { $0["mode"]?.text } == ["comparison"])
      try await stage.rename(event, "Plans")
      try await stage.done("poll", "run", "1", Self.primary)
      let changes = try await stage.rows("changes")
      #expect(changes.map { $0["eventType"]?.text } == ["CREATED", "UPDATED"])

      try await stage.rename(event, "Other plans")
      try await stage.done(
        "cursor", "reset", "1", Self.primary, "--baseline", "--reason", "starting over")
      #expect(try await cursors(stage)[Self.primary]?["mode"]?.text == "baseline")
      try await stage.done("poll", "run", "1", Self.primary)
      try await stage.done("poll", "run", "1", Self.primary)
      #expect(try await stage.rows("changes").count == 2)
      let resets = try await stage.rows("events", "--type", "cursor.reset")
      #expect(
        resets.map { $0["body"]?["reason"]?.text } == ["restored from the bin", "starting over"])
      try await stage.done("rebuild", "--check")
    }
  }

  @Test(arguments: [
    (["1", "calendars/other/changed-events", "--reason", "x"], 1, "has no resource"),
    (["7", "a", "--reason", "x"], 1, "there is no instance 7"),
    (["1", UpdateTests.primary, "--reason", ""], 2, "--reason: say why"),
    (["1", UpdateTests.primary, "--reason", "a\u{1b}[2J"], 1, "control characters"),
    (["1", UpdateTests.primary], 2, "reason"),
  ])
  func `a reset that cannot be is refused and writes nothing`(
    arguments: [String], status: Int32, said: String
  ) async throws {
    try await withStage { stage in
      try await stage.prepare()
      let before = try await head(stage)
      let refused = try await stage.start(["cursor", "reset"] + arguments).end()
      #expect(refused.status == status)
      #expect(refused.errors.contains(said), "\(refused.errors)")
      #expect(try await head(stage) == before)
    }
  }

  @Test func `feeds close, open and go on as the configuration changes`() async throws {
    try await withStage { stage in
      try await stage.prepare()
      try await stage.tell("POST", "/sandbox/calendars", #"{"id":"plans@example.com"}"#)
      _ = try await stage.createEvent("Planning")
      try await stage.done("poll", "run", "1")
      let before = try await cursors(stage)
      let body = """
        {"name": "Team", "tags": ["a", "b"], "configuration": {
          "event.poller.refresh_interval": 5,
          "event.poller.configuration": {
            "\(Self.primary)": {"url": "/hubs/general/calendars/primary/changed-events",
              "idField": "id"},
            "plans": {"url": "/hubs/general/calendars/plans%40example.com/changed-events"}}}}
        """
      let updated = try await update(stage, body)
      #expect(updated.status == 0, "\(updated.errors)")
      let shown = try updated.json()
      #expect(shown["name"]?.text == "Team")
      #expect(shown["configuration"]?["event.poller.refresh_interval"]?.text == "5")
      let after = try await cursors(stage)
      #expect(Set(after.keys) == [Self.primary, "plans"])
      #expect(after[Self.primary]?["feed"] == before[Self.primary]?["feed"])
      #expect(after[Self.primary]?["cursor"] == before[Self.primary]?["cursor"])
      #expect(after["plans"]?["cursor"]?.text == nil)

      // The same key for another calendar is another feed, with a baseline of its own.
      let again = try await update(
        stage,
        """
        {"configuration":{"event.poller.configuration":{
         "plans":{"url":"/calendars/primary/changed-events"}}}}
        """
      )
      #expect(again.status == 0, "\(again.errors)")
      let last = try await cursors(stage)
      #expect(Set(last.keys) == ["plans"])
      #expect(last["plans"]?["feed"] != after["plans"]?["feed"])
      let closed = try await stage.rows("events", "--type", "feed.closed")
      let reasons = Set(closed.map { $0["body"]?["reason"]?.text ?? "" })
      #expect(reasons == ["another-collection", "not-configured"])
      try await stage.done("poll", "run", "1")
      #expect(try await stage.rows("changes").count == 1)
      try await stage.done("verify")
      try await stage.done("rebuild", "--check")
    }
  }

  @Test func `what is not watched stays off the schedule, also after a poll by hand`()
    async throws
  {
    try await withStage { stage in
      try await stage.prepare(["event.notification.enabled": false])
      #expect(try await cursors(stage)[Self.primary]?["nextAt"]?.text == nil)
      try await stage.done("cursor", "reset", "1", Self.primary, "--reason", "a look")
      try await stage.done("poll", "run", "1", Self.primary)
      #expect(try await cursors(stage)[Self.primary]?["nextAt"]?.text == nil)
      let watched = #"{"configuration":{"event.notification.enabled":true}}"#
      #expect(try await update(stage, watched).status == 0)
      #expect(try await cursors(stage)[Self.primary]?["nextAt"]?.text != nil)
    }
  }

  @Test func `a new code brings back an instance whose grant has ended`() async throws {
    try await withStage { stage in
      try await stage.prepare()
      try await stage.tell("POST", "/sandbox/expire", #"{"what":"refreshTokens"}"#)
      try await stage.tell("POST", "/sandbox/expire", #"{"what":"accessTokens"}"#)
      #expect(try await stage.daybook("poll", "run", "1").status == 5)
      let used = try await update(stage, #"{"providerData":{"code":"used"}}"#)
      #expect(used.status == 1)
      #expect(used.errors.contains("nothing was changed"), "\(used.errors)")
      let code = try await stage.tell("POST", "/sandbox/codes", "{}")["code"]?.text ?? ""
      #expect(
        try await stage.rows("notices", "--open").map { $0["kind"]?.text }
          == ["authorization-refused"])
      #expect(try await update(stage, #"{"providerData":{"code":"\#(code)"}}"#).status == 0)
      #expect(try await stage.rows("notices", "--open").isEmpty)
      #expect(try await stage.rows("instance", "list").first?["state"]?.text == "enabled")
      try await stage.done("poll", "run", "1")
    }
  }

  @Test func `what is shown may be given back, and an update of nothing is none`() async throws {
    try await withStage { stage in
      try await stage.prepare()
      let before = try await head(stage)
      let shown = try await stage.done("instance", "show", "1").output
      let given = try await update(stage, String(decoding: shown, as: UTF8.self))
      #expect(given.status == 0, "\(given.errors)")
      #expect(try await head(stage) == before)
      #expect(try await update(stage, "{}").status == 0)
      #expect(try await head(stage) == before)
    }
  }

  @Test func `a secret may be replaced and is never shown`() async throws {
    try await withStage { stage in
      try await stage.prepare()
      let canary = "canary-7e1f22c0"
      let updated = try await update(
        stage, #"{"configuration":{"event.notification.signature.key":"\#(canary)"}}"#)
      #expect(updated.status == 0, "\(updated.errors)")
      for (name, bytes) in try stage.contents() where !name.hasSuffix("update.json") {
        #expect(bytes.range(of: Data(canary.utf8)) == nil, "\(name)")
      }
      let events = try await stage.rows("events", "--type", "instance.updated")
      #expect(
        events.last?["body"]?["changed"]?.elements?.compactMap(\.text)
          == ["configuration.event.notification.signature.key"])
    }
  }

  @Test(arguments: [
    (#"{"configuration":{"event.poller.refresh_interval":0}}"#, "event.poller.refresh_interval"),
    (
      """
      {"configuration":{"event.poller.configuration":{"a":{
       "url":"/x","datesConfiguration":{"updatedDateFormat":"bogus"}}}}}
      """,
      "event.poller.configuration.a.datesConfiguration.updatedDateFormat"
    ),
    (
      #"{"configuration":{"event.poller.configuration":{"a":{"url":"/contacts?where=x"}}}}"#,
      "event.poller.configuration.a.url"
    ),
    (#"{"configuration":{"event.notification.callback.url":"ftp://x"}}"#, "callback.url"),
    (#"{"element":{"key":"other"}}"#, "element.key"), (#"{"tags":1}"#, "tags"),
    (#"{"configuration":1}"#, "configuration"), ("[", "not JSON"),
  ])
  func `a bad value is refused with its path and changes nothing`(
    body: String, path: String
  ) async throws {
    try await withStage { stage in
      try await stage.prepare()
      let before = try await head(stage)
      let refused = try await update(stage, body)
      #expect(refused.status == 1)
      #expect(refused.errors.contains(path), "\(refused.errors)")
      #expect(try await head(stage) == before)
    }
  }

  @Test func `a setting that nobody knows is kept and named in a notice`() async throws {
    try await withStage { stage in
      try await stage.prepare()
      #expect(try await update(stage, #"{"configuration":{"event.colour":"red"}}"#).status == 0)
      let notices = try await stage.rows("notices", "--open")
      #expect(notices.contains { $0["text"]?.text?.contains("event.colour") == true })
      let count = notices.count
      #expect(try await update(stage, #"{"name":"Other"}"#).status == 0)
      #expect(try await stage.rows("notices", "--open").count == count)
    }
  }

  @Test func `a calendar named by itself leaves the list, and comes back to it`() async throws {
    try await withStage { stage in
      try await stage.prepare()
      let list = "calendars/{calendarId}/changed-events"
      let both = """
        {"configuration":{"event.poller.configuration":{"\(list)":{"url":"/\(list)"}}}}
        """
      #expect(try await update(stage, both).status == 0)
      try await stage.done("poll", "run", "1")
      let all = Set(try await cursors(stage).keys)
      #expect(all.count >= 2)
      let named = #"""
        {"configuration":{"event.poller.configuration":{"\#(list)":{"url":"/\#(list)"},
         "mine":{"url":"/calendars/primary/changed-events"}}}}
        """#
      #expect(try await update(stage, named).status == 0)
      #expect(try await cursors(stage)[list]?["mode"]?.text == "comparison")
      try await stage.done("poll", "run", "1")
      let split = Set(try await cursors(stage).keys)
      #expect(split.count == all.count)
      #expect(split.contains("mine"))
      #expect(try await update(stage, both).status == 0)
      try await stage.done("poll", "run", "1")
      #expect(Set(try await cursors(stage).keys) == all)
      #expect(try await stage.rows("changes").isEmpty)
    }
  }
}
