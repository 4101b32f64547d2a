import ArgumentParser
import Glibc

struct ReadCommand: AboutSession {
  static let configuration = CommandConfiguration(
    commandName: "read", abstract: "Runs the commands of a file.",
    discussion: """
      They run as if they were typed here; the first that fails ends it, and the file and its line \
      are named. A file may read others.

      EXAMPLE
        daybook read morning.daybook
      """)

  @OptionGroup var shared: SharedOptions
  @Argument(help: "The file.") var file: ScriptFile

  @MainActor func perform(_ session: Session) async throws {
    let name = visible(file.text)
    guard session.scriptDepth < TerminalLimits.scriptDepthMax else {
      throw Failure.failed(
        "\(name): more than \(TerminalLimits.scriptDepthMax) files that read one another")
    }
    let descriptor = open(file.text, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw Failure.failed("\(name): \(String(cString: strerror(errno)))")
    }
    session.scriptDepth += 1
    defer {
      session.scriptDepth -= 1
      // A word that leaves ends the file alone.
      session.isLeaving = false
      close(descriptor)
    }
    do {
      try await Interpreter(session).carryOut(ScriptReader(descriptor: descriptor))
    } catch {
      throw Failure(status: error.status, "\(name): \(error.message)")
    }
  }
}

/// A file with commands.
struct ScriptFile: TextOperand {
  static let kind = OperandKind.file
  let text: String
}
