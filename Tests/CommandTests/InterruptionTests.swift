import Foundation
import Glibc
import RawJSON
import Testing

/// What is cut short says so, and what prints without end holds no more of it the longer it prints.
@Suite(.serialized)
struct InterruptionTests {
  private static let endless =
    "sql 'WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n'"

  /// Interrupts a program once it has printed something.
  private func interrupted(_ program: Program) async throws -> Finished {
    defer { program.signal(SIGKILL) }
    try await wait("output") { !program.printed.isEmpty || !program.isRunning }
    program.signal(SIGINT)
    return try await program.end()
  }

  @Test func `a list that is cut short ends with 130`() async throws {
    try await withStage { stage in
      try await stage.prepare()
      let byFlag = try await interrupted(stage.start(["-c", Self.endless, "-c", "version"]))
      #expect(byFlag.status == 130)
      #expect(!byFlag.text.contains("libcurl"))
      let script = try await interrupted(stage.start([], input: Self.endless + "\nversion\n"))
      #expect(script.status == 130)
      #expect(!script.text.contains("libcurl"))
    }
  }

  @Test func `a poll by hand that is cut short is recorded and ends with 130`() async throws {
    try await withStage { stage in
      try await stage.prepare()
      try await stage.tell(
        "POST", "/sandbox/faults",
        #"{"kind":"delay","delayMs":20000,"path":"/calendar/","times":1}"#)
      let step = try stage.start(["poll", "step", "1", Stage.resource, "--discard"])
      defer { step.signal(SIGKILL) }
      try await wait("the request") {
        try await stage.tell("GET", "/sandbox/faults")["queue"]?.elements?.isEmpty == true
      }
      step.signal(SIGINT)
      step.signal(SIGTERM)
      let ended = try await step.end()
      #expect(ended.status == 130, "\(ended.errors)")
      let last = try #require(try await stage.rows("tail", "-n", "1").last)
      #expect(last["type"] == "poll.discarded", "\(last)")
    }
  }

  @Test func `rows are read as they are printed`() async throws {
    try await withStage { stage in
      try await stage.prepare()
      let program = try stage.start(["-c", Self.endless])
      defer { program.signal(SIGKILL) }
      try await wait("much output", seconds: 90) {
        program.printed.utf8.count > 3 << 20 || !program.isRunning
      }
      program.signal(SIGINT)
      let ended = try await program.end()
      #expect(ended.status == 130)
      #expect(ended.memoryPeakKiB < 100 << 10, "\(ended.memoryPeakKiB) KiB")
    }
  }

  @Test func `a table that follows is one`() async throws {
    try await withStage { stage in
      try await stage.prepare()
      let tail = try stage.start(["--output", "table", "tail", "-n", "3", "-f"])
      defer { tail.signal(SIGKILL) }
      try await wait("the heading") { tail.printed.contains("\n--------  ") }
      try await stage.done(
        "callback", "disable", stage.url + "/receiver/hook", "--yes", "--reason", "a test")
      try await wait("the next row") { tail.printed.contains("callback.disabled") }
      tail.signal(SIGINT)
      let ended = try await tail.end()
      #expect(ended.text.split(separator: "\n").count == 6, "\(ended.text)")
    }
  }

  @Test func `tail follows without a gap and has one heading`() async throws {
    try await withStage { stage in
      try await stage.prepare()
      let tail = try stage.start(["--output", "csv", "tail", "-n", "3", "-f"])
      defer { tail.signal(SIGKILL) }
      try await wait("the heading") { tail.printed.contains("position") }
      let hook = stage.url + "/receiver/hook"
      let pair = "callback disable \(hook) --yes --reason test\ncallback enable \(hook)\n"
      _ = try await stage.daybook(input: String(repeating: pair, count: 100))
      let head = try #require(try await stage.rows("tail", "-n", "1")[0]["position"]?.integer)
      try await wait("the last event", seconds: 100) { tail.printed.contains("\n\(head),") }
      tail.signal(SIGINT)
      let ended = try await tail.end()
      #expect(ended.status == 130)
      let firsts = ended.lines.map { $0.prefix { $0 != "," } }
      #expect(firsts.first == "position")
      #expect(firsts.dropFirst().compactMap { Int($0) } == Array((head - firsts.count + 2)...head))
    }
  }

  @Test func `on a terminal a list backwards is the newest as well`() async throws {
    try await withStage { stage in
      try await stage.prepare()
      let hook = stage.url + "/receiver/hook"
      let pair = "callback disable \(hook) --yes --reason test\ncallback enable \(hook)\n"
      _ = try await stage.daybook(input: String(repeating: pair, count: 40))
      let head = try #require(try await stage.rows("tail", "-n", "1")[0]["position"]?.integer)
      for (flags, first) in [([], head - 49), (["--reverse"], head)] {
        let terminal = try Terminal()
        let program = try Program(
          daybookPath(), ["--output", "jsonl", "events"] + flags,
          environment: stage.environment.merging(["TERM": "xterm", "PAGER": "cat"]) { $1 },
          terminal: terminal.path, seconds: 60)
        var shown = ""
        try await wait("its end") {
          shown = terminal.shown()
          return !program.isRunning
        }
        shown = terminal.shown()
        let rows = shown.split(separator: "\n").filter { $0.hasPrefix("{") }
        #expect(rows.count == 50, "\(flags)")
        #expect(rows.first?.hasPrefix("{\"position\":\(first),") == true, "\(flags)")
        #expect(shown.contains("earlier; --limit N"), "\(flags)")
      }
    }
  }
}
