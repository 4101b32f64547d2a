import ArgumentParser
import Daybook
import Events

struct AuditCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Proves completeness: every change, where it was to go, and when that took it.",
    discussion: """
      A row a change and URL: its own callback first, then what replays sent elsewhere. `status` \
      is accepted, open, exhausted, skipped, or lost; `reason` says why it was not accepted, and \
      `body` and `bytes` name what was. It counts what was recorded up to one event, the last, or \
      that of --at. It exits with 0 where each change was accepted by its own callback or is not \
      to be sent, with 5 where one is open or given up, and with 1 where no delivery tells of one: \
      that is a fault. --html writes a page that needs no network, with the head that it speaks of.

      EXAMPLE
        daybook audit --since today
      """)

  @OptionGroup var shared: SharedOptions
  @Option(help: "Only changes recorded at TIME or later.") var since: TimeText?
  @Option(help: "Only changes recorded before TIME.") var until: TimeText?
  @Option(help: InstanceID.help) var instance: InstanceID?
  @Option(help: ObjectID.help) var object: ObjectID?
  @Option(help: "Write a page for a browser into this file, of mode 0600.") var html: OutputPath?
  @Flag(help: "Write over a file that is there.") var force = false

  func validate() throws {
    if force, html == nil { throw ValidationError("--force goes with --html FILE") }
  }

  @MainActor func perform(_ session: Session) async throws {
    var part = Selection()
    if let since { part.since = try session.moment(since.text, flag: "--since") }
    if let until { part.until = try session.moment(until.text, flag: "--until") }
    if let instance { part.instance = try await session.instance(instance) }
    if let object { part.object = try await session.object(object) }
    let audit = try await session.journal().audit(part)
    let totals: Audit.Totals
    if let html {
      totals = try await session.writePage(html.text, over: force, of: audit, part)
      session.remark("\(html.text): the log up to event \(audit.head)")
    } else {
      totals = try await session.show(audit)
    }
    try Task.checkCancellation()
    let text = totals.words
    if totals[.lost] > 0 { throw Failure.failed(text) }
    guard totals.isComplete else { throw Failure.partly(text) }
    session.remark(text)
  }
}

extension Session {
  fileprivate func show(_ audit: Audit) async throws -> Audit.Totals {
    let names = names(of: .audit)
    let counts = AuditCounts()
    try await show(names, of: .audit) { write in
      counts.totals = try await audit.rows { @MainActor rows in
        for row in rows { try write(Record(row).only(names)) }
        return !Task.isCancelled
      }
    }
    return counts.totals
  }

  /// Writes an audit as a page, which is whole or not there. It is walked twice: the totals stand
  /// first, and nothing of it is kept meanwhile.
  fileprivate func writePage(
    _ path: String, over isForced: Bool, of audit: Audit, _ part: Selection
  ) async throws -> Audit.Totals {
    try checkResults(path)
    let page = AuditPage(file: journalName, moments)
    let totals = try await audit.totals()
    try await OwnPage.write(to: path, over: isForced) { write in
      try write(page.beginning(audit, part, totals))
      try await audit.rows { @MainActor rows in
        try Task.checkCancellation()
        for row in rows { try write(page.row(row)) }
        return true
      }
      try write(page.end)
    }
    return totals
  }
}

/// The counts of an audit, once it was shown.
@MainActor private final class AuditCounts {
  var totals = Audit.Totals()
}

extension Audit.Totals {
  /// In one line.
  ///
  ///     1,204 changes: 1,190 accepted, 3 open, 11 not to be sent
  ///     2 changes: 0 accepted, 1 open, 0 not to be sent, 1 lost: no delivery tells of it
  package var words: String {
    var parts = ["\(grouped(self[.accepted])) accepted", "\(grouped(self[.open])) open"]
    if self[.exhausted] > 0 { parts.append("\(grouped(self[.exhausted])) given up") }
    parts.append("\(grouped(self[.skipped])) not to be sent")
    let lost = self[.lost]
    if lost > 0 {
      parts.append("\(grouped(lost)) lost: no delivery tells of \(lost == 1 ? "it" : "them")")
    }
    return "\(counted(changes, "change")): \(parts.joined(separator: ", "))"
  }
}
