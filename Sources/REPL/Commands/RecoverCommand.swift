import ArgumentParser
import Daybook
import Events

struct RecoverCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "recover", abstract: "Sends all that a URL has not accepted since a time.",
    discussion: """
      Opens again, under their own ids and in the order in which they were made, the deliveries \
      of the instances that name the URL: those that were given up, those that wait for a retry, \
      those that are held though the URL is enabled again, and those that were skipped for want \
      of a URL that is allowed. What the URL has accepted is left out. To a URL that no instance \
      names, `replay --missing` sends. Without --execute it only tells what would be sent. On a \
      terminal, a host that is not loopback is to be typed; elsewhere it needs --yes and --reason.

      EXAMPLE
        daybook recover http://127.0.0.1:9000/hook --since -2h
      """)

  static let isWork = true

  @OptionGroup var shared: SharedOptions
  @Argument(help: "The URL: a callback of an instance.") var url: CallbackAddress
  @Option(help: "What was asked for at TIME or later.") var since: TimeText
  @Option(help: "Only what was asked for before TIME.") var until: TimeText?
  @Flag(help: "Send, instead of telling what would be sent.") var execute = false
  @OptionGroup var consent: ConsentOptions

  var writes: Bool { execute }

  @MainActor func perform(_ session: Session) async throws {
    let start = try session.moment(since.text, flag: "--since")
    let end = try until.map { until throws(Failure) in
      try session.moment(until.text, flag: "--until")
    }
    let plan = try await session.journal().callbacks.recovery(
      of: url.text, since: start, until: end)
    guard execute else {
      try await session.showOne(Record(plan.row))
      guard session.isTerminal else { return }
      for line in explained(plan) { session.remark(line) }
      return
    }
    guard plan.notifications > 0 else {
      throw Failure.failed(
        "there is nothing to recover: \(url) has accepted all of it"
          + (left(plan).map { ", but for what is left out: \($0)" } ?? ""))
    }
    let callbacks = try session.writing().callbacks
    try await confirm(plan, session)
    let recovered = try await callbacks.recover(plan, reason: consent.reason.given)
    let failures = try await session.attempts("recover", due: recovered.count) { report in
      try await recovered.send(report: report)
    }
    if failures > 0 {
      throw Failure.partly("\(counted(failures, "delivery", "deliveries")) failed")
    }
  }

  /// Asks a person to type the host, unless it is loopback or --yes was given.
  @MainActor private func confirm(_ plan: RecoveryPlan, _ session: Session) async throws {
    guard let target = try? CallbackURL(url.text), !target.isLoopback else { return }
    try await session.confirm(
      "Send to \(target.host)", isAgreed: consent.yes, reason: consent.reason, typing: target.host,
      otherwise: "not sent"
    ) { [sum(plan)] + (left(plan).map { ["left out: \($0)"] } ?? []) }
  }

  private func sum(_ plan: RecoveryPlan) -> String {
    "\(counted(plan.notifications, "notification")) with \(counted(plan.changes, "change")) go to"
      + " \(plan.url) under their own ids"
  }

  private func explained(_ plan: RecoveryPlan) -> [String] {
    var lines = ["dry run, nothing was sent: \(sum(plan)); --execute sends them"]
    if let left = left(plan) { lines.append("left out: \(left)") }
    if !plan.isEnabled {
      lines.append("\(plan.url) takes no deliveries; `callback enable` with it comes first")
    }
    return lines
  }

  /// The notifications that stay as they are, in words; nil where there are none.
  private func left(_ plan: RecoveryPlan) -> String? {
    var parts: [String] = []
    if plan.alreadyDelivered > 0 {
      parts.append("\(grouped(plan.alreadyDelivered)) that it has accepted by another delivery")
    }
    if plan.open > 0 { parts.append("\(grouped(plan.open)) that another delivery takes there") }
    if plan.stillHeld > 0 { parts.append("\(grouped(plan.stillHeld)) that stay held") }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }
}
