import ArgumentParser
import Daybook

struct RunCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Polls and delivers until stopped.",
    discussion: """
      One process at a time runs a journal; others may read it and append to it. Ctrl-C and \
      SIGTERM begin nothing new and wait for what is under way, at most as long as one attempt or \
      answer may take; a second one cuts that, and whether it arrived is unknown.

      EXAMPLE
        daybook run
      """)

  static let isWork = true

  @OptionGroup var shared: SharedOptions

  var writes: Bool { true }

  @MainActor func perform(_ session: Session) async throws {
    let journal = try session.writing()
    try await journal.open()
    session.remark("running \(session.settings.journal); Ctrl-C stops it")
    try await journal.run()
    if Task.isCancelled { throw Failure(status: 130, "") }
  }
}
