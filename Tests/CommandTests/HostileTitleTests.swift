import Foundation
import Glibc
import RawJSON
import Testing

/// Titles that would take over a terminal.
@Suite(.serialized)
struct HostileTitleTests {
  static let titles = [
    "\u{1B}]0;owned\u{07}\u{1B}[2J", "\u{9B}31mred\u{9D}title\u{9C}", "nul\u{0}nul",
    "\u{202E}evil\u{2066}\u{200F}", "line\nbreak\r\ttab", "bell\u{7}back\u{8}\u{7F}", "a|b\\|c",
  ]

  /// Whether text has nothing that a terminal acts on but line breaks and, where allowed, colours.
  private func isTame(_ text: String) -> Bool {
    var plain = text[...]
    // What a slow machine shows while it is at work, and takes away again.
    let waiting = /(?:\r\u{1B}\[K[a-z ]+: at work, [0-9]+ s)+\r\u{1B}\[K/
    while let range = plain.firstRange(of: waiting) { plain.removeSubrange(range) }
    while let range = plain.firstRange(of: /\u{1B}\[[0-9;]*m/) { plain.removeSubrange(range) }
    return plain.unicodeScalars.allSatisfy { scalar in
      if scalar == "\n" || scalar == "\r" { return true }
      return scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value)
        && !scalar.properties.isBidiControl
    }
  }

  private func prepare(_ stage: Stage) async throws {
    try await stage.prepare()
    for title in Self.titles {
      let event: JSON = [
        "summary": .string(title), "start": ["dateTime": "2026-12-07T09:00:00Z"],
        "end": ["dateTime": "2026-12-07T10:00:00Z"],
      ]
      try await stage.tell(
        "POST", "/sandbox/calendars/primary/events",
        String(decoding: event.bytes(), as: UTF8.self))
    }
    try await stage.done("poll", "run", "1")
    try await stage.done("deliver")
  }

  private let commands = [
    "changes", "deliveries", "events", "show 7", "trace head", "tail -n 30",
    "sql 'SELECT body FROM events'", "poll step 1 \(Stage.resource) --discard",
    "sql 'SELECT CAST(content AS TEXT) AS text FROM payloads'",
  ]

  @Test func `tables, lines and markdown are tame also in a pipe`() async throws {
    try await withStage { stage in
      try await prepare(stage)
      for command in commands {
        for format in ["table", "line", "markdown"] {
          let shown = try await stage.daybook("--output", format, "-c", command)
          #expect(isTame(shown.text), "\(command) as \(format)")
          #expect(isTame(shown.errors), "\(command) as \(format)")
          // A title makes no line of its own: one a row, a heading and its rule.
          guard format == "table", shown.status == 0, !command.hasPrefix("show"),
            !command.hasPrefix("poll")
          else { continue }
          let rows = try await stage.daybook("--output", "jsonl", "-c", command)
          #expect(shown.lines.count == rows.lines.count + 2, "\(command)")
        }
      }
    }
  }

  @Test func `no format sends them raw to a terminal`() async throws {
    try await withStage { stage in
      try await prepare(stage)
      for command in commands {
        for format in ["auto", "table", "line", "markdown", "json", "jsonl", "csv"] {
          let shown = try await onTerminal(
            stage, ["--output", format, "--color", "always", "-c", command])
          #expect(!shown.isEmpty, "\(command) as \(format)")
          #expect(isTame(shown), "\(command) as \(format): \(shown.debugDescription)")
        }
      }
    }
  }

  @Test func `JSON into a pipe is exact`() async throws {
    try await withStage { stage in
      try await prepare(stage)
      var titles: [String] = []
      for change in try await stage.rows("changes") {
        let position = "\(change["position"]?.integer ?? 0)"
        let shown = try await stage.done("show", position).json()
        for payload in shown["payloads"]?.elements ?? [] {
          if let title = payload["content"]?["summary"]?.text { titles.append(title) }
        }
      }
      #expect(Set(titles) == Set(Self.titles))
    }
  }

  @Test func `a title of 10 MB is an event like others`() async throws {
    try await withStage { stage in
      try await stage.prepare()
      _ = try await stage.createEvent(String(repeating: "long ", count: 2 << 20))
      let poll = try await stage.daybook("poll", "run", "1")
      #expect(poll.status == 0, "\(poll.errors.prefix(500)) \(poll.text.prefix(500))")
      for format in ["table", "line", "markdown", "csv"] {
        let shown = try await stage.done("--output", format, "changes")
        #expect(shown.lines.allSatisfy { $0.count < 10_000 }, "\(format)")
      }
      let last = try await stage.rows("changes")[0]["position"]?.integer ?? 0
      let shown = try await stage.done("--output", "table", "show", "\(last)")
      #expect(isTame(shown.text))
      try await stage.done("deliver", "--until-idle", "--for", "30s")
      try await stage.done("verify")
    }
  }

  /// What a command shows on a pseudo-terminal of 100 columns.
  private func onTerminal(_ stage: Stage, _ words: [String]) async throws -> String {
    var own: Int32 = -1
    var other: Int32 = -1
    var name = [CChar](repeating: 0, count: 128)
    var window = winsize(ws_row: 50, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0)
    try #require(openpty(&own, &other, &name, nil, &window) == 0)
    _ = fcntl(own, F_SETFD, FD_CLOEXEC)
    _ = fcntl(other, F_SETFD, FD_CLOEXEC)
    let path = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    let environment = stage.environment.merging(["TERM": "xterm", "PAGER": "cat"]) { $1 }
    let program = try Program(
      daybookPath(), words, environment: environment, terminal: path, seconds: 60)
    close(other)
    let bytes = try await onThread { [own] in
      var bytes: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      while true {
        let count = read(own, &buffer, buffer.count)
        guard count > 0 else { break }
        bytes += buffer[..<count]
      }
      close(own)
      return bytes
    }
    _ = try await program.end()
    return String(decoding: bytes, as: UTF8.self)
  }
}
