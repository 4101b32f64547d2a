import ArgumentParser
import Daybook

struct RunCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Polls and delivers until stopped.",
    discussion: """
      One process at a time runs a journal; others may read it and append to it. Ctrl-C and \
      SIGTERM begin nothing new and wait for what is under way, at most as long as one attempt or \
      answer may take; a second one cuts that, and whether it arrived is unknown. On a terminal a \
      line tells of each poll with changes and each attempt.

      EXAMPLE
        daybook run
      """)

  static let isWork = true
  var waitsForOthers: Bool { true }

  @OptionGroup var shared: SharedOptions

  var writes: Bool { true }

  @MainActor func perform(_ session: Session) async throws {
    let journal = try session.writing()
    try await journal.open()
    session.remark("running \(session.settings.journal); Ctrl-C stops it")
    let lines = WorkLines(
      now: { [world = session.world] in world.now() }, zone: session.isLocal ? .local : .utc)
    let count = WorkCount()
    let isTold = session.isTerminal && session.logFormat == .text
    try await journal.run(
      report: { outcome in
        count.add(outcome)
        if isTold, let line = lines.line(outcome) { Console.complain(line) }
      }, isLogged: !isTold)
    session.remark("stopped after \(count.text)")
    if Task.isCancelled { throw Failure(status: 130, "") }
  }
}
