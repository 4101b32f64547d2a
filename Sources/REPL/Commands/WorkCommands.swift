import ArgumentParser
import Daybook
import Events
import Glibc

struct PollCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "poll", abstract: "Polls, on its own or step by step.",
    subcommands: [Run.self, PollStep.self])

  struct Run: SessionCommand {
    static let configuration = CommandConfiguration(
      commandName: "run", abstract: "Polls once and returns when done.",
      discussion: """
        Without arguments what is due; with an instance, or an instance and a resource, that, due \
        or not. Where another process runs the journal, that one polls and this one waits.

        EXAMPLE
          daybook poll run 1 calendars/primary/changed-events
        """)

    static let isWork = true

    @OptionGroup var shared: SharedOptions
    @Argument(help: "The instance's id.") var id: Int64?
    @Argument(help: "The resource, as in the configuration.") var resource: String?
    @Flag(help: "Everything, due or not.") var all = false
    @Flag(help: "Also while the provider asked to be left alone.") var force = false

    @MainActor func perform(_ session: Session) async throws {
      let target: Journal.Polls.Target =
        if let id { .instance(id, resource: resource) } else { all ? .all : .due }
      let reports = try await session.writing().polls.run(target, isForced: force)
      try await session.show(
        RowTable.polls.names, reports.map { Record(Row($0)) })
      let failed = reports.filter { $0.status == .failed }
      guard failed.isEmpty else {
        throw Failure.partly("\(failed.count) of \(reports.count) polls failed")
      }
    }
  }
}

struct DeliverCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "deliver", abstract: "Makes the deliveries that are due.",
    discussion: """
      EXAMPLE
        daybook deliver --until-idle --for 30s
      """)

  static let isWork = true

  @OptionGroup var shared: SharedOptions
  @Flag(help: "Also waits for retries that come due.") var untilIdle = false
  @Option(
    name: .customLong("for"),
    help: "After which nothing new is begun, such as 30s; default 1h.")
  var most: String?

  @MainActor func perform(_ session: Session) async throws {
    let journal = try session.writing()
    try await journal.open()
    var deadline: Moment?
    if untilIdle || most != nil {
      guard let wait = Duration(unit: most ?? "1h") else {
        throw Failure.usage("--for: \(visible(most ?? "")) is no duration such as 30s or 5m")
      }
      deadline = session.world.now() + wait
    }
    let failures = try await session.attempts { [deadline] report in
      try await journal.deliveries.deliver(until: deadline, report: report)
    }
    if failures > 0 {
      let which = failures == 1 ? "1 delivery has" : "\(failures) deliveries have"
      throw Failure.partly("\(which) not arrived; `deliveries` tells why")
    }
  }
}

extension Session {
  /// Shows attempts as they are made.
  ///
  /// - Returns: How many deliveries had not arrived after their last attempt.
  func attempts(
    _ work: @escaping @Sendable (@escaping @Sendable (AttemptReport) -> Void) async throws -> Void
  ) async throws -> Int {
    let (reports, made) = AsyncStream<AttemptReport>.makeStream()
    let task = Task {
      defer { made.finish() }
      try await work { made.yield($0) }
    }
    // Not stopped with the work: what was under way then is shown as well.
    let shown = Task { () async throws -> Int in
      // Those alone: of a queue that drains, few are left.
      var missing: Set<String> = []
      do {
        try await show(RowTable.attempts.names) { write in
          for await report in reports {
            let delivery = "\(report.id) \(report.url)"
            if report.outcome == "succeeded" || report.isDeliberate {
              missing.remove(delivery)
            } else {
              missing.insert(delivery)
            }
            try write(Record(Row(report)))
          }
        }
      } catch {
        // Nobody reads on; what is under way is recorded all the same.
        task.cancel()
        _ = await task.result
        throw error
      }
      try await task.value
      return missing.count
    }
    return try await withTaskCancellationHandler {
      try await shown.value
    } onCancel: {
      task.cancel()
    }
  }
}

struct RunCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Polls and delivers until stopped.",
    discussion: """
      One process at a time runs a journal; others may read it and append to it. Ctrl-C and \
      SIGTERM begin nothing new and wait for what is under way, at most as long as one attempt or \
      answer may take; a second one cuts that, and whether it arrived is unknown.

      EXAMPLE
        daybook run
      """)

  static let isWork = true

  @OptionGroup var shared: SharedOptions

  @MainActor func perform(_ session: Session) async throws {
    let journal = try session.writing()
    try await journal.open()
    session.remark("running \(session.settings.journal); Ctrl-C stops it")
    let log = session.log
    try await journal.run { log.tell($0) }
    if Task.isCancelled { throw Failure(status: 130, "") }
  }
}

struct SandboxCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "sandbox", abstract: "A stand-in for Google and a receiver, on loopback.",
    discussion: """
      Prints its address, and serves until it is stopped. Point Daybook at it with \
      DAYBOOK_GOOGLE_URL; what it can be told is in docs/sandbox.md.

      EXAMPLE
        daybook sandbox --port 8081
      """)

  static let isWork = true

  @OptionGroup var shared: SharedOptions
  @Option(help: "The port; 0 takes a free one.") var port = 0
  @Option(help: "Draws ids and tokens.") var seed: UInt64 = 1

  @MainActor func perform(_ session: Session) async throws {
    guard (0...65_535).contains(port) else {
      throw Failure.usage("--port: \(port) is no port from 0 to 65535")
    }
    try await session.extra.sandbox(port: port, seed: seed)
  }
}

struct Demo: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo", abstract: "Shows the main job, end to end, against the sandbox.",
    discussion: """
      EXAMPLE
        daybook demo --no-repl
      """)

  static let isWork = true

  @OptionGroup var shared: SharedOptions
  @Flag(name: .customLong("no-repl"), help: "Ends instead of opening the REPL.")
  var noREPL = false

  @MainActor func perform(_ session: Session) async throws {
    try await session.extra.demo(session, opensREPL: !noREPL)
  }
}

struct VersionCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "version", abstract: "What this program is made of.",
    discussion: "EXAMPLE\n  daybook version")

  @OptionGroup var shared: SharedOptions

  @MainActor func perform(_ session: Session) async throws {
    var record: Record = ["daybook": .text(Version.daybook), "format": .integer(0)]
    for (name, value) in session.extra.libraries {
      let cell: Cell = name == "walResetFix" ? .boolean(value == "true") : .text(value)
      record.fields.append(.init(name, cell))
    }
    record.fields.append(.init("swift", .text(Version.swift)))
    try await session.showOne(record)
  }
}
