import Daybook
import Foundation
import RawJSON
import TestSupport
import Testing

@testable import Server

/// The log as server-sent events.
@Suite struct StreamTests {
  @Test func `a stream goes on where the client was, without gap or repetition`() async throws {
    try await ServerStage.with { stage in
      let created = try await stage.journal.instances.create(stage.form())
      var got: [Int] = []
      for round in 0..<6 {
        let place = got.last.map { [("Last-Event-ID", "\($0)")] } ?? []
        let stream = try stage.stream("after=0", headers: ServerStage.owner + place)
        try await stage.journal.instances.disable(created.id, reason: "\(round)")
        let seen = got.count
        let more = await stream.events { $0.count > (round + 1) * 2 - seen }
        got += more.compactMap(\.id)
        #expect(more.allSatisfy { $0.id == $0.data["position"]?.integer })
        stream.wire.reset()
        try await stage.journal.instances.enable(created.id, reason: "\(round)")
      }
      #expect(got.count > 12)
      #expect(got == Array(1...got.count))
    }
  }

  @Test func `a stream begins at the head, and says where that is`() async throws {
    try await ServerStage.with { stage in
      let created = try await stage.journal.instances.create(stage.form())
      let stream = try stage.stream("type=instance.disabled")
      let head = try #require(await stream.place())
      try await stage.journal.instances.disable(created.id, reason: "now")
      let event = try #require(await stream.events { !$0.isEmpty }.first)
      #expect(event.data["type"]?.text == "instance.disabled")
      #expect((event.id ?? 0) > head)
    }
  }

  @Test func `an element token streams its own instance alone`() async throws {
    try await ServerStage.with { stage in
      let first = try await stage.journal.instances.create(stage.form())
      let second = try await stage.journal.instances.create(stage.form())
      let token = [("Authorization", "Element \(first.token)")]
      let stream = try stage.stream("after=0&type=instance.disabled", headers: token)
      try await stage.journal.instances.disable(second.id, reason: "not for it")
      try await stage.journal.instances.disable(first.id, reason: "for it")
      let events = await stream.events { !$0.isEmpty }
      #expect(events.map { $0.data["stream"]?.text } == ["instance/\(first.id)"])
      let foreign = "/daybook/v1/events/stream?instance=\(second.id)"
      #expect(try await stage.ask("GET", foreign, headers: token).status == 404)
    }
  }

  @Test func `a stream ends with an event that says so when the server stops`() async throws {
    let (waiting, came) = AsyncStream<EventReader>.makeStream()
    try await ServerStage.with { stage in
      for query in ["after=0", "type=replay.stopped"] {
        let stream = try stage.stream(query)
        _ = try #require(await stream.place())
        came.yield(stream)
      }
      came.finish()
    }
    for await stream in waiting {
      let last = await stream.events { $0.last?.name == "end" }.last
      #expect(last?.name == "end")
      #expect(last?.data["reason"]?.text == "the server stops")
      #expect(last?.data["position"]?.integer == last?.id)
    }
  }

  private static let lost = "the secrets are good no longer"

