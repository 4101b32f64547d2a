import ArgumentParser
import Daybook
import Events

struct BackupCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup", abstract: "Copies the journal into one file, while others write it.",
    discussion: """
      The copy is of the moment at which it begins. It is read back and checked before it stands \
      at its path, mode 0600. A file that is there is refused; --replace replaces a backup, and \
      nothing else. The secrets are in it as they are sealed; the key file is not: keep a copy of \
      that elsewhere. `restore` makes a journal of it again.

      --continuous keeps a folder up to date until it is stopped: what is lost with the journal \
      is what was appended in the last --every. It goes on from what is in the folder.

      EXAMPLE
        daybook backup backup.journal
      """)

  static let isWork = true
  static let answersAsOf = false

  @OptionGroup var shared: SharedOptions
  @Argument(help: "The file to make.") var file: OutputPath?
  @Flag(help: "Replace a backup that is there.") var replace = false
  @Option(help: "A folder to keep up to date, until Ctrl-C or SIGTERM.") var continuous: OutputPath?
  @Option(help: "How long to wait before it looks for what is new.") var every: DurationText = "5s"

  @MainActor func perform(_ session: Session) async throws {
    if let continuous {
      guard file == nil, !replace else {
        throw Failure.usage("--continuous takes a folder, and neither a file nor --replace")
      }
      return try await keepUp(continuous.text, session)
    }
    guard let file else {
      throw Failure.usage("name the file to make, or a folder to --continuous")
    }
    guard file.text != "-" else {
      throw Failure.usage("a backup is a file of its own; name one, or use `export`")
    }
    let gauge = ProgressGauge()
    let made: JournalBackup
    do {
      made = try await session.showing("backup", "page", gauge) {
        try await session.journal().backup(to: file.text, replaces: replace) { gauge.set($0) }
      }
    } catch DaybookError.cancelled {
      throw Failure.interrupted(gauge.value, "page", "nothing is left of it")
    }
    try await session.showOne([
      "file": .text(file.text), "events": .integer(made.events), "head": .integer(made.events),
      "digest": .text(made.digest), "bytes": .integer(made.bytes),
      "keyFile": made.keyFile.map { .text($0) } ?? .null,
    ])
    if let key = made.keyFile {
      session.remark(
        "the secrets in it are sealed with \(key), which is not in it: keep a copy of that key"
          + " elsewhere, for without it nothing is polled or sent again")
    }
  }

  @MainActor private func keepUp(_ folder: String, _ session: Session) async throws {
    guard let wait = Duration(unit: every.text), wait >= .milliseconds(100) else {
      throw Failure.usage("--every: \(visible(every.text)) is no duration of 100ms or more")
    }
    let journal = try session.journal()
    session.remark(
      "keeping \(folder) up to date; lost with the journal is what was appended in the last"
        + " \(every.text). The key is not in it. Ctrl-C stops it")
    let reached = try await journal.backUpContinuously(into: folder, every: wait)
    try await session.showOne([
      "folder": .text(folder), "head": .integer(reached.head), "digest": .text(reached.digest),
      "added": .integer(reached.added),
    ])
    if Task.isCancelled { throw Failure(status: 130, "") }
  }
}

struct RestoreCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore", abstract: "Makes a journal of a backup, which sends nothing yet.",
    discussion: """
      FILE is what `backup` made, a folder of `backup --continuous`, or a plain copy of a journal \
      with its -wal beside it. All of it \
      is checked, then it is put where no journal is yet. Every delivery is held until \
      --resume: what was sent after the backup was taken is unknown to it and will be sent again, \
      under the same ids as far as they were asked for by then. From here on it is a lineage of \
      its own, which nothing takes for the original: let one of the two poll and deliver.

      EXAMPLE
        daybook --journal restored.journal restore backup.journal
      """)

  static let isWork = true
  static let answersAsOf = false

  @OptionGroup var shared: SharedOptions
  @Argument(help: "A backup, its folder, or a copy of a journal.") var file: InputFile?
  @Flag(help: "Let the journal send what is held for it.") var resume = false
  @Option(help: "Why it goes on; recorded with it.") var reason: ReasonText?

  var writes: Bool { true }

  @MainActor func perform(_ session: Session) async throws {
    guard file != nil || resume else {
      throw Failure.usage("name a backup to restore, or give --resume")
    }
    if reason != nil, !resume { throw Failure.usage("--reason goes with --resume") }
    guard let file else { return try await session.showOne(goOn(session)) }
    guard file.text != "-" else {
      throw Failure.usage("a backup is read twice, and standard input once; name a file")
    }
    try await restore(file.text, session)
  }

  /// Lets the journal send.
  @MainActor private func goOn(_ session: Session) async throws -> Record {
    let released = try await session.writing().resume(reason: reason.given)
    session.remark(
      "what was held is due; what the original sent after the backup was taken is unknown here"
        + " and is sent again")
    return ["released": .integer(Int64(released))]
  }

  @MainActor private func restore(_ file: String, _ session: Session) async throws {
    let journal = try session.writing()
    let gauge = ProgressGauge()
    let made: RestoredJournal
    do {
      made = try await session.showing("restore", "page", gauge) {
        try await journal.restore(from: file) { gauge.set($0) }
      }
    } catch DaybookError.cancelled {
      throw Failure.interrupted(gauge.value, "page", "nothing is left of it")
    }
    let released = try await resume ? journal.resume(reason: reason.given) : 0
    try await session.showOne([
      "journal": .text(session.settings.journal), "events": .integer(made.events),
      "digest": .text(made.digest), "lineage": .text(made.lineage),
      "takenAt": made.takenAt.map { .moment($0) } ?? .null,
      "held": .integer(made.held - Int64(released)),
      "key": .text(made.key.rawValue), "keyFile": .text(made.keyFile),
    ])
    switch made.key {
    case .missing:
      session.remark(
        "its secrets are sealed, and there is no key at \(made.keyFile): put the original's there")
    case .wrong:
      session.remark("the key at \(made.keyFile) does not open its secrets: it is another one")
    case .opens, .unneeded: break
    }
    guard !resume else { return }
    session.remark(
      "\(counted(made.held, "delivery", "deliveries")) held, and nothing is sent; see that the"
        + " original is at rest, then `restore --resume` lets it go on")
  }
}
