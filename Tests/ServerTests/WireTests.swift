import Foundation
import RawJSON
import TestSupport
import Testing

@testable import Server

/// What HTTP itself asks of a server, below every route.
@Suite struct WireTests {
  private static let owner = "Authorization: \(ServerStage.owner[0].1)\r\n"
  private static let body = #"{"all":true}"#

  private static func head(
    _ stage: ServerStage, _ line: String, _ more: String = owner
  ) -> String { "\(line)\r\nHost: 127.0.0.1:\(stage.port)\r\n\(more)" }

  @Test(arguments: ["abc", "abc\r\n\r\ngarbage"])
  func `a body that is cut after its refusal ends that connection alone`(body: String) async throws
  {
    try await ServerStage.with { stage in
      for _ in 0..<20 {
        let client = try RawClient(port: stage.port)
        client.send(
          "POST /daybook/v1/sql HTTP/1.1\r\nHost: 127.0.0.1:\(stage.port)\r\n"
            + "Content-Length: 50\r\n\r\n\(body)")
        let answer = String(decoding: await client.nextPiece(), as: UTF8.self)
        #expect(answer.hasPrefix("HTTP/1.1 401"))
        client.finish()
        _ = await client.whole()
      }
      #expect(try await stage.ask("GET", "/daybook/v1/health").status == 200)
    }
  }

  @Test func `a body that waits for 100 is asked for, and then taken`() async throws {
    try await ServerStage.with { stage in
      let wire = try RawClient(port: stage.port)
      wire.send(
        Self.head(stage, "POST /daybook/v1/polls HTTP/1.1")
          + "Expect: 100-continue\r\nContent-Length: \(Self.body.utf8.count)\r\n\r\n")
      let asked = String(decoding: await wire.nextPiece(), as: UTF8.self)
      #expect(asked == "HTTP/1.1 100 Continue\r\n\r\n")
      wire.send(
        Self.body + Self.head(stage, "GET /daybook/v1/health HTTP/1.1")
          + "Connection: close\r\n\r\n")
      let rest = String(decoding: await wire.whole(), as: UTF8.self)
      #expect(rest.ranges(of: "HTTP/1.1 200 OK").count == 2, "\(rest)")
    }
  }

  @Test func `a body that waits for 100 is not asked for where the head is refused`() async throws {
    try await ServerStage.with { stage in
      let cases = [
        ("POST /daybook/v1/polls HTTP/1.1", "", 12, 401),
        ("POST /daybook/v1/polls HTTP/1.1", Self.owner, 9 << 20, 413),
        ("POST /daybook/v1/nothing HTTP/1.1", Self.owner, 12, 404),
        ("GET /daybook/v1/health HTTP/1.1", Self.owner, 12, 200),
      ]
      for (line, secrets, length, status) in cases {
        let wire = try RawClient(port: stage.port)
        wire.send(
          Self.head(stage, line, secrets)
            + "Expect: 100-continue\r\nContent-Length: \(length)\r\n\r\n")
        // All of it comes and the connection ends, though no body was sent.
        let reply = try #require(RawReply(await wire.whole()))
        #expect(reply.status == status, "\(line)")
        #expect(reply.headers["connection"] == "close", "\(line)")
      }
    }
  }

  @Test func `a head that cannot be read is answered as every other fault is`() async throws {
    try await ServerStage.with { stage in
      let lines = String(repeating: "X: y\r\n", count: 200)
      let long = "X: \(String(repeating: "x", count: 40 << 10))\r\n"
      for (text, status) in [
        ("HELLO\r\n\r\n", 400), ("GET / HTTP/9.9\r\n\r\n", 505), ("\0\u{1}\u{2}\r\n\r\n", 400),
        (Self.head(stage, "GET /daybook/v1/health HTTP/1.1", "Na me: x\r\n\r\n"), 400),
        (Self.head(stage, "POST / HTTP/1.1", "Content-Length: x\r\n\r\n"), 400),
        (
          Self.head(stage, "POST / HTTP/1.1", "Content-Length: 1\r\nContent-Length: 2\r\n\r\n"),
          400
        ),
        (Self.head(stage, "GET / HTTP/1.1", lines + "\r\n"), 431),
        (Self.head(stage, "GET / HTTP/1.1", long + "\r\n"), 431),
      ] {
        let wire = try RawClient(port: stage.port)
        wire.send(text)
        let reply = try #require(RawReply(await wire.whole()), "\(text.prefix(60))")
        #expect(reply.status == status, "\(text.prefix(60)): \(reply.text)")
        #expect(reply.headers["connection"] == "close")
        let body = try JSON.parse(reply.body)
        #expect(body.members?.names == ["requestId", "message"])
        #expect(body["requestId"]?.text?.count == 24)
        #expect(body["requestId"]?.text == reply.headers["elements-request-id"])
        #expect(reply.headers["elements-error"] != nil)
      }
    }
  }

  @Test func `a fault after a good request is told after that one's answer`() async throws {
    try await ServerStage.with { stage in
      let wire = try RawClient(port: stage.port)
      wire.send(Self.head(stage, "GET /daybook/v1/health HTTP/1.1") + "\r\nGARBAGE\r\n\r\n")
      let text = String(decoding: await wire.whole(), as: UTF8.self)
      let statuses = text.matches(of: /HTTP\/1\.1 ([0-9]+)\s/).map { String($0.1) }
      #expect(statuses == ["200", "400"], "\(text)")
      #expect(text.ranges(of: "Elements-Request-Id").count == 2)
    }
  }

  @Test func `HTTP/1.0 and a wish to close end a connection`() async throws {
    try await ServerStage.with { stage in
      let path = "/daybook/v1/events"
      let whole = try await stage.ask("GET", path)
      for (version, more) in [
        ("1.0", ""), ("1.0", "Connection: keep-alive\r\n"), ("1.1", "Connection: Close\r\n"),
        ("1.1", "Connection: TE, close\r\n"),
      ] {
        let wire = try RawClient(port: stage.port)
        wire.send(Self.head(stage, "GET \(path) HTTP/\(version)") + more + "\r\n")
        let bytes = await wire.whole()
        #expect(String(decoding: bytes.prefix(12), as: UTF8.self) == "HTTP/\(version) 200")
        let reply = try #require(RawReply(bytes))
        #expect(reply.headers["connection"] == "close", "\(version) \(more)")
        #expect((reply.headers["transfer-encoding"] == nil) == (version == "1.0"))
        #expect(reply.body == whole.body)
      }
    }
  }
}
