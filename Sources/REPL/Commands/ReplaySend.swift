import ArgumentParser
import Daybook
import Events

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

  enum Mode: String, WordOperand { case exact, rebuilt }

  @OptionGroup var shared: SharedOptions
  @Argument(help: "Positions: N or N..M.") var selection: EventRange?
  @Option(help: "The URL to send to.") var to: CallbackAddress
  @Option(help: "exact or rebuilt.") var mode: Mode = .exact
  @Option(help: "Only what was recorded at TIME or later.") var since: TimeText?
  @Option(help: "Only what was recorded before TIME.") var until: TimeText?
  @Option(help: InstanceID.help) var instance: InstanceID?
  @Option(help: ResourceKey.help) var resource: ResourceKey?
  @Option(help: ObjectID.help) var object: ObjectID?
  @Option(parsing: .upToNextOption, help: "States of the deliveries.") var status: [DeliveryState] =
    []
  @Option(help: "At most so many a second: N or N/s.") var rate: FreeText?
  @Option(help: "At most so many at once.") var concurrency: Int?
  @Flag(help: "Send, instead of telling what would be sent.") var execute = false
  @Flag(help: "Do not ask.") var yes = false
  @Option(help: "Why; needed with --yes.") var reason: FreeText?
  @Flag(
    help: "Send callback credentials and extra headers also to an origin not the instance's own.")
  var withCredentials = false

  var writes: Bool { execute }

  @MainActor func perform(_ session: Session) async throws {
    if let concurrency, concurrency < 1 { throw Failure.usage("--concurrency: at least 1") }
    let rate = try rate.map { rate throws(Failure) in try Self.rate(rate.text) }
    if let refusal = session.settings.callbacks.refusal(of: to.text) {
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
    options.reason = reason?.text
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
    guard let target = try? CallbackURL(to.text), !target.isLoopback else { return }
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
    part.statuses = status.map(\.text)
    if let instance { part.instance = try await session.instance(instance) }
    part.resource = resource?.text
    if let object { part.object = try await session.object(object) }
    if let since { part.since = try session.moment(since.text, flag: "--since") }
    if let until { part.until = try session.moment(until.text, flag: "--until") }
    guard range != nil || !part.isEverything else {
      throw Failure.usage("name what to replay: N, N..M, or a filter")
    }
    try DeliveriesCommand.check(part.statuses)
    if mode == .rebuilt, !status.isEmpty { throw Failure.usage("--status goes with --mode exact") }
    if let range, !isOne {
      part.after = max(range.lowerBound, 1) - 1
      part.before = min(range.upperBound, .max - 1) + 1
    }
    let one = isOne ? range?.lowerBound : nil
    let mode: ReplayMode = self.mode == .exact ? .exact : .rebuilt
    return try await session.journal().replays.plan(part, only: one, to: to.text, mode: mode)
  }

  @MainActor private func range(_ session: Session) async throws -> ClosedRange<Int64>? {
    guard let selection = selection?.text else { return nil }
    guard let dots = selection.firstRange(of: "..") else {
      let position = try await session.position(selection, flag: "SELECTION")
      return position...position
    }
    let first = try await session.position(
      String(selection[..<dots.lowerBound]), flag: "SELECTION")
    let last = try await session.position(
      String(selection[dots.upperBound...]), flag: "SELECTION")
    guard first <= last else {
      throw Failure.usage("\(first)..\(last): the first position is after the last")
    }
    return first...last
  }

  /// The selection as it was typed, for the record.
  private var typed: String {
    var parts: [String] = []
    if let selection { parts.append(selection.text) }
    if let since { parts.append("--since \(since)") }
    if let until { parts.append("--until \(until)") }
    if let instance { parts.append("--instance \(instance)") }
    if let resource { parts.append("--resource \(resource)") }
    if let object { parts.append("--object \(object)") }
    if !status.isEmpty { parts.append("--status \(status.map(\.text).joined(separator: " "))") }
    return parts.joined(separator: " ")
  }
}
