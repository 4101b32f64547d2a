import Foundation
import Glibc
import RawJSON
import Testing

/// What commands say while they work: into pipes their rows in time, to a person what matters.
@Suite struct WorkingTests {
  private func answers(_ stage: Stage, _ answers: String) async throws {
    try await stage.tell(
      "POST", "/sandbox/receiver", #"{"path":"/receiver/hook","answers":[\#(answers)]}"#)
  }

  /// Notifications that are due.
  private func prepare(_ stage: Stage, notifications: Int) async throws {
    try await stage.prepare()
    for number in 1...notifications {
      _ = try await stage.createEvent("Event \(number)")
      try await stage.done("poll", "run", "1", Stage.resource)
    }
  }

  private func start(
    _ stage: Stage, _ words: [String], on terminal: Terminal
  ) throws -> Program {
    try Program(
      daybookPath(), words,
      environment: stage.environment.merging([
        "TERM": "xterm", "PAGER": "cat", "DAYBOOK_CONCURRENCY": "1",
      ]) { $1 },
      terminal: terminal.path, seconds: 60)
  }

  @Test func `rows of attempts reach a pipe as they are made`() async throws {
    try await withStage { stage in
      try await prepare(stage, notifications: 2)
      try await answers(
        stage, #"{"status":204,"times":1},{"status":204,"delayMs":20000,"times":1}"#)
      let program = try stage.start(["deliver"], environment: ["DAYBOOK_CONCURRENCY": "1"])
      defer { program.signal(SIGKILL) }
      try await wait("the first row while the second attempt is under way", seconds: 15) {
        program.printed.contains("\n")
      }
      #expect(program.isRunning)
      #expect(program.complained.isEmpty)
    }
  }

  @Test func `on a terminal deliver shows what failed and ends with a total`() async throws {
    try await withStage { stage in
      try await prepare(stage, notifications: 3)
      // Nothing is tried again before the command ends, however slow the machine is.
      try await answers(
        stage, #"{"status":204,"times":1},{"status":503,"retryAfter":"600","times":1}"#)
      let terminal = try Terminal()
      let program = try start(stage, ["deliver"], on: terminal)
      defer { program.signal(SIGKILL) }
      var shown = ""
      try await wait("its end") {
        shown = terminal.shown()
        return !program.isRunning && shown.contains("has not arrived")
      }
      #expect(shown.contains("3 attempts: 2 succeeded, 1 failed, in "), "\(shown)")
      #expect(shown.contains("503"), "\(shown)")
      #expect(!shown.contains("204"), "\(shown)")
      #expect(shown.contains("1 delivery has not arrived"), "\(shown)")
    }
  }

  @Test func `a count moves while an attempt takes its time, and is erased`() async throws {
    try await withStage { stage in
      try await prepare(stage, notifications: 1)
      try await answers(stage, #"{"status":204,"delayMs":3000,"times":1}"#)
      let terminal = try Terminal()
      let program = try start(stage, ["deliver"], on: terminal)
      defer { program.signal(SIGKILL) }
      try await wait("the count") { terminal.shown().contains("deliver: 0 of 1 attempt, ") }
      try await wait("its end") {
        !program.isRunning && terminal.shown().contains("1 succeeded, in ")
      }
      let last = terminal.shown().components(separatedBy: "\u{1B}[K").last ?? ""
      #expect(last.hasPrefix("1 attempt: 1 succeeded, in "), "\(last)")
    }
  }

  @Test func `run tells a person of changes and attempts, and at its end what it did`() async throws
  {
    try await withStage { stage in
      try await prepare(stage, notifications: 1)
      let terminal = try Terminal()
      let program = try start(stage, ["run"], on: terminal)
      defer { program.signal(SIGKILL) }
      try await wait("an attempt") {
        terminal.shown().contains(/\d\d:\d\d:\d\d delivered \d+ to http/)
      }
      program.signal(SIGINT)
      try await wait("its end") {
        _ = terminal.shown()
        return !program.isRunning
      }
      #expect(terminal.shown().contains("stopped after 0 polls, 1 attempt"), "\(terminal.shown())")
      #expect(try await program.end().status == 130)
    }
  }

  @Test(arguments: [(SIGTERM, 0), (SIGINT, 130)] as [(Int32, Int32)])
  func `a tail that follows ends cleanly`(signal: Int32, status: Int32) async throws {
    try await withStage { stage in
      try await stage.prepare()
      let tail = try stage.start(["tail", "-n", "1", "-f"])
      defer { tail.signal(SIGKILL) }
      try await wait("a row") { tail.printed.contains("\n") }
      tail.signal(signal)
      let ended = try await tail.end()
      #expect(ended.status == status)
      #expect(ended.errors.isEmpty && ended.lines.count == 1)
    }
  }

  @Test func `an interrupted delivery says what was done and what is left`() async throws {
    try await withStage { stage in
      try await prepare(stage, notifications: 2)
      try await answers(stage, #"{"status":204,"delayMs":5000,"times":2}"#)
      let program = try stage.start(["deliver"], environment: ["DAYBOOK_CONCURRENCY": "1"])
      defer { program.signal(SIGKILL) }
      try await wait("a post") { try await stage.received().count == 1 }
      program.signal(SIGINT)
      let ended = try await program.end()
      #expect(ended.status == 130)
      #expect(
        ended.complaint?.contains("interrupted after 1 attempt: 1 succeeded") == true,
        "\(ended.errors)")
    }
  }
}
