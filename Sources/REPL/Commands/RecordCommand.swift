import ArgumentParser
import Glibc

struct RecordCommand: AboutSession {
  static let configuration = CommandConfiguration(
    commandName: "record", abstract: "Keeps what is typed and shown in a file.",
    discussion: """
      The file is appended to, and made with mode 0600. Lines that may hold a secret are left out. \
      Without a file the record ends.

      EXAMPLE
        daybook -c 'record sitting.txt' -c 'instance list'
      """)

  @OptionGroup var shared: SharedOptions
  @Argument(help: "The file; without it, the record ends.") var file: ResultFile?

  @MainActor func perform(_ session: Session) async throws {
    guard let file else {
      guard var ended = Console.record(nil) else { throw Failure.failed("nothing is recorded") }
      ended.close()
      if ended.failure != 0 {
        throw Failure.failed(
          "\(visible(ended.path)) is not whole: \(String(cString: strerror(ended.failure)))")
      }
      return session.remark("\(ended.path) holds what was shown")
    }
    close(try session.openResults(file.text, isAppending: true))
    let next = try Transcript(file.text)
    if var before = Console.record(next) { before.close() }
    session.remark("what is shown goes to \(file) as well; `record` ends that")
  }
}
