import Foundation
import Glibc
import RawJSON
import Testing

/// A poll by hand on a terminal: however it is left, what was seen is recorded.
@Suite(.serialized)
struct ManualPollTests {
  private func start(
    _ stage: Stage, _ terminal: Terminal, _ words: [String], pager: String
  ) throws -> Program {
    try Program(
      daybookPath(), ["poll", "step", "1", Stage.resource] + words,
      environment: stage.environment.merging(["TERM": "xterm", "PAGER": pager]) { $1 },
      terminal: terminal.path, seconds: 60)
  }

  /// An instance with more changes than a screen or a pipe holds, and one longer than that.
  private func prepare(_ stage: Stage) async throws {
    try await stage.prepare()
    try await stage.tell(
      "POST", "/sandbox/calendars/primary/generate", #"{"count":999,"title":"Meeting"}"#)
    _ = try await stage.createEvent(String(repeating: "long ", count: 40_000))
  }

  @Test func `who leaves the pager leaves neither the question nor the answer`() async throws {
    try await withStage { stage in
      try await prepare(stage)
      let terminal = try Terminal()
      let asking = try start(stage, terminal, [], pager: "true")
      try await wait("the first question") { terminal.shown().contains("q leave> ") }
      terminal.type("n\r")
      try await wait("the second question") { terminal.shown().contains("a accept, d discard") }
      for item in [1, 1_000] {
        terminal.type("s \(item)\r")
        let asked = item == 1 ? 2 : 3
        try await wait("the question again") {
          terminal.shown().ranges(of: "a accept, d discard, s N show, q leave> ").count >= asked
        }
      }
      terminal.type("d\r")
      #expect(try await asking.end().status == 0, "\(terminal.shown())")
      let discarded = try await stage.rows("events", "--type", "poll.discarded")
      #expect(discarded.map { $0["body"]?["changes"]?.integer } == [1_000])
      let other = try Terminal()
      let accepting = try start(stage, other, ["--accept"], pager: "true")
      #expect(try await accepting.end().status == 0, "\(other.shown())")
      #expect(try await stage.rows("changes").count == 1_000)
    }
  }

  @Test func `an empty page says how long its answer was, and items are counted`() async throws {
    try await withStage { stage in
      try await stage.prepare()
      let empty = try await stage.rows("poll", "step", "1", Stage.resource, "--discard")
      let reply = try #require(empty.first { $0["phase"]?.text == "reply" })
      #expect(reply["items"]?.integer == 0)
      #expect((reply["bytes"]?.integer ?? 0) > 100)
      for title in ["Planning", "Review"] { _ = try await stage.createEvent(title) }
      let terminal = try Terminal(columns: 160)
      let asking = try start(stage, terminal, [], pager: "cat")
      try await wait("the first question") { terminal.shown().contains("q leave> ") }
      terminal.type("\r")
      try await wait("the second question") { terminal.shown().contains("a accept, d discard") }
      terminal.type("q\r")
      #expect(try await asking.end().status == 0, "\(terminal.shown())")
      #expect(terminal.leftOnScreen().contains("\n2 items: 2 created\n"))
      let lines = terminal.leftOnScreen().split(separator: "\n")
      #expect(lines.contains { $0.hasPrefix("changes") && $0.contains("Planning  new id") })
    }
  }

  @Test(arguments: ["\u{3}", "\u{4}"])
  func `Ctrl-C and Ctrl-D at a question end it and leave what was seen`(key: String) async throws {
    try await withStage { stage in
      try await prepare(stage)
      let terminal = try Terminal()
      let asking = try start(stage, terminal, [], pager: "cat")
      try await wait("the first question") { terminal.shown().contains("q leave> ") }
      terminal.type(key)
      #expect(try await asking.end().status == 130, "\(terminal.shown())")
      #expect(try await stage.rows("events", "--type", "poll.discarded").count == 1)
    }
  }
}
