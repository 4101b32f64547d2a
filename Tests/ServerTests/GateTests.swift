import Daybook
import Events
import Foundation
import RawJSON
import TestSupport
import Testing

@testable import Server

/// Who is let in, and what happens to everybody else.
@Suite struct GateTests {
  @Test func `nothing is told without the secrets, or with wrong ones`() async throws {
    try await ServerStage.with { stage in
      let shown = [
        nil, "User user-secret", "Organization org-secret", "User wrong, Organization org-secret",
        "User user-secret, Organization wrong", "Element wrong", "Bearer user-secret",
        "User user-secret, User user-secret", "",
      ]
      for text in shown {
        let headers = text.map { [("Authorization", $0)] } ?? []
        let reply = try await stage.ask("GET", "/daybook/v1/events", headers: headers)
        #expect(reply.status == 401, "\(text ?? "none")")
        #expect(reply.headers["elements-error"] == "unauthorized")
        let body = try JSON.parse(reply.body)
        #expect(body.members?.names == ["requestId", "message"])
        #expect(body["requestId"]?.text == reply.headers["elements-request-id"])
        #expect(body["requestId"]?.text?.count == 24)
      }
    }
  }

  @Test func `the secrets are taken in any order and case of their words`() async throws {
    try await ServerStage.with { stage in
      for text in [
        "User user-secret, Organization org-secret", "Organization org-secret, User user-secret",
        "user user-secret,organization org-secret",
      ] {
        let reply = try await stage.ask(
          "GET", "/daybook/v1/events", headers: [("authorization", text)])
        #expect(reply.status == 200, "\(text)")
      }
    }
  }

