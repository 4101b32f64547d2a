import ArgumentParser
import Daybook
import Events

struct ArchiveCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "archive",
    abstract: "Moves old events to a file beside the journal; a dry run unless --execute.",
    discussion: """
      All events before a position, or before a time, that are in no archive yet go to a file \
      named as the journal, with .archive- and the last position. It is made, brought to the \
      disk and read back before anything leaves the journal, and only read from then on. Lists, \
      `at`, `trace`, `verify` and all else go on over both; what wants the file says so where it \
      is not at hand. What work may ask for stays in the journal, and so do all bytes: an archive \
      holds nothing of a person. On a terminal it asks; elsewhere it needs --yes and --reason.

      EXAMPLE
        daybook archive --before head
      """)

  static let answersAsOf = false

  @OptionGroup var shared: SharedOptions
  @Option(help: "The first event that is not to be archived: a position, a mark, or a time.")
  var before: EventPlace
  @Flag(help: "Archive, instead of telling what would be archived.") var execute = false
  @OptionGroup var consent: ConsentOptions

  var writes: Bool { execute }

  @MainActor func perform(_ session: Session) async throws {
    // All events come before the one that follows the last.
    let position = try await session.position(before.text, flag: "--before", margin: 1)
    let plan = try await session.journal().retention.planArchive(before: position)
    guard execute else {
      try await session.showOne(Record(plan.row))
      return session.remarkPlan(plan)
    }
    try await session.confirm(
      "Move events \(plan.first) to \(plan.last) to \(plan.file)", isAgreed: consent.yes,
      reason: consent.reason
    ) { [session.consequence(plan)] }
    let gauge = ProgressGauge()
    let done: ArchivedPart
    do {
      done = try await session.showing("archive", "event", gauge) {
        try await session.writing().retention.archive(
          before: position, reason: consent.reason.given
        ) { gauge.set($0) }
      }
    } catch DaybookError.cancelled {
      throw Failure.interrupted(
        gauge.value, "event", "nothing has left the journal; the same command begins again")
    }
    try await session.showOne(Record(done.row))
    if let obstacle = done.obstacle {
      throw Failure.partly("archived, but the journal is not written anew: \(obstacle)")
    }
  }
}

extension Session {
  /// Says on a terminal that nothing was moved.
  fileprivate func remarkPlan(_ plan: ArchivedPart) {
    guard isTerminal else { return }
    remark("dry run, nothing was moved: \(consequence(plan)); --execute does it")
  }

  fileprivate func consequence(_ plan: ArchivedPart) -> String {
    "\(counted(Int(plan.events), "event")) would stand in \(plan.file), and"
      + " \(grouped(Int64(plan.kept))) of them in the journal as well"
  }
}