  @Test func `a stream ends with its instance`() async throws {
    try await ServerStage.with { stage in
      let created = try await stage.journal.instances.create(stage.form())
      let token = [("Authorization", "Element \(created.token)")]
      let streams = try ["after=0", "type=replay.stopped"].map {
        try stage.stream($0, headers: token)
      }
      for stream in streams { _ = try #require(await stream.place()) }
      try await stage.journal.instances.delete(created.id, reason: "moved")
      for stream in streams {
        let last = await stream.events { $0.last?.name == "end" }.last
        #expect(last?.data["reason"]?.text == Self.lost)
      }
    }
  }

  @Test func `a stream ends with the secret that was shown for it, which is taken no more`()
    async throws
  {
    let settings = ServerSettings(
      port: 0, secrets: [.organization: "org-secret"], version: "test")
    try await ServerStage.with(settings) { stage in
      let user = try await stage.journal.clients.rotate(.user)
      let headers = [("Authorization", "User \(user), Organization org-secret")]
      // The server learns of it before long.
      var status = 401
      for _ in 0..<10_000 where status == 401 {
        status = try await stage.ask("GET", "/daybook/v1/head", headers: headers).status
      }
      try #require(status == 200)
      let stream = try stage.stream("after=0", headers: headers)
      _ = try #require(await stream.place())
      _ = try await stage.journal.clients.rotate(.user)
      let last = await stream.events { $0.last?.name == "end" }.last
      #expect(last?.data["reason"]?.text == Self.lost)
      #expect(try await stage.ask("GET", "/daybook/v1/head", headers: headers).status == 401)
    }
  }

  @Test func `what cannot be streamed is refused before it begins`() async throws {
    try await ServerStage.with { stage in
      let place = ServerStage.owner + [("Last-Event-ID", "x")]
      let accept = ServerStage.owner + [("Accept", "application/json")]
      for (query, headers, status) in [
        ("?after=900", ServerStage.owner, 404), ("?limit=1", ServerStage.owner, 400),
        ("?type=nothing", ServerStage.owner, 400), ("", place, 400), ("", accept, 406),
        ("", [], 401),
      ] {
        let path = "/daybook/v1/events/stream" + query
        let reply = try await stage.ask("GET", path, headers: headers)
        #expect(reply.status == status, "\(query): \(reply.text)")
      }
    }
  }

  @Test func `a stream in which nothing happens shows that it lives`() async throws {
    var settings = ServerSettings(port: 0, secrets: ServerStage.secrets, version: "test")
    settings.silence = .milliseconds(200)
    try await ServerStage.with(settings) { stage in
      let stream = try stage.stream("type=replay.stopped&after=0")
      let text = await stream.text { $0.contains("\n\n:\nid: ") }
      // It begins at 0, and moves on past what the filter left out.
      #expect(text.hasPrefix("retry: 2000\nid: 0\n\n:\nid: "))
      #expect(!text.contains("data:"))
    }
  }

  @Test func `there are so many streams, and those of clients that went away are none`()
    async throws
  {
    var settings = ServerSettings(port: 0, secrets: ServerStage.secrets, version: "test")
    settings.streamsMax = 20
    try await ServerStage.with(settings) { stage in
      for _ in 0..<10 {
        var open: [EventReader] = []
        while open.count < 20 {
          let stream = try stage.stream("after=0")
          // Those before are on their way out.
          if await stream.place() != nil { open.append(stream) }
        }
        let refused = try await stage.ask("GET", "/daybook/v1/events/stream")
        #expect(refused.status == 429)
        #expect(refused.headers["retry-after"] == "5")
        for stream in open { stream.wire.reset() }
      }
    }
  }
}

extension ServerStage {
  /// Follows the log.
  func stream(
    _ query: String, headers: [(String, String)] = ServerStage.owner
  ) throws -> EventReader {
    let wire = try RawClient(port: port)
    let lines = headers.map { "\($0.0): \($0.1)\r\n" }.joined()
    wire.send(
      "GET /daybook/v1/events/stream?\(query) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n\(lines)\r\n")
    return EventReader(wire: wire)
  }
}

/// The client’s end of a stream.
actor EventReader {
  struct Event: Sendable {
    var name = ""
    var id: Int?
    var data = JSON.null
  }

  nonisolated let wire: RawClient
  private var bytes: [UInt8] = []

  init(wire: RawClient) { self.wire = wire }

  /// Everything that came, once it is enough; what there is where the other side closes before.
  func text(until isEnough: @Sendable (String) -> Bool) async -> String {
    while true {
      let reply = RawReply(bytes)
      let text = reply?.text ?? ""
      if isEnough(text) || reply.map({ $0.status != 200 }) == true { return text }
      let more = await wire.nextPiece()
      if more.isEmpty { return text }
      bytes += more
    }
  }

  /// Whole events, once they are enough.
  func events(until isEnough: @Sendable ([Event]) -> Bool) async -> [Event] {
    Self.events(in: await text { isEnough(Self.events(in: $0)) })
  }

  /// The position that the stream begins with; nil where it is refused.
  func place() async -> Int? {
    let text = await text { $0.contains("\n\n") }
    guard text.hasPrefix("retry: 2000\nid: ") else { return nil }
    return Int(text.dropFirst(16).prefix { $0.isNumber })
  }

  private static func events(in text: String) -> [Event] {
    var events: [Event] = []
    var blocks = text.split(separator: "\n\n", omittingEmptySubsequences: false)
    // The last one is not whole.
    blocks.removeLast()
    for block in blocks {
      var event = Event()
      for line in block.split(separator: "\n") {
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let value = parts[1].drop { $0 == " " }
        switch parts[0] {
        case "event": event.name = String(value)
        case "id": event.id = Int(value)
        case "data": event.data = (try? JSON.parse(Array(value.utf8))) ?? .null
        default: break
        }
      }
      if event.data != .null { events.append(event) }
    }
    return events
  }
}
