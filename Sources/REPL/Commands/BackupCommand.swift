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

      EXAMPLE
        daybook backup backup.journal
      """)

  static let isWork = true
  static let answersAsOf = false

  @OptionGroup var shared: SharedOptions
  @Argument(help: "The file to make.") var file: OutputPath
  @Flag(help: "Replace a backup that is there.") var replace = false

  @MainActor func perform(_ session: Session) async throws {
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
}

struct RestoreCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore", abstract: "Makes a journal of a backup, which sends nothing yet.",
    discussion: """
      FILE is what `backup` made, or a plain copy of a journal with its -wal beside it. All of it \
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
  @Argument(help: "A backup, or a copy of a journal.") var file: InputFile?
  @Flag(help: "Let the journal send what is held for it.") var resume = false
  @Option(help: "Why it goes on; recorded with it.") var reason: FreeText?

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
    let released = try await session.writing().resume(reason: reason?.text)
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
    let released = try await resume ? journal.resume(reason: reason?.text) : 0
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
