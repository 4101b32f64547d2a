import ArgumentParser
import Daybook
import Events

struct ForgetCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "forget",
    abstract:
      "Removes the bytes of an object, an instance or a person; a dry run unless --execute.",
    discussion: """
      What was received and sent goes for good: objects, the pages that they were on, \
      notifications that tell of them, answers to these. Events, digests and ids stay, \
      `verify` says what was removed. --person finds objects by the address in their bytes \
      (organizer, attendees, From, To, texts, also in base64), each with all its versions; it \
      does not find somebody who is named without the address, nor what attachments hold. Ids \
      of calendars, which may be addresses, and what an operator has configured stay in \
      events. Backups of this journal that were made on this machine before, and so may hold it \
      still, are named; --in FILE makes one anew, which may also be the folder of a continuous \
      backup, and can be given with the same command again later. Exports and copies made by \
      others are not touched. What is still at Google comes back when it changes. On a \
      terminal it asks; elsewhere it needs --yes and --reason, which should name nobody.

      EXAMPLE
        daybook forget --instance 1
      """)

  static let answersAsOf = false

  @OptionGroup var shared: SharedOptions
  @Option(help: ObjectID.help) var object: ObjectID?
  @Option(help: InstanceID.help) var instance: InstanceID?
  @Option(help: "An address, such as ann@example.com.") var person: FreeText?
  @Flag(help: "Remove, instead of telling what would be removed.") var execute = false
  @Flag(help: "Also what is still to be delivered; such deliveries are skipped when due.")
  var skipOpen = false
  @Option(help: "A backup to be made anew, without it; may be repeated.")
  var `in`: [OutputPath] = []
  @OptionGroup var consent: ConsentOptions

  var writes: Bool { execute }

  @MainActor func perform(_ session: Session) async throws {
    let (choice, name) = try await choice(session)
    let plan = try await session.journal().retention.plan(choice)
    guard execute else {
      try await session.showRemoval(plan, isExecuted: false)
      if plan.open > 0, session.isTerminal {
        session.remark(
          "\(plan.open) of it still to be delivered; `deliver` first, or --skip-open removes it")
      }
      return session.remarkDryRun(plan)
    }
    guard skipOpen || plan.open == 0 else {
      throw Failure.failed(
        "\(counted(plan.open, "delivery", "deliveries")) still to be made of it; `deliver` first,"
          + " or give --skip-open: they are skipped when due")
    }
    try await session.confirm(
      "Forget \(name)", isAgreed: consent.yes, reason: consent.reason
    ) { [session.consequence(plan)] }
    let retention = try session.writing().retention
    let done = try await retention.remove(
      choice, skipsOpen: skipOpen, reason: consent.reason.given)
    // What was removed is shown whatever becomes of the backups, and one that fails stops no other.
    var failure: DaybookError?
    for backup in `in` {
      do throws(DaybookError) {
        try await retention.renew(backup: backup.text)
      } catch {
        failure = failure ?? error
      }
    }
    try await session.showRemoval(done, isExecuted: true)
    if let failure { throw Failure(failure) }
  }

  @MainActor private func choice(_ session: Session) async throws -> (RemovalChoice, String) {
    let given = [object != nil, instance != nil, person != nil].filter(\.self).count
    if let person, given == 1 {
      return (.person(person.text.trimmedBlanks), "this person")
    }
    guard given > 0, person == nil else {
      throw Failure.usage("name one: --object ID, --instance ID or --person ADDRESS")
    }
    var id: Int64?
    if let instance { id = try await session.instance(instance) }
    guard let object else { return (.instance(id ?? 0), "instance \(id ?? 0)") }
    let name = try await session.object(object)
    return (.object(name, of: id), "object \(name)")
  }
}

extension Session {
  /// The extent of a removal as one record.
  func showRemoval(_ extent: RemovedEvidence, isExecuted: Bool) async throws {
    let backups = try await journal().retention.backups(before: extent.positions)
    try await showOne(Record(extent.row(isExecuted: isExecuted, backups: backups)))
    if isTerminal, !backups.isEmpty {
      remark(
        "may hold it still: \(backups.joined(separator: ", ")); `forget` with --in FILE makes such"
          + " a backup anew")
    }
    if let obstacle = extent.obstacle {
      throw Failure.partly("copies of removed bytes may be left: \(obstacle)")
    }
  }

  /// Says on a terminal that nothing was removed.
  func remarkDryRun(_ plan: RemovedEvidence) {
    guard isTerminal else { return }
    remark(
      plan.payloads == 0
        ? "there is nothing to remove"
        : "dry run, nothing was removed: \(consequence(plan)); --execute does it")
  }

  /// The consequence of a removal in a line.
  func consequence(_ plan: RemovedEvidence) -> String {
    let kinds = EvidenceKind.allCases.compactMap { kind in
      plan.counts[kind].map { "\(grouped($0)) \(kind.rawValue)" }
    }
    let parts = kinds.isEmpty ? "" : " (\(kinds.joined(separator: ", ")))"
    return "\(counted(plan.payloads, "payload")) of \(grouped(plan.bytes)) bytes\(parts)"
      + " would go for good; events and digests stay"
  }
}
