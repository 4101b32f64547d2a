import Daybook
import Glibc

extension Session {
  /// Refuses to make what is shown once, such as a token, where it cannot be shown at all.
  func checkOutput() throws(Failure) {
    let flags = fcntl(1, F_GETFL)
    guard flags < 0 || flags & O_ACCMODE == O_RDONLY else { return }
    throw .failed(
      "standard output is closed, and what is shown once would be lost; nothing was created")
  }

  /// Shows an instance that was just created, with its token.
  ///
  /// - Throws: `Failure` with status 5 where not all that was asked for is watched.
  func showCreated(_ created: CreatedInstance) async throws {
    let id = created.id
    do {
      try await showOne(Record(object: created.object))
    } catch let error as OutputError {
      throw Failure.failed(
        "instance \(id) was created in \(visible(settings.journal)), and works, but its token, which"
          + " is shown once, is lost: \(error). `instance show \(id)` shows the rest; for another"
          + " token, `instance delete \(id)` and create it anew")
    }
    try ConnectCommand.tell(leftOut: created.leftOut)
  }
}
