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
      own: `exact` sends it only where N names it. With --missing it leaves out what the URL has \
      accepted, live or by a replay, and what an open delivery takes there. Without --execute it \
      only tells what would be sent; `bytes` of rebuilt notifications, whose ids are not made yet, \
      is the most that it can be. On a terminal, a host that is not loopback is to be typed; \
      elsewhere it needs --yes and --reason.

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
  @Option(parsing: .upToNextOption, help: "States of the deliveries that go again, or told of it.")
  var status: [DeliveryState] = []
  @Option(help: "Send at most N a second, as in 5 or 5/s.") var rate: FreeText?
  @Option(help: "Send at most N at once.") var concurrency: Int?
  @Flag(help: "Send, instead of telling what would be sent.") var execute = false
  @Flag(help: "Leave out what the URL has accepted, and what is on its way there.") var missing =
    false
  @OptionGroup var consent: ConsentOptions
  @Flag(
    help: "Send callback credentials and extra headers also to an origin not the instance's own.")
  var withCredentials = false

  var writes: Bool { execute }

  @MainActor func perform(_ session: Session) async throws {
    if let concurrency, concurrency < 1 { throw Failure.usage("--concurrency: at least 1") }
    let rate = try rate.map { rate throws(Failure) in try Self.rate(rate.text) }
    if let refusal = session.settings.callbacks.refusal(of: to.text) {
      throw Failure.failed("--to: \(refusal)\(Failure.allowing(refusal))")
    }
    let (part, one) = try await part(session)
    let mode: ReplayMode = self.mode == .exact ? .exact : .rebuilt
    let chosen = try await session.journal().replays.plan(
      part, only: one, to: to.text, mode: mode, isMissing: missing)
    guard execute else {
      try await session.showOne(Record(chosen.row(ratePerSecond: rate)))
      guard session.isTerminal else { return }
      let named = try await session.journal().replays.namedChanges(part, only: one)
      for line in explained(chosen, named: named) { session.remark(line) }
      let words = command(part, one)
      return session.remark("to send it: \(session.shellLine(words))")
    }
    guard chosen.notifications > 0 else {
      throw Failure.failed(nothing(chosen))
    }
    try await confirm(chosen, session)
    let replays = try session.writing().replays
    var options = ReplayOptions()
    options.ratePerSecond = rate
    options.concurrency = concurrency
    options.hasCredentials = withCredentials
    options.reason = consent.reason.given
    options.askedBy = Session.userName
    options.text = typed(part, one).joined(separator: " ")
    try await session.finishReplay(try await replays.request(chosen, options))
  }

  private func nothing(_ chosen: ReplayPlan) -> String {
    guard missing, chosen.alreadyDelivered + chosen.open > 0 else {
      return "the selection is empty"
    }
    if chosen.open == 0 { return "nothing is missing: \(to) has accepted all of the selection" }
    return "nothing is missing: \(to) has accepted the selection, or open deliveries take it there"
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
    try await session.confirm(
      "Send to \(target.host)", isAgreed: consent.yes, reason: consent.reason, typing: target.host,
      otherwise: "not sent"
    ) {
      explained(chosen, named: nil).dropFirst().map { $0 }
    }
  }
}

extension ReplaySend {
  /// The part that range and flags name, frozen to positions, and the position where it is one.
  @MainActor fileprivate func part(
    _ session: Session
  ) async throws -> (part: Selection, one: Int64?) {
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
    if let range, !isOne {
      part.after = max(range.lowerBound, 1) - 1
      part.before = range.upperBound + 1
    }
    return (part, isOne ? range?.lowerBound : nil)
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
    let head = try await session.position("head", flag: "SELECTION")
    guard last <= head else {
      throw Failure.failed("SELECTION: there is no event \(last); the last one is \(head)")
    }
    return first...last
  }
}
