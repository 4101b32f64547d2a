import Daybook
import Events

/// A dry run in words, and the command that does it.
///
///     dry run, nothing was sent: 3 notifications with 5 changes would go to http://127.0.0.1:9000/
///     exact sends whole notifications: 4 more changes than the 1 named went out with it
///     http://127.0.0.1:9000/ has accepted 2 of them already; --missing leaves those out
///     1 of them an open delivery takes to http://127.0.0.1:9000/ as well; --missing leaves it out
///     to send it: daybook replay 1..57 --to http://127.0.0.1:9000/ --execute
extension ReplaySend {
  /// - Parameter named: Changes in what was named; nil where that is not known.
  func explained(_ plan: ReplayPlan, named: Int?) -> [String] {
    let changes = counted(plan.changes, "change")
    let sent = counted(plan.notifications, "notification")
    var lines = [
      "dry run, mode \(plan.mode.rawValue), nothing was sent: \(sent) with \(changes) would go to"
        + " \(plan.url)"
    ]
    if plan.mode == .exact, let named, named > 0, plan.changes > named {
      let more = counted(plan.changes - named, "more change")
      lines.append(
        "exact sends whole notifications: \(more) went out together with the"
          + " \(grouped(named)) named; --mode rebuilt sends those named alone")
    }
    if plan.gone > 0 {
      let what = plan.mode == .exact ? "notification" : "change"
      lines.append(
        "\(counted(plan.gone, what)) of the selection left out: the bytes were removed")
    }
    if plan.alreadyDelivered > 0 {
      let which = counted(plan.alreadyDelivered, "notification")
      lines.append(
        plan.isMissing
          ? "\(which) of the selection left out: \(plan.url) has accepted"
            + " \(plan.alreadyDelivered == 1 ? "it" : "them")"
          : "\(plan.url) has accepted \(grouped(plan.alreadyDelivered)) of them already, and gets"
            + " \(plan.alreadyDelivered == 1 ? "it" : "them") again; --missing leaves"
            + " \(plan.alreadyDelivered == 1 ? "it" : "them") out")
    } else {
      lines.append("\(plan.url) has accepted none of it so far")
    }
    if plan.open > 0 {
      let (which, them) = (counted(plan.open, "notification"), plan.open == 1 ? "it" : "them")
      lines.append(
        plan.isMissing
          ? "\(which) of the selection left out: an open delivery takes \(them) to \(plan.url)"
          : "\(grouped(plan.open)) of them an open delivery takes to \(plan.url) as well; --missing"
            + " leaves \(them) out")
    }
    return lines
  }

  /// The words that send the same, by positions and instants that stay what they are.
  func command(_ part: Selection, _ one: Int64?) -> [String] {
    var words = ["replay"] + typed(part, one) + ["--to", to.text]
    if mode != .exact { words += ["--mode", mode.rawValue] }
    if let rate { words += ["--rate", rate.text] }
    if let concurrency { words += ["--concurrency", "\(concurrency)"] }
    if withCredentials { words.append("--with-credentials") }
    if consent.yes { words.append("--yes") }
    if let reason = consent.reason.given { words += ["--reason", reason] }
    return words + ["--execute"]
  }

  /// The selection as it is frozen, for the record.
  func typed(_ part: Selection, _ one: Int64?) -> [String] {
    var words: [String] = []
    if let one { words.append("\(one)") }
    if let after = part.after, let before = part.before {
      words.append("\(after + 1)..\(before - 1)")
    }
    if let since = part.since { words += ["--since", since.rfc3339] }
    if let until = part.until { words += ["--until", until.rfc3339] }
    if let instance = part.instance { words += ["--instance", "\(instance)"] }
    if let resource = part.resource { words += ["--resource", resource] }
    if let object = part.object { words += ["--object", object] }
    if !part.statuses.isEmpty { words += ["--status"] + part.statuses }
    if missing { words.append("--missing") }
    return words
  }
}

extension Session {
  /// A command as a person can copy it: at the prompt for the prompt, else for the shell.
  func shellLine(_ words: [String]) -> String {
    let line = words.map(Session.shellQuoted).joined(separator: " ")
    if editor != nil { return line }
    let usual = settings.environment[Setting.journal.variable ?? ""] ?? "daybook.journal"
    let journal =
      settings.journal == usual ? "" : "--journal \(Session.shellQuoted(settings.journal)) "
    return "daybook \(journal)\(line)"
  }

  /// A word as shells and the prompt read it back.
  static func shellQuoted(_ word: String) -> String {
    let plain = "_./:=@%+,-"
    let isPlain = word.unicodeScalars.allSatisfy {
      $0.isASCII && ($0.properties.isAlphabetic || $0.properties.numericType != nil)
        || plain.unicodeScalars.contains($0)
    }
    guard word.isEmpty || !isPlain else { return word }
    return "'" + word.replacing("'", with: "'\\''") + "'"
  }
}
