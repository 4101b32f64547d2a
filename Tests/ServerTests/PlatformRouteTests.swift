import Daybook
import Events
import Foundation
import RawJSON
import TestSupport
import Testing

@testable import Server

/// The platform’s API over real sockets.
@Suite struct PlatformRouteTests {
  private static let base = "/elements/api-v2"

  /// An instance made by the API, and the headers of its token alone.
  private static func created(
    _ stage: ServerStage
  ) async throws -> (id: Int, token: [(String, String)]) {
    let object = try await stage.json("POST", "\(base)/instances", try await stage.form())
    let id = try #require(object["id"]?.integer)
    let token = try #require(object["token"]?.text)
    return (id, [("Authorization", "Element \(token)")])
  }

  private static let event =
    #"{"summary":"Planning","start":{"dateTime":"2026-12-07T09:00:00Z"},"#
    + #""end":{"dateTime":"2026-12-07T10:00:00Z"}}"#

  @Test func `an instance is made, found, changed and ended, by its id and by its token`()
    async throws
  {
    try await ServerStage.with { stage in
      let base = Self.base
      let (id, token) = try await Self.created(stage)
      let whole = try await stage.json("GET", "\(base)/instances/\(id)")
      #expect(whole["token"]?.text == "********" && whole["name"]?.text == "Team")
      #expect(try await stage.json("GET", "\(base)/instances", headers: token) == whole)
      let list = try await stage.ask("GET", "\(base)/instances?tags[]=Docs&searchText=tea")
      #expect(list.status == 200 && list.headers["elements-total-count"] == "1")
      #expect(try JSON.parse(list.body).elements == [whole])
      #expect(try await stage.ask("GET", "\(base)/instances?searchText=none").status == 404)
      let patched = try await stage.json(
        "PATCH", "\(base)/instances", #"{"name":"<b>Crew</b>"}"#, headers: token)
      #expect(patched["name"]?.text == "Crew" && patched["providerData"] == nil)
      let put = try await stage.json("PUT", "\(base)/instances/\(id)", #"{"tags":["x"]}"#)
      #expect(put["tags"] == ["x"] && put["name"]?.text == "Crew")
      #expect(
        try await stage.ask("DELETE", "\(base)/instances/enabled", headers: token).status == 200)
      let disabled = try await stage.json("GET", "\(base)/instances/\(id)")
      #expect(disabled["disabled"]?.flag == true)
      let read = "\(base)/hubs/general/calendar-list"
      #expect(try await stage.ask("GET", read, headers: token).status == 403)
      #expect(try await stage.ask("PUT", "\(base)/instances/\(id)/enabled").status == 200)
      #expect(try await stage.ask("GET", read, headers: token).status == 200)
      let count = try await stage.json("GET", "\(base)/instances/count")
      #expect(count["totalInstances"]?.integer == 1)
      #expect(try await stage.ask("DELETE", "\(base)/instances", headers: token).status == 200)
      #expect(try await stage.ask("GET", "\(base)/instances/\(id)").status == 404)
      #expect(try await stage.ask("GET", "\(base)/instances", headers: token).status == 401)
      #expect(try await stage.json("GET", "\(base)/instances").elements?.isEmpty == true)
    }
  }

  @Test func `a request with a key makes one instance`() async throws {
    try await ServerStage.with { stage in
      let headers = ServerStage.owner + [("Idempotency-Key", "a-1")]
      let form = try await stage.form()
      let first = try await stage.json("POST", "\(Self.base)/instances", form, headers: headers)
      let again = try await stage.json("POST", "\(Self.base)/instances", form, headers: headers)
      #expect(first == again)
      #expect(try await stage.json("GET", "\(Self.base)/instances").elements?.count == 1)
      let other = form.replacing("\"Team\"", with: "\"Crew\"")
      let refused = try await stage.ask("POST", "\(Self.base)/instances", other, headers: headers)
      #expect(refused.status == 422 && refused.headers["elements-error"] == "keyReused")
      let blanks = try await stage.json(
        "POST", "\(Self.base)/instances", form + "\n", headers: headers)
      #expect(blanks == first)
      #expect(try await stage.json("GET", "\(Self.base)/instances").elements?.count == 1)
    }
  }

  @Test func `every list says how long it is`() async throws {
    try await ServerStage.with { stage in
      let (id, token) = try await Self.created(stage)
      let own = ["/instances/configuration", "/instances/event-poller-records"]
      let all = [
        "/instances", "/instances/polling-disabled", "/elements/googlesuite/instances",
        "/instances/\(id)/configuration", "/instances/\(id)/event-poller-records",
        "/instances/events", "/instances/\(id)/events", "/instances/events/dispositions",
        "/instances/events/analytics", "/instances/events/analytics/instances",
        "/instances/events/analytics/accounts", "/notifications/subscriptions",
        "/notifications/subscriptions/deliveries",
      ]
      for (paths, headers) in [(all, ServerStage.owner), (own, token)] {
        for path in paths {
          let reply = try await stage.ask("GET", Self.base + path, headers: headers)
          let count = try JSON.parse(reply.body).elements?.count
          #expect(reply.headers["elements-returned-count"] == count.map { "\($0)" }, "\(path)")
        }
      }
    }
  }

  @Test func `what only a token can say is 401 without one, everywhere`() async throws {
    try await ServerStage.with { stage in
      for (method, path) in [
        ("GET", "/instances/configuration"), ("GET", "/instances/event-poller-records"),
        ("GET", "/instances/docs"), ("PUT", "/instances/enabled"), ("DELETE", "/instances"),
        ("PATCH", "/instances"), ("GET", "/hubs/general/contacts"),
        ("GET", "/hubs/general/profile"),
      ] {
        let body = method == "PATCH" ? "{}" : nil
        let reply = try await stage.ask(method, Self.base + path, body)
        #expect(reply.status == 401, "\(method) \(path)")
        #expect(reply.text.contains("an Element token has to say which instance is meant"))
      }
    }
  }

  @Test func `notifications are listed by topic, page by page`() async throws {
    try await ServerStage.with { stage in
      let (id, token) = try await Self.created(stage)
      _ = try await stage.journal.polls.run(.instance(Int64(id)))
      for _ in 0..<3 {
        try await stage.tell("POST", "/sandbox/calendars/primary/events", Self.event)
        _ = try await stage.journal.polls.run(.instance(Int64(id)))
      }
      try await stage.journal.deliveries.deliver()
      let path = "\(Self.base)/notifications"
      let own = "\(path)?topics[]=instance-\(id)-googlesuite-events"
      var seen: [String] = []
      var next = ""
      repeat {
        let reply = try await stage.ask("GET", "\(own)&pageSize=2\(next)")
        try #require(reply.status == 200, "\(reply.text)")
        let page = try JSON.parse(reply.body).elements ?? []
        for object in page {
          #expect(object["topic"]?.text == "instance-\(id)-googlesuite-events")
          #expect(object["message"]?["instanceId"] != nil)
          seen.append(object["id"]?.text ?? "")
        }
        next = reply.headers["elements-next-page-token"].map { "&nextPage=\($0)" } ?? ""
      } while !next.isEmpty
      let deliveries =
        try await stage.json("GET", "\(path)/subscriptions/deliveries").elements ?? []
      #expect(seen.count == 3 && seen == deliveries.compactMap { $0["notificationId"]?.text })
      #expect(try await stage.json("GET", own, headers: token).elements?.count == 3)
      for topic in ["instance-99-googlesuite-events", "formula", "instance-1-other-events"] {
        #expect(try await stage.json("GET", "\(path)?topics[]=\(topic)") == [])
      }
      #expect(try await stage.ask("GET", path).status == 400)
    }
  }

  @Test func `instances that come together are all made`() async throws {
    try await ServerStage.with { stage in
      let replies = try await withThrowingTaskGroup(of: RawReply.self) { group in
        for _ in 0..<64 {
          group.addTask {
            try await stage.ask("POST", "\(Self.base)/instances", try await stage.form())
          }
        }
        var replies: [RawReply] = []
        for try await reply in group { replies.append(reply) }
        return replies
      }
      #expect(replies.allSatisfy { $0.status == 200 }, "\(replies.map(\.status))")
      let count = try await stage.json("GET", "\(Self.base)/instances/count")
      #expect(count["totalInstances"]?.integer == 64)
    }
  }

  @Test func `a notification is acknowledged once, by whoever may see it`() async throws {
    try await ServerStage.with { stage in
      let (id, token) = try await Self.created(stage)
      let (_, stranger) = try await Self.created(stage)
      _ = try await stage.journal.polls.run(.instance(Int64(id)))
      let hook = "http://127.0.0.1:\(stage.google)/receiver/hook"
      try await stage.journal.callbacks.disable(hook, reason: "busy")
      try await stage.tell("POST", "/sandbox/calendars/primary/events", Self.event)
      _ = try await stage.journal.polls.run(.instance(Int64(id)))
      let path = "\(Self.base)/notifications"
      let list = "\(path)?topics[]=instance-\(id)-googlesuite-events"
      var listed: JSON?
      for _ in 0..<10_000 where listed == nil {
        listed = try await stage.json("GET", list).elements?.first
      }
      let before = try #require(listed)
      #expect(before["acknowledged"]?.flag == false)
      let number = try #require(before["id"]?.text)
      let one = "\(path)/\(number)/acknowledge"
      let foreign = try await stage.ask("PUT", one, headers: stranger)
      #expect(foreign.status == 404 && foreign.text.contains("there is no notification"))
      for other in ["0", "x", "delivery%2F1", "\(number)%2Freplay%2F1"] {
        #expect(try await stage.ask("PUT", "\(path)/\(other)/acknowledge").status == 404)
      }
      let said = try await stage.json("PUT", one, headers: token)
      #expect(said["acknowledged"]?.flag == true && said["message"] == before["message"])
      #expect(try await stage.json("PUT", one) == said)
      #expect(try await stage.json("GET", list).elements == [said])
      let events = try await stage.json(
        "GET", "/daybook/v1/events?type=notification.acknowledged")
      let event = try #require(events.elements?.first)
      #expect(events.elements?.count == 1)
      #expect(event["stream"]?.text == "notification/\(number)")
      #expect(event["body"]?["asked_by"]?.text == "HTTP")
      let asked = try #require(event["cause"]?.integer)
      let cause = try await stage.json("GET", "/daybook/v1/events/\(asked)")
      #expect(cause["type"]?.text == "delivery.requested")
      // It is sent all the same.
      try await stage.journal.callbacks.enable(hook, reason: "ready")
      try await stage.journal.deliveries.deliver()
      let taken = "\(path)/subscriptions/deliveries?where=status='delivered'"
      var sent: Set<String> = []
      for _ in 0..<10_000 where !sent.contains(number) {
        let rows = try await stage.json("GET", taken).elements ?? []
        sent = Set(rows.compactMap { $0["notificationId"]?.text })
      }
      #expect(sent.contains(number))
    }
  }

  @Test func `a delivery that ended unsent is shown as skipped`() async throws {
    try await ServerStage.with { stage in
      let (id, _) = try await Self.created(stage)
      _ = try await stage.journal.polls.run(.instance(Int64(id)))
      let hook = "http://127.0.0.1:\(stage.google)/receiver/hook"
      try await stage.journal.callbacks.disable(hook, reason: "busy")
      try await stage.tell("POST", "/sandbox/calendars/primary/events", Self.event)
      _ = try await stage.journal.polls.run(.instance(Int64(id)))
      let path = "\(Self.base)/notifications/subscriptions/deliveries"
      var statuses: [String?] = []
      for _ in 0..<10_000 where statuses != ["queued"] {
        let rows = try await stage.json("GET", path).elements ?? []
        statuses = rows.map { $0["status"]?.text }
      }
      try await stage.journal.instances.delete(Int64(id), reason: "moved")
      let rows = try await stage.json("GET", path)
      #expect(rows.elements?.map { $0["status"]?.text } == ["skipped"])
      #expect(try await stage.json("GET", path + "?where=status='skipped'") == rows)
      #expect(try await stage.json("GET", path + "?where=status='created'") == [])
    }
  }

  @Test func `the element has its instances and its consent`() async throws {
    try await ServerStage.with { stage in
      let path = "\(Self.base)/elements/googlesuite"
      guard case .object(var members) = try JSON.parse(Array(try await stage.form().utf8)) else {
        return
      }
      members["element"] = nil
      let body = String(decoding: JSON.object(members).bytes(), as: UTF8.self)
      let object = try await stage.json("POST", "\(path)/instances", body)
      let id = try #require(object["id"]?.integer)
      #expect(try await stage.json("GET", "\(path)/instances/\(id)")["id"] == object["id"])
      #expect(
        try await stage.json("GET", "\(Self.base)/elements/1/instances").elements?.count == 1)
      #expect(try await stage.ask("GET", "\(Self.base)/elements/other/instances").status == 404)
      let query = "apiKey=c&apiSecret=s&callbackUrl=https%3A%2F%2Fa.example%2Foauth"
      let asked = try await stage.json("GET", "\(path)/oauth/url?\(query)", headers: [])
      #expect(asked["element"]?.text == "googlesuite")
      #expect(asked["oauthUrl"]?.text?.contains("state=googlesuite") == true)
      let posted = try await stage.json(
        "POST", "\(path)/oauth/url", #"{"apiKey":"c","callbackUrl":"https://a.example/oauth"}"#,
        headers: [])
      #expect(posted == asked)
      #expect(try await stage.ask("GET", "\(path)/oauth/url", headers: []).status == 400)
    }
  }

