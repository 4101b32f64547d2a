import ArgumentParser
import Daybook
import Events
import Glibc

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

struct ReplaySend: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "send", abstract: "Sends a selection; a dry run unless --execute.",
    discussion: """
      SELECTION is N or N..M (positions), or the filters. It is frozen when the replay starts. \
      `exact` sends whole notifications as they went, under their own ids; `rebuilt` renders the \
      selected changes again, under new ids. What a rebuilt replay sent is no past change of its \
      own: `exact` sends it only where N names it. Without --execute it only tells what would be \
      sent; `bytes` of rebuilt notifications, whose ids are not made yet, is the most that it \
      can be.

      EXAMPLE
        daybook replay 1..head --to http://127.0.0.1:9000/hook
      """)

  static let isWork = true

  enum Mode: String, ExpressibleByArgument { case exact, rebuilt }

  @OptionGroup var shared: SharedOptions
  @Argument(help: "Positions: N or N..M.") var selection: String?
  @Option(help: "The URL to send to.") var to: String
  @Option(help: "exact or rebuilt.") var mode: Mode = .exact
  @Option(parsing: .unconditional, help: "Recorded then or later.") var since: String?
  @Option(parsing: .unconditional, help: "Recorded before then.") var until: String?
  @Option(help: "An instance's id.") var instance: Int64?
  @Option(help: "A resource.") var resource: String?
  @Option(help: "An objectId.") var object: String?
  @Option(parsing: .upToNextOption, help: "States of the deliveries.") var status: [String] = []
  @Option(help: "At most so many a second: N or N/s.") var rate: String?
  @Option(help: "At most so many at once.") var concurrency: Int?
  @Flag(help: "Send, instead of telling what would be sent.") var execute = false
  @Flag(help: "Do not ask.") var yes = false
  @Option(help: "Why; needed with --yes.") var reason: String?
  @Flag(
    help: "Send callback credentials and extra headers also to an origin not the instance's own.")
  var withCredentials = false

  @MainActor func perform(_ session: Session) async throws {
    if let concurrency, concurrency < 1 { throw Failure.usage("--concurrency: at least 1") }
    let rate = try rate.map { text throws(Failure) in try Self.rate(text) }
    if let refusal = session.settings.callbacks.refusal(of: to) {
      throw Failure.failed("--to: \(refusal)")
    }
    let chosen = try await chosen(session)
    guard execute else {
      return try await session.showOne(Record(chosen.row(ratePerSecond: rate)))
    }
    guard chosen.notifications > 0 else { throw Failure.failed("the selection is empty") }
    try await confirm(chosen, session)
    let replays = try session.writing().replays
    var options = ReplayOptions()
    options.ratePerSecond = rate
    options.concurrency = concurrency
    options.hasCredentials = withCredentials
    options.reason = reason
    options.text = typed
    try await session.finishReplay(try await replays.request(chosen, options))
  }

  private static func rate(_ text: String) throws(Failure) -> Int {
    let digits = text.hasSuffix("/s") ? text.dropLast(2) : text[...]
    guard let rate = Int(digits), rate >= 1, rate <= 1_000_000 else {
      throw .usage("--rate: \(visible(text)) is no number a second, such as 10/s")
    }
    return rate
  }

  /// Asks a person to type the host, unless it is loopback or --yes was given.
  @MainActor private func confirm(
    _ chosen: ReplayPlan, _ session: Session
  ) async throws {
    guard let target = try? CallbackURL(to), !target.isLoopback else { return }
    if yes {
      guard reason != nil else { throw Failure.answerNeeded("--yes needs --reason TEXT") }
      return
    }
    guard session.isTerminal else {
      throw Failure.answerNeeded(
        "sending to \(target.host) needs a confirmation; --yes --reason TEXT gives it")
    }
    let answer = try await session.ask(
      "\(chosen.notifications) notifications, \(chosen.alreadyDelivered) of them delivered there"
        + " before. Type \(target.host) to send: ")
    guard answer.trimmedBlanks == target.host else { throw Failure.failed("not sent") }
  }
}

extension ReplaySend {
  /// The plan that range and flags make, frozen to positions.
  @MainActor fileprivate func chosen(_ session: Session) async throws -> ReplayPlan {
    let range = try await range(session)
    let isOne = range.map { $0.lowerBound == $0.upperBound } ?? false
    var part = Selection()
    part.statuses = status
    part.instance = instance
    part.resource = resource
    part.object = object
    if let since { part.since = try session.moment(since, flag: "--since") }
    if let until { part.until = try session.moment(until, flag: "--until") }
    guard range != nil || !part.isEverything else {
      throw Failure.usage("name what to replay: N, N..M, or a filter")
    }
    try DeliveriesCommand.check(status)
    if mode == .rebuilt, !status.isEmpty { throw Failure.usage("--status goes with --mode exact") }
    if let range, !isOne {
      part.after = max(range.lowerBound, 1) - 1
      part.before = min(range.upperBound, .max - 1) + 1
    }
    let one = isOne ? range?.lowerBound : nil
    let mode: ReplayMode = self.mode == .exact ? .exact : .rebuilt
    return try await session.journal().replays.plan(part, only: one, to: to, mode: mode)
  }

