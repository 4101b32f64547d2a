import ArgumentParser
import Daybook
import Events

struct WhenCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "when",
    abstract: "Where you stand: the journal, its head, the place and its time.",
    discussion: "EXAMPLE\n  daybook -c 'at 3' -c when")

  @OptionGroup var shared: SharedOptions

  @MainActor func perform(_ session: Session) async throws {
    let present = try session.presentJournal()
    let head = try await present.head()
    let place = session.place ?? head
    let row = place > 0 ? try await present.events.glance(place) : nil
    let time = place > 0 ? try await present.events.time(of: place) : nil
    let marks = session.marks.load().filter { $0.value == place }.keys.sorted()
    try await session.showOne([
      "journal": .text(session.settings.journal), "head": .integer(head),
      "asOf": session.asOf.map { .integer($0) } ?? .null, "place": .integer(place),
      "recordedAt": time.map { .moment($0) } ?? .null,
      "type": row?["type"]?.string.map { .text($0) } ?? .null,
      "marks": .json("[\(marks.map { quotedJSON($0) }.joined(separator: ","))]"),
    ])
  }
}
