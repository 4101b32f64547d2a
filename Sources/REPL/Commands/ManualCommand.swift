import ArgumentParser
import Daybook
import Glibc

struct ManualCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "manual",
    abstract: "Writes the manual's pages, one a command, into a folder.",
    discussion: """
      `make install` does it. Afterwards `man -M FOLDER/.. daybook-replay` shows one, where the \
      folder is called man1.

      EXAMPLE
        daybook manual .
      """)

  static let answersAsOf = false

  @OptionGroup var shared: SharedOptions
  @Argument(help: "A folder that is there.") var folder: InputFile

  func validate() throws {
    // An empty name before a file's would be the root of all folders.
    if folder.text.isEmpty { throw ValidationError("name a folder that is there") }
  }

  @MainActor func perform(_ session: Session) async throws {
    for page in ManualPage.all {
      let path = "\(folder.text)/\(page.name).1"
      let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
      guard file >= 0 else { throw Self.failure(path) }
      defer { close(file) }
      var rest = Array(page.text.utf8)[...]
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        guard count > 0 || errno == EINTR else { throw Self.failure(path) }
        rest = rest.dropFirst(max(0, count))
      }
    }
  }

  private static func failure(_ path: String) -> Failure {
    .failed("\(path) cannot be written: \(String(cString: strerror(errno)))")
  }
}
