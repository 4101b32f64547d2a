import ArgumentParser
import Daybook
import Events

struct KeyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "key", abstract: "The key that secrets in the journal are sealed with.",
    discussion: """
      It lies in a file of its own beside the journal. Three others are not it: heads are signed \
      with the key of `head --rotate-key`, notifications with those of `signature rotate`, and \
      clients of `serve` show the secrets of `secret rotate`.
      """,
    subcommands: [Rotate.self, Export.self])

  struct Rotate: SessionCommand {
    static let configuration = CommandConfiguration(
      commandName: "rotate", abstract: "Makes another key, and seals every secret anew with it.",
      discussion: """
        All secrets change over at once. The key before stays under another name, because backups \
        from before open with that one alone: remove it when the last of them is gone. `run` and \
        `serve` have to be stopped meanwhile. Signing keys, tokens and passwords stay as they are.

        EXAMPLE
          daybook key rotate
        """)

    @OptionGroup var shared: SharedOptions

    var writes: Bool { true }

    @MainActor func perform(_ session: Session) async throws {
      let rotated = try await session.writing().keys.rotate()
      try await session.showOne([
        "secrets": .integer(Int64(rotated.secrets)),
        "unreadable": .integer(Int64(rotated.unreadable)), "keyFile": .text(rotated.keyFile),
        "previousKeyFile": .text(rotated.previousKeyFile),
      ])
      session.remark(
        "keep a copy of the new key elsewhere; backups from before need"
          + " \(rotated.previousKeyFile)")
      if rotated.unreadable > 0 {
        throw Failure.partly(
          "\(counted(rotated.unreadable, "secret")) did not open with the key before;"
            + " `verify` names them")
      }
    }
  }

  struct Export: SessionCommand {
    static let configuration = CommandConfiguration(
      commandName: "export", abstract: "Copies the key to where it is kept.",
      discussion: """
        Who has it opens every secret of the journal and of its backups. Into a file, mode 0600, \
        which is not written over; without one to standard output, on a terminal after a question.

        EXAMPLE
          daybook key export kept.key
        """)

    static let answersAsOf = false

    @OptionGroup var shared: SharedOptions
    @Argument(help: "The file to make; without one, standard output.") var file: OutputPath?

    @MainActor func perform(_ session: Session) async throws {
      let journal = try session.presentJournal()
      guard let path = file?.text, path != "-" else {
        if session.isTerminal, session.descriptor == 1 {
          try await session.confirm("Show the key on this terminal") {
            ["who sees it can open every secret of the journal and of its backups"]
          }
        }
        return try session.write(Array((try await journal.keys.exported() + "\n").utf8))
      }
      try session.checkResults(path)
      let draft = try DraftFile(path)
      try draft.write(Array((try await journal.keys.exported() + "\n").utf8))
      try draft.finish()
      try await session.showOne(["file": .text(path)])
    }
  }
}
