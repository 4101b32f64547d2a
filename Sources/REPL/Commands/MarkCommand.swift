import ArgumentParser
import Daybook

struct MarkCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "mark",
    abstract: "Names a position; marks live in your own state, not in the journal.",
    discussion: """
      `marks` lists them. The name of a command is none for a mark.

      EXAMPLE
        daybook mark before-the-move head
      """)

  static let answersAsOf = false

  @OptionGroup var shared: SharedOptions
  @Argument(help: "The name.") var name: FreeText
  @Argument(help: "The position; default: where you stand, else the head.") var position:
    EventPlace?
  @Flag(help: "Removes the mark of that name.") var remove = false

  func validate() throws {
    if remove, position != nil { throw ValidationError("--remove takes a name alone") }
  }

  /// Words that would be taken for what to do with marks.
  private static let verbs = ["add", "delete", "list", "remove", "show"]

  @MainActor func perform(_ session: Session) async throws {
    let name = name.text
    if remove {
      try session.marks.remove(name)
      return session.remark("the mark \(name) is gone")
    }
    if MarkCommand.verbs.contains(name) || Root.names.contains(name) {
      throw Failure.usage(
        "\(name) is a command, and no name for a mark; `marks` lists marks, and"
          + " `mark --remove NAME` removes one")
    }
    let isWord =
      !name.isEmpty && name.allSatisfy { $0.isLetter || $0.isNumber || "-_.".contains($0) }
    let isNumber = Int64(name) != nil || name.first?.isNumber == true && Double(name) != nil
    let isTaken =
      name.hasPrefix("head") || isNumber || name.contains("..") || session.time(name) != nil
    guard isWord, !isTaken, name.utf8.count <= 200 else {
      throw Failure.usage(
        "'\(visible(name))' is no name: letters, digits, - _ . and not head, a number, a range or a time"
      )
    }
    let typed = position?.text ?? session.place.map(String.init) ?? "head"
    let place = try await session.position(typed, flag: "mark")
    // 0, also as a time before it, is where the log begins.
    if place != 0 { _ = try await session.journal().events.glance(place) }
    try session.marks.add(name, place)
    try await session.showOne(["mark": .text(name), "position": .integer(place)])
  }
}
