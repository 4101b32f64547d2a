import ArgumentParser
import Glibc

struct OutputCommand: AboutSession {
  static let configuration = CommandConfiguration(
    commandName: "output", abstract: "Sends the results of what follows to a file.",
    discussion: """
      Without a file they come back to the screen. The file is begun anew, and made with mode \
      0600; forms are those of a file. `> FILE`, `>> FILE` and `| COMMAND` behind a command do it \
      for that one.

      EXAMPLE
        daybook -c 'output result.jsonl' -c 'instance list'
      """)

  @OptionGroup var shared: SharedOptions
  @Argument(help: "The file; without it, the screen again.") var file: ResultFile?

  @MainActor func perform(_ session: Session) async throws {
    let next = try file.map { file throws(Failure) in
      OutputTarget(
        path: file.text, descriptor: try session.openResults(file.text, isAppending: false))
    }
    if let before = session.usualOutput { close(before.descriptor) }
    session.usualOutput = next
    if let next { session.remark("results go to \(next.path); `output` brings them back") }
  }
}

/// A file that is written.
struct ResultFile: TextOperand {
  static let kind = OperandKind.file
  let text: String
}