  @Test func `what was delivered is found again as records, counts and deliveries`() async throws {
    try await ServerStage.with { stage in
      let base = Self.base
      let (id, token) = try await Self.created(stage)
      _ = try await stage.journal.polls.run(.instance(Int64(id)))
      try await stage.tell("POST", "/sandbox/calendars/primary/events", Self.event)
      _ = try await stage.journal.polls.run(.instance(Int64(id)))
      try await stage.journal.deliveries.deliver()
      let records = try await stage.json("GET", "\(base)/instances/events", headers: token)
      let record = try #require(records.elements?.first)
      #expect(records.elements?.count == 1 && record["status"]?.text == "NOTIFIED")
      let event = try #require(record["id"]?.text)
      for path in ["/instances/\(id)/events/\(event)", "/instances/events/\(event)"] {
        #expect(try await stage.json("GET", base + path) == record)
      }
      #expect(try await stage.ask("GET", "\(base)/instances/events/none").status == 404)
      let counts = try await stage.json(
        "GET", "\(base)/instances/events/analytics/instances?from=-1h&interval=minute")
      #expect(counts.elements?.count == 61)
      #expect(counts.elements?.compactMap { $0["total"]?.integer }.reduce(0, +) == 1)
      let analytics = "\(base)/instances/events/analytics"
      let refused = [
        "?from=2026-11-23&to=2026-11-22": 400, "?interval=second": 400,
        "/accounts?accountIds%5B%5D=9": 403,
      ]
      for (query, status) in refused {
        let reply = try await stage.ask("GET", analytics + query)
        #expect(reply.status == status, "\(query)")
        let names = try JSON.parse(reply.body).members?.names
        #expect(names == ["requestId", "message"])
      }
      let dispositions = try await stage.json("GET", "\(base)/instances/events/dispositions")
      #expect(dispositions.elements?.first?["eventId"]?.text == event)
      let subscriptions = "\(base)/notifications/subscriptions"
      let own = try await stage.json("GET", subscriptions, headers: token)
      #expect(own == (try await stage.json("GET", subscriptions)))
      #expect(own.elements?.first == (try await stage.json("GET", "\(subscriptions)/\(id)")))
      let delivered = "where=channel%3D'webhook'%20and%20status%3D'delivered'"
      let deliveries = try await stage.json(
        "GET", "\(subscriptions)/deliveries?\(delivered)&hydrate=true", headers: token)
      #expect(deliveries.elements?.first?["notification"]?["message"]?["eventId"]?.text == event)
      let queued = "where=channel='webhook'+and+status='queued'"
      let released = try await stage.json("PUT", "\(subscriptions)/deliveries?\(queued)")
      #expect(released["released"]?.integer == 0)
      let pollers = try await stage.json(
        "GET", "\(base)/instances/event-poller-records", headers: token)
      #expect(pollers.elements?.first?["objectName"]?.text == "calendars/primary/changed-events")
      #expect(try await stage.json("GET", "\(base)/instances/polling-disabled") == [])
    }
  }