  @MainActor private func range(_ session: Session) async throws -> ClosedRange<Int64>? {
    guard let selection else { return nil }
    guard let dots = selection.firstRange(of: "..") else {
      let position = try await session.position(selection, flag: "SELECTION")
      return position...position
    }
    let first = try await session.position(
      String(selection[..<dots.lowerBound]), flag: "SELECTION")
    let last = try await session.position(
      String(selection[dots.upperBound...]), flag: "SELECTION")
    guard first <= last else { throw Failure.usage("SELECTION: \(first) is past \(last)") }
    return first...last
  }

  /// The selection as it was typed, for the record.
  private var typed: String {
    var parts: [String] = []
    if let selection { parts.append(selection) }
    if let since { parts.append("--since \(since)") }
    if let until { parts.append("--until \(until)") }
    if let instance { parts.append("--instance \(instance)") }
    if let resource { parts.append("--resource \(resource)") }
    if let object { parts.append("--object \(object)") }
    if !status.isEmpty { parts.append("--status \(status.joined(separator: " "))") }
    return parts.joined(separator: " ")
  }
}

extension Session {
  /// Works until a replay has nothing left to do, and prints what it came to.
  fileprivate func finishReplay(_ replay: Int64) async throws {
    do {
      try await writing().replays.finish(replay)
    } catch DaybookError.cancelled {
      throw Failure(status: 130, "interrupted; `replay resume \(replay)` goes on with it")
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
    var text = open > 0 ? "\(open) deliveries are still to be made" : "\(failed) failed"
    let held = try await replays.heldCount(of: replay)
    if open > 0, row["state"]?.string == "stopped" {
      text += ", which `replay resume \(replay)` does"
    } else if held > 0 {
      text += ", \(held) of them held"
    }
    throw Failure.partly("\(text); `deliveries` tells why")
  }
}

struct ReplayList: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists replays.",
    discussion: "EXAMPLE\n  daybook replay list")

  @OptionGroup var shared: SharedOptions

  @MainActor func perform(_ session: Session) async throws {
    try await session.report(session.journal().replays)
  }
}

struct ReplayShow: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Shows how far a replay is.",
    discussion: "EXAMPLE\n  daybook replay show 42")

  @OptionGroup var shared: SharedOptions
  @Argument(help: "Its id, the position of its replay.requested.") var replay: Int64

  @MainActor func perform(_ session: Session) async throws {
    try await session.showReplay(replay)
  }
}

struct ReplayStop: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop", abstract: "Stops a replay; what was not sent is held when its turn comes.",
    discussion: "EXAMPLE\n  daybook replay stop 42 --reason 'wrong receiver'")

  @OptionGroup var shared: SharedOptions
  @Argument(help: "Its id.") var replay: Int64
  @Option(help: "Why.") var reason = "asked"

  @MainActor func perform(_ session: Session) async throws {
    try await session.writing().replays.stop(replay, reason: reason)
  }
}

struct ReplayResume: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Lets a replay go on, after a stop or a crash.",
    discussion: "EXAMPLE\n  daybook replay resume 42")

  static let isWork = true

  @OptionGroup var shared: SharedOptions
  @Argument(help: "Its id.") var replay: Int64
  @Option(help: "Why.") var reason = "asked"

  @MainActor func perform(_ session: Session) async throws {
    try await session.writing().replays.resume(replay, reason: reason)
    try await session.finishReplay(replay)
  }
}

struct RedeliverCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "redeliver", abstract: "One delivery again, under its own id.",
    discussion: """
      N is the position of the delivery or of any event of it. Without --execute it tells what \
      would be sent.

      EXAMPLE
        daybook redeliver 42
      """)

  static let isWork = true

  @OptionGroup var shared: SharedOptions
  @Argument(help: "A position.") var position: String
  @Flag(help: "Send, instead of telling what would be sent.") var execute = false

  @MainActor func perform(_ session: Session) async throws {
    let position = try await session.position(position, flag: "redeliver")
    let journal = try session.journal()
    let row = try await journal.deliveries.row(position)
    guard execute else { return try await session.showOne(Record(row)) }
    let reopened = try await session.writing().deliveries.reopen(position)
    let failures = try await session.attempts { report in
      try await reopened.send(report: report)
    }
    if failures > 0 { throw Failure.partly("it has not arrived; `deliveries` tells why") }
  }
}