  @Test func `an element token sees its own instance and no other`() async throws {
    try await ServerStage.with { stage in
      let first = try await stage.journal.instances.create(stage.form())
      let second = try await stage.journal.instances.create(stage.form())
      let headers = [("Authorization", "User user-secret, Element \(first.token)")]
      let events = try await stage.json("GET", "/daybook/v1/events", headers: headers)
      let streams = events.elements?.compactMap { $0["stream"]?.text } ?? []
      #expect(streams.contains("instance/\(first.id)"))
      #expect(!streams.contains("instance/\(second.id)"))
      #expect(!streams.contains("journal"))
      let asked = "/daybook/v1/events?instance=\(second.id)"
      #expect(try await stage.ask("GET", asked, headers: headers).status == 404)
      let foreign = try #require(
        try await stage.json("GET", "/daybook/v1/events?instance=\(second.id)").elements?.first?[
          "position"]?.integer)
      for path in ["/daybook/v1/events/\(foreign)", "/daybook/v1/trace/\(foreign)"] {
        #expect(try await stage.ask("GET", path, headers: headers).status == 404, "\(path)")
      }
      #expect(try await stage.ask("GET", "/daybook/v1/callbacks", headers: headers).status == 403)
      for path in ["/daybook/v1/health", "/daybook/v1/metrics"] {
        #expect(try await stage.ask("GET", path, headers: headers).status == 403, "\(path)")
      }
      try await stage.journal.instances.delete(first.id, reason: "test")
      #expect(try await stage.ask("GET", "/daybook/v1/events", headers: headers).status == 401)
    }
  }

  @Test func `another name in Host gets nothing`() async throws {
    let settings = ServerSettings(
      port: 0, outsideHosts: ["daybook.example"], secrets: ServerStage.secrets, version: "test")
    try await ServerStage.with(settings) { stage in
      let path = "/daybook/v1/health"
      let own = ("Host", "127.0.0.1:\(stage.port)")
      for second in [("Host", "evil.example"), own] {
        #expect(try await stage.ask("GET", path, headers: [own, second]).status == 400)
      }
      for (host, status) in [
        ("evil.example", 421), ("127.0.0.1:1", 421), ("127.0.0.1", 421), ("", 421),
        ("daybook.example", 401), ("localhost:\(stage.port)", 200),
        ("LOCALHOST:\(stage.port)", 200),
      ] {
        let reply = try await stage.ask("GET", path, headers: [("Host", host)])
        #expect(reply.status == status, "\(host): \(reply.text)")
      }
    }
  }

  @Test func `a proxy on this machine is no neighbour`() async throws {
    let settings = ServerSettings(
      port: 0, outsideHosts: ["daybook.example"], secrets: ServerStage.secrets, version: "test")
    try await ServerStage.with(settings) { stage in
      let path = "/daybook/v1/health"
      let direct = try await stage.ask("GET", path, headers: [])
      #expect(direct.status == 200)
      for header in [
        ("Host", "daybook.example"), ("X-Forwarded-For", "203.0.113.7"),
        ("Forwarded", "for=203.0.113.7"), ("Via", "1.1 proxy"),
      ] {
        #expect(try await stage.ask("GET", path, headers: [header]).status == 401, "\(header)")
        let shown = ServerStage.owner + [header]
        #expect(try await stage.ask("GET", path, headers: shown).status == 200, "\(header)")
      }
    }
  }

  @Test func `what is not there says what is`() async throws {
    try await ServerStage.with { stage in
      let missing = try await stage.ask("GET", "/daybook/v1/nothing")
      #expect(missing.status == 404)
      let method = try await stage.ask("DELETE", "/daybook/v1/events")
      #expect(method.status == 405)
      #expect(method.headers["allow"] == "GET")
      let filter = try await stage.ask("GET", "/daybook/v1/events?typ=poll.completed")
      #expect(filter.status == 400)
      #expect(filter.text.contains("typ: there is no such parameter here; there are type,"))
      #expect(try await stage.ask("GET", "/daybook/v1/events?type=nothing").status == 400)
      #expect(try await stage.ask("GET", "/daybook/v1/events?limit=-1").status == 400)
      #expect(try await stage.ask("GET", "/daybook/v1/events?since=soon").status == 400)
      #expect(try await stage.ask("GET", "/daybook/v1/events?at=900").status == 404)
      #expect(try await stage.ask("GET", "/daybook/v1/events/900").status == 404)
      #expect(try await stage.ask("GET", "/daybook/v1/events/%FF").status == 400)
      let accept = ServerStage.owner + [("Accept", "text/html")]
      #expect(try await stage.ask("GET", "/daybook/v1/events", headers: accept).status == 406)
    }
  }

  @Test func `a client that sends garbage or goes away is in nobody's way`() async throws {
    try await ServerStage.with { stage in
      let silent = try (0..<50).map { _ in try RawClient(port: stage.port) }
      for (place, wire) in silent.enumerated() {
        switch place % 4 {
        case 0: wire.send("GET /daybook/v1/health HTTP/1.1\r\nHost: ")
        case 1: wire.send([0, 255, 13, 10, 13, 10, 7])
        case 2: wire.reset()
        default: break
        }
      }
      for _ in 0..<20 {
        #expect(try await stage.ask("GET", "/daybook/v1/health", headers: []).status == 200)
      }
      withExtendedLifetime(silent) {}
    }
  }

  @Test func `a trace shows a token nothing of what is not its instance's`() async throws {
    try await ServerStage.with { stage in
      let created = try await stage.journal.instances.create(stage.form())
      _ = try await stage.journal.polls.run(.instance(created.id))
      try await stage.tell(
        "POST", "/sandbox/calendars/primary/events",
        #"{"summary":"Planning","start":{"dateTime":"2026-12-07T09:00:00Z"},"#
          + #""end":{"dateTime":"2026-12-07T10:00:00Z"}}"#)
      _ = try await stage.journal.polls.run(.instance(created.id))
      try await stage.journal.deliveries.deliver()
      let other = "http://127.0.0.1:\(stage.google)/receiver/other"
      let replay = try await stage.journal.replays.send(to: other)["replay"]?.integer ?? 0
      let sent = try #require(
        try await stage.json("GET", "/daybook/v1/events?type=delivery.requested&after=\(replay)")
          .elements?.first?["position"]?.integer)
      let path = "/daybook/v1/trace/\(sent)"
      #expect(try await stage.ask("GET", path).text.contains("replay.requested"))
      let token = [("Authorization", "Element \(created.token)")]
      let seen = try await stage.ask("GET", path, headers: token)
      #expect(seen.status == 200)
      #expect(seen.text.contains("delivery.requested"))
      #expect(!seen.text.contains("replay.requested"))
      let again = try await stage.ask(
        "POST", "/daybook/v1/deliveries/\(sent)/redeliver", "{}", headers: token)
      #expect(again.status == 404)
    }
  }

  @Test func `a head alone can be asked for, and a body that breaks off is no fault of ours`()
    async throws
  {
    try await ServerStage.with { stage in
      let head = try await stage.ask("HEAD", "/daybook/v1/events")
      #expect(head.status == 200)
      #expect(head.body.isEmpty)
      // Nobody knows the length of what is written piece by piece; other answers have theirs.
      #expect(head.headers["content-length"] == nil && head.headers["transfer-encoding"] == nil)
      for path in ["/daybook/v1/version", "/nowhere", "/daybook/v1/trace/999"] {
        let whole = try await stage.ask("GET", path)
        let head = try await stage.ask("HEAD", path)
        #expect(head.status == whole.status && head.body.isEmpty, "\(path)")
        #expect(Int(head.headers["content-length"] ?? "").map { $0 > 0 } == true, "\(path)")
      }
      let twice = try RawClient(port: stage.port)
      let start = " /daybook/v1/events HTTP/1.1\r\nHost: 127.0.0.1:\(stage.port)\r\n"
      let own = "Authorization: \(ServerStage.owner[0].1)\r\n"
      twice.send("HEAD\(start)\(own)\r\nGET\(start)\(own)Connection: close\r\n\r\n")
      let both = String(decoding: await twice.whole(), as: UTF8.self)
      #expect(both.ranges(of: "HTTP/1.1 200 OK\r\n").count == 2)
      #expect(both.ranges(of: "journal.created").count == 1)
      let client = try RawClient(port: stage.port)
      client.send(
        "POST /daybook/v1/polls HTTP/1.1\r\nHost: 127.0.0.1:\(stage.port)\r\n"
          + "Authorization: \(ServerStage.owner[0].1)\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
      #expect(RawReply(await client.whole())?.status == 400)
    }
  }

  @Test func `a stranger's body has a bound of its own`() async throws {
    try await ServerStage.with { stage in
      let body = "{\"apiKey\":\"\(String(repeating: "x", count: 70 << 10))\"}"
      let path = "/elements/api-v2/elements/googlesuite/oauth/url"
      let refused = try await stage.ask("POST", path, body, headers: [])
      #expect(refused.status == 413)
    }
  }

  @Test func `strangers whose bodies do not come leave room for others`() async throws {
    try await ServerStage.with { stage in
      let path = "/elements/api-v2/elements/googlesuite/oauth/url"
      let slow = try (0..<ServerLimits.strangersBodiesMax).map { _ in
        let wire = try RawClient(port: stage.port)
        wire.send(
          "POST \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(stage.port)\r\nContent-Length: 9\r\n\r\n")
        return wire
      }
      // Until all of them wait for their bodies.
      while try await stage.ask("POST", path, "{}", headers: []).status != 429 {}
      #expect(try await stage.ask("GET", "/daybook/v1/events").status == 200)
      #expect(try await stage.ask("GET", "/oauth/callback?state=x", headers: []).status == 400)
      withExtendedLifetime(slow) {}
    }
  }

  @Test func `a head that is too long is refused, and the connection closed`() async throws {
    try await ServerStage.with { stage in
      let wire = try RawClient(port: stage.port)
      wire.send("GET /daybook/v1/health HTTP/1.1\r\nHost: 127.0.0.1:\(stage.port)\r\n")
      for _ in 0..<64 { wire.send("X: \(String(repeating: "x", count: 1_024))\r\n") }
      let reply = RawReply(await wire.whole())
      #expect(reply == nil || reply?.status == 431)
    }
  }
}
