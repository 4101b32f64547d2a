import ArgumentParser
import Daybook
import Events

struct HistoryCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "Every version of one object: what changed in it, and who was told.",
    discussion: """
      OBJECT is an objectId, or a beginning that no other has. Each version is compared with the \
      one before it, field by field; what the first one was before is not known. On a terminal \
      it is told in lines; other formats have `changes` with field, before and after, and \
      `deliveries`.

      EXAMPLE
        daybook history 5suddmrdfjn90cfian5nfaikd8
      """)

  @OptionGroup var shared: SharedOptions
  @Argument(help: "An objectId, or its beginning.") var object: ObjectID
  @Option(help: "An instance's id, where several watch the object.") var instance: InstanceID?

  @MainActor func perform(_ session: Session) async throws {
    let journal = try session.journal()
    var id: Int64?
    if let instance { id = try await session.instance(instance) }
    if session.isForPeople {
      var lines = session.historyLines
      try await session.showLines { write in
        try await journal.history(of: object.text, instance: id) { @MainActor rows in
          for row in rows { try write(lines.lines(row)) }
          return !Task.isCancelled
        }
      }
      return
    }
    try await session.show(RowTable.history.names, of: .history) { write in
      try await journal.history(of: object.text, instance: id) { @MainActor rows in
        for row in rows { try write(Record(row)) }
        return !Task.isCancelled
      }
    }
  }
}
