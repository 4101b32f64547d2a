import Daybook
import Events

extension Session {
  /// A time as it was typed: RFC 3339, a date, `today`, `-2h`.
  func moment(_ text: String, flag: String) throws(Failure) -> Moment {
    if let moment = time(text) { return moment }
    throw .usage(
      "\(flag): \(visible(text)) is no time; use 2026-11-23T09:05:00Z, 2026-11-23, today or -2h")
  }

  /// Reads a time; nil where the text is none.
  func time(_ text: String) -> Moment? { try? presentJournal().moment(text) }

  /// A position as it was typed: a number, `head`, `head-3`, a mark, or a time.
  ///
  /// - Parameter other: The journal that it is of, in place of the one where the session stands.
  func position(_ text: String, flag: String, in other: Journal? = nil) async throws -> Int64 {
    if let marked = marks.load()[text] { return marked }
    do {
      if let position = try await (other ?? journal()).position(text) { return position }
    } catch DaybookError.refused(let refusal) {
      throw Failure.failed("\(flag): \(refusal.text)")
    }
    throw Failure.usage(
      "\(flag): \(visible(text)) is no position; use a number, head, head-3, a mark, or a time")
  }

  var marks: Marks { Marks(environment: settings.environment, journal: settings.journal) }
}
