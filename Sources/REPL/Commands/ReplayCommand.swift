import ArgumentParser
import Daybook
import Events

struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Sends past changes again, to any URL.",
    discussion: """
      Without one of the words below it is `replay send`, whose help lists the flags.

      EXAMPLE
        daybook replay 1..head --to http://127.0.0.1:9000/hook
      """,
    subcommands: [
      ReplaySend.self, ReplayList.self, ReplayShow.self, ReplayStop.self, ReplayResume.self,
    ],
    defaultSubcommand: ReplaySend.self)
}

struct ReplayList: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists replays.",
    discussion: "EXAMPLE\n  daybook replay list")

  @OptionGroup var shared: SharedOptions
  @OptionGroup var range: RangeOptions
  @OptionGroup var extent: ExtentOptions

  @MainActor func perform(_ session: Session) async throws {
    var part = Selection()
    try await range.narrow(&part, in: session)
    try extent.bound(&part)
    let replays = try session.journal().replays
    try await session.report(replays, part)
    guard session.isTerminal else { return }
    for replay in try await replays.unattended() {
      session.remark("nobody works on replay \(replay); `replay resume \(replay)` goes on with it")
    }
  }
}

struct ReplayShow: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Shows how far a replay is.",
    discussion: "EXAMPLE\n  daybook replay show 42")

  @OptionGroup var shared: SharedOptions
  @Argument(help: ReplayID.help) var replay: ReplayID

  @MainActor func perform(_ session: Session) async throws {
    try await session.showReplay(replay.number)
  }
}

struct ReplayStop: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop", abstract: "Stops a replay; what was not sent is held when its turn comes.",
    discussion: "EXAMPLE\n  daybook replay stop 42 --reason 'wrong receiver'")

  @OptionGroup var shared: SharedOptions
  @Argument(help: ReplayID.help) var replay: ReplayID
  @Option(help: "Why; recorded with it.") var reason: ReasonText?

  var writes: Bool { true }

  @MainActor func perform(_ session: Session) async throws {
    let replays = try session.writing().replays
    try await replays.stop(replay.number, reason: reason.given)
    let row = try await replays.row(replay.number)
    let sent = row["sent"]?.integer ?? 0
    let left = (row["total"]?.integer ?? 0) - sent
    session.remark(
      "replay \(replay.number) is stopped: \(counted(sent, "notification")) sent, \(grouped(left))"
        + " not; `replay resume \(replay.number)` goes on")
  }
}

struct ReplayResume: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Resumes a replay after a stop or a crash.",
    discussion: "EXAMPLE\n  daybook replay resume 42")

  static let isWork = true

  @OptionGroup var shared: SharedOptions
  @Argument(help: ReplayID.help) var replay: ReplayID
  @Option(help: "Why; recorded with it.") var reason: ReasonText?

  var writes: Bool { true }

  @MainActor func perform(_ session: Session) async throws {
    try await session.writing().replays.resume(replay.number, reason: reason.given)
    try await session.finishReplay(replay.number)
  }
}

extension Session {
  /// Works until a replay has nothing left to do, and prints what it came to.
  func finishReplay(_ replay: Int64) async throws {
    let gauge = ProgressGauge()
    do {
      let replays = try writing().replays
      let report: WorkProgress.Report = { gauge.set($0) }
      try await showing("replay \(replay)", "notification", gauge) {
        try await replays.finish(replay, progress: showsProgress ? report : nil)
      }
    } catch DaybookError.cancelled {
      let row = try? await journal().replays.row(replay)
      let done = (row?["succeeded"]?.integer ?? 0) + (row?["failed"]?.integer ?? 0)
      let progress = WorkProgress(done: done, total: row?["total"]?.integer)
      throw Failure.interrupted(
        progress, "notification", "`replay resume \(replay)` goes on with it")
    }
    try await showReplay(replay)
  }

  /// Prints how far a replay is; 5 where a delivery failed or is still to be made.
  func showReplay(_ replay: Int64) async throws {
    let replays = try journal().replays
    let row = try await replays.row(replay)
    try await showOne(Record(row))
    let failed = row["failed"]?.integer ?? 0
    let open = (row["total"]?.integer ?? 0) - (row["succeeded"]?.integer ?? 0) - failed
    guard failed > 0 || open > 0 else { return }
    let deliveries = open == 1 ? "1 delivery is" : "\(grouped(open)) deliveries are"
    var text = open > 0 ? "\(deliveries) still to be made" : "\(grouped(failed)) failed"
    let held = try await replays.heldCount(of: replay)
    if open > 0, row["state"]?.string == "stopped" {
      let part = held == open ? "" : "\(grouped(held)) of them "
      text +=
        held > 0
        ? ", \(part)held since the replay stopped; `replay resume \(replay)` goes on"
        : ", which `replay resume \(replay)` does"
    } else if held > 0 {
      text += open == 1 ? ", and it is held" : ", \(grouped(held)) of them held"
    } else if open > 0, try await replays.unattended().contains(replay) {
      throw Failure.partly(
        "\(text), and nobody works on it; `replay resume \(replay)` goes on with it")
    }
    throw Failure.partly("\(text); `deliveries` tells why")
  }
}
