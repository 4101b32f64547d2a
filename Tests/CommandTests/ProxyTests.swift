import Foundation
import Glibc
import RawJSON
import TestSupport
import Testing

private let nginx = "/usr/sbin/nginx"

/// The example for nginx, tried with nginx.
@Suite(.serialized, .enabled(if: access(nginx, X_OK) == 0, "nginx is not installed"))
struct ProxyTests {
  private static let name = "daybook.example.com"
  private static let owner = [
    ("Host", name), ("Authorization", "User user-secret, Organization org"),
  ]

  /// The example of the docs without its certificate, on ports of loopback.
  private static func configuration(_ stage: Stage, port: Int, to server: Int) throws -> String {
    let path =
      URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path + "/docs/deploy/nginx.conf"
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
      .filter { !$0.contains("ssl_") && !$0.contains("listen [::]") }
      .map { $0.replacing("listen 443 ssl", with: "listen 127.0.0.1:\(port)") }
      .map { $0.replacing("127.0.0.1:8080", with: "127.0.0.1:\(server)") }
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      .map { "\($0)_temp_path \(stage.folder)/\($0);" }
    return """
      daemon off; master_process off; pid \(stage.folder)/nginx.pid;
      error_log \(stage.folder)/nginx.log;
      events {}
      http {
        access_log off;
        \(temporary.joined(separator: " "))
        \(lines.joined(separator: "\n"))
      }
      """
  }

  /// A server behind nginx while a test does its work.
  private static func behind(_ work: (Stage, _ port: Int) async throws -> Void) async throws {
    try await withStage { stage in
      let names = ["DAYBOOK_HTTP_HOSTS": name]
      let environment = ServeTests.secrets.merging(names) { $1 }
      try await ServeTests.serve(stage, environment: environment) { server, _ in
        let port = try freePort()
        let text = try configuration(stage, port: port, to: server)
        let file = try stage.write(text, to: "nginx.conf")
        let proxy = try Program(
          nginx, ["-p", stage.folder, "-c", file], environment: stage.environment)
        defer { proxy.signal(SIGKILL) }
        try await wait("nginx") {
          (try? RawClient(port: port)) != nil || !proxy.isRunning
        }
        try #require(proxy.isRunning, "\(proxy.complained)")
        try await work(stage, port)
      }
    }
  }

  /// A port that was free a moment ago.
  private static func freePort() throws -> Int {
    let held = try DeafPort(.closed)
    return Int(held.port)
  }

  @Test func `the name is passed on, and whoever comes by it is no neighbour`() async throws {
    try await Self.behind { _, port in
      let health = "/daybook/v1/health"
      let stranger = try await request(port, "GET", health, headers: [("Host", Self.name)])
      #expect(stranger.status == 401)
      #expect(try await request(port, "GET", health, headers: Self.owner).status == 200)
      let other = [("Host", "evil.example"), Self.owner[1]]
      #expect(try await request(port, "GET", health, headers: other).status == 421)
      let large = String(repeating: "x", count: 9 << 20)
      let refused = try await request(
        port, "POST", "/daybook/v1/consents", headers: Self.owner, body: large)
      #expect(refused.status == 413)
    }
  }

  @Test func `events come through as they are written`() async throws {
    try await Self.behind { stage, port in
      let client = try RawClient(port: port)
      client.send(
        "GET /daybook/v1/events/stream?after=0 HTTP/1.1\r\n"
          + Self.owner.map { "\($0.0): \($0.1)\r\n" }.joined() + "\r\n")
      var heard = ""
      while !heard.contains("run.started") {
        let piece = await client.nextPiece()
        try #require(!piece.isEmpty, "\(heard)")
        heard += String(decoding: piece, as: UTF8.self)
      }
      #expect(!heard.contains("instance.created"))
      try await stage.prepare()
      while !heard.contains("instance.created") {
        let piece = await client.nextPiece()
        try #require(!piece.isEmpty, "\(heard)")
        heard += String(decoding: piece, as: UTF8.self)
      }
    }
  }
}
