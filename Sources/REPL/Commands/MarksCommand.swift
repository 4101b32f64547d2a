import ArgumentParser
import Daybook
import Events

struct MarksCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "marks", abstract: "Lists the marks of this journal.",
    discussion: "EXAMPLE\n  daybook marks")

  static let answersAsOf = false

  @OptionGroup var shared: SharedOptions

  @MainActor func perform(_ session: Session) async throws {
    let events = try session.presentJournal().events
    let marks = session.marks.load().sorted { ($0.value, $0.key) < ($1.value, $1.key) }
    var records: [Record] = []
    for (name, position) in marks {
      // A mark may be of a journal that stood at this path before.
      let row = position > 0 ? try? await events.glance(position) : nil
      let time = position > 0 ? try await events.time(of: position) : nil
      records.append([
        "mark": .text(name), "position": .integer(position),
        "recordedAt": time.map { .moment($0) } ?? .null,
        "type": row?["type"]?.string.map { .text($0) } ?? .null,
      ])
    }
    try await session.show(["mark", "position", "recordedAt", "type"], records)
  }
}