  @Test func `settings are rows, by their ids and keys`() async throws {
    try await ServerStage.with { stage in
      let (id, token) = try await Self.created(stage)
      let path = "\(Self.base)/instances/configuration"
      let rows = try await stage.json("GET", path, headers: token)
      #expect(rows == (try await stage.json("GET", "\(Self.base)/instances/\(id)/configuration")))
      let row = try await stage.json(
        "PATCH", "\(path)/event.poller.refresh_interval", #"{"propertyValue":"3"}"#,
        headers: token)
      #expect(row["propertyValue"]?.text == "3")
      #expect(try await stage.json("GET", "\(path)/10", headers: token) == row)
      #expect(try await stage.ask("GET", "\(path)/4711", headers: token).status == 404)
      #expect(try await stage.ask("GET", path).status == 401)
    }
  }

  @Test func `resources are read under any hub by the token's instance`() async throws {
    try await ServerStage.with { stage in
      let (id, token) = try await Self.created(stage)
      for _ in 0..<3 {
        try await stage.tell("POST", "/sandbox/calendars/primary/events", Self.event)
      }
      let path =
        "\(Self.base)/hubs/nonsense/calendars/primary/events?pageSize=2&where=q%3D'planning'"
      let first = try await stage.ask("GET", path, headers: token)
      #expect(first.status == 200 && first.headers["elements-returned-count"] == "2")
      #expect(first.headers["elements-element-instance-id"] == "\(id)")
      let next = try #require(first.headers["elements-next-page-token"])
      let second = try await stage.ask("GET", "\(path)&nextPage=\(next)", headers: token)
      #expect(second.headers["elements-returned-count"] == "1")
      #expect(second.headers["elements-next-page-token"] == nil)
      #expect(try await stage.ask("GET", path).status == 401)
      let bare = try await stage.ask(
        "GET", "\(Self.base)/calendars/primary/events", headers: token)
      #expect(bare.status == 200 && bare.headers["elements-returned-count"] == "3")
      #expect(
        try await stage.json("GET", "\(Self.base)/groups/myContacts", headers: token) != .null)
      let missing = "\(Self.base)/hubs/general/calendars/primary/events/none"
      #expect(try await stage.ask("GET", missing, headers: token).status == 404)
      let primary = "\(Self.base)/hubs/general/calendar-list/primary"
      #expect(try await stage.json("GET", primary, headers: token)["primary"]?.flag == true)
      for unusable in [
        "changed-groups?where=q='x'", "calendars/primary/changed-events?where=q='x'",
        "calendars/primary/events?where=q", "calendars/primary/events?where=key='x'",
        "contacts?where=x='y'and", "calendars/primary?where=q='x'", "profile?where=q='x'",
        "groups/myContacts?where=q='x'", "changed-messages?q=x",
      ] {
        let path = "\(Self.base)/hubs/general/\(unusable)"
        let reply = try await stage.ask("GET", path, headers: token)
        #expect(reply.status == 400, "\(unusable): \(reply.status) \(reply.text)")
      }
      let documents = try await stage.json("GET", "\(Self.base)/instances/docs", headers: token)
      #expect(documents["openapi"]?.text == "3.1.1")
    }
  }

  @Test func `a token reaches nothing of another instance`() async throws {
    try await ServerStage.with { stage in
      let (first, _) = try await Self.created(stage)
      let (_, token) = try await Self.created(stage)
      for path in [
        "/instances/\(first)", "/instances/\(first)/events", "/instances/\(first)/configuration",
        "/notifications/subscriptions/\(first)", "/instances/\(first)/event-poller-records",
      ] {
        #expect(
          try await stage.ask("GET", Self.base + path, headers: token).status == 404, "\(path)")
      }
      for path in ["/instances/count", "/instances/polling-disabled"] {
        #expect(
          try await stage.ask("GET", Self.base + path, headers: token).status == 403, "\(path)")
      }
      let base = "\(Self.base)/notifications/subscriptions/deliveries?where=subscriptionId="
      for id in [1, 2] {
        let found = try await stage.json("GET", base + "'\(id)'", headers: token)
        #expect(found.elements?.isEmpty == true, "\(id)")
      }
    }
  }
}
