import Foundation
import Glibc
import RawJSON
import Testing

/// `show` with its flags, at the executable.
@Suite(.serialized)
struct ShowCommandTests {
  /// An attempt of a delivery whose body is in need of care by any shell.
  private func attempt(_ stage: Stage, title: String) async throws -> JSON {
    try await stage.prepare([
      "event.notification.basic.username": "me", "event.notification.basic.password": "pass word",
    ])
    let event: JSON = [
      "summary": .string(title), "start": ["dateTime": "2026-12-07T09:00:00Z"],
      "end": ["dateTime": "2026-12-07T10:00:00Z"],
    ]
    try await stage.tell(
      "POST", "/sandbox/calendars/primary/events", String(decoding: event.bytes(), as: UTF8.self))
    try await stage.done("poll", "run", "1")
    try await stage.done("deliver")
    return try #require(
      try await stage.rows("events", "--type", "delivery.attempted").first)
  }

  private static let title = "it's $HOME `id` \"q\" \\ %s \u{9B}\u{202E} 日本 🎉\n@!"

  @Test func `the printed command sends the same bytes, whoever reads it`() async throws {
    try await withStage { stage in
      let attempt = try await attempt(stage, title: Self.title)
      let position = "\(attempt["position"]?.integer ?? 0)"
      let sent = try #require(try await stage.received().first)
      let piped = try await stage.done("show", position, "--curl").text
      let shown = try await onTerminal(stage, ["show", position, "--curl"])
      for (number, command) in [piped, shown].enumerated() {
        #expect(command.contains("Authorization: <secret>"))
        #expect(command.contains("checks the time refuses them later"))
        let run = try await Program(
          "/bin/sh", ["-e"], environment: stage.environment, input: command
        ).end()
        #expect(run.status == 0, "\(run.errors) \(command)")
        let received = try await stage.received()
        try #require(received.count == number + 2)
        #expect(received[number + 1]["body"] == sent["body"])
        for name in ["content-type", "webhook-id", "webhook-signature", "daybook-attempt"] {
          #expect(header(name, of: received[number + 1]) == header(name, of: sent), "\(name)")
        }
      }
      #expect(!shown.unicodeScalars.contains { $0 == "\u{9B}" || $0 == "\u{202E}" })
    }
  }

  private func header(_ name: String, of delivery: JSON) -> String? {
    delivery["headers"]?.elements?.compactMap { pair -> String? in
      if let parts = pair.elements, parts[0].text?.lowercased() == name { return parts[1].text }
      if pair["name"]?.text?.lowercased() == name { return pair["value"]?.text }
      return nil
    }.first ?? delivery["headers"]?[name]?.text
  }

  @Test func `an attempt on a terminal is an exchange, and raw it is every byte`() async throws {
    try await withStage { stage in
      let attempt = try await attempt(stage, title: Self.title)
      let position = "\(attempt["position"]?.integer ?? 0)"
      let shown = try await onTerminal(stage, ["show", position])
      #expect(
        shown.contains("> POST \(stage.url)/receiver/hook\n> Host: 127.0.0.1:\(stage.port)\n"))
      #expect(shown.contains("> Authorization: ********\n"))
      #expect(shown.contains("\n< 204 No Content\n"))
      #expect(shown.contains("\n  \"message\": {\n"))
      #expect(shown.contains("\n127.0.0.1 answered in "))
      #expect(shown.contains("\nattempt 1, by schedule, succeeded\n"))
      #expect(!shown.contains("payloads"))
      let raw = try await stage.done("show", position, "--raw").output
      let body = try #require(try await stage.received().first?["body"]?.text)
      #expect(raw.starts(with: Array("POST /receiver/hook HTTP/1.1\r\n".utf8)))
      #expect(String(decoding: raw, as: UTF8.self).contains("\r\n\r\n\(body)\r\n\r\nHTTP/1.1 204 "))
      let escaped = try await onTerminal(stage, ["show", position, "--raw"])
      #expect(!escaped.unicodeScalars.contains { $0 == "\u{9B}" || $0 == "\u{202E}" })
      let other = try await stage.daybook("show", "1", "--curl")
      #expect(other.status == 1)
      #expect(other.complaint?.contains("event 1 is no attempt") == true)
    }
  }

  /// What a command shows on a terminal.
  private func onTerminal(_ stage: Stage, _ words: [String]) async throws -> String {
    let terminal = try Terminal()
    let environment = stage.environment.merging(
      ["TERM": "xterm", "PAGER": "cat", "NO_COLOR": "1"]) { $1 }
    let program = try Program(
      daybookPath(), words, environment: environment, terminal: terminal.path)
    // A terminal holds little that nobody reads.
    try await wait("the end of \(words)") {
      _ = terminal.shown()
      return !program.isRunning
    }
    _ = try await program.end()
    return terminal.shown()
  }
}
