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
  func time(_ text: String) -> Moment? {
    if let moment = Moment(rfc3339: text) { return moment }
    if let moment = Moment(rfc3339: text + "T00:00:00Z") { return moment }
    let now = world.now()
    if text == "now" { return now }
    if text == "today" {
      let day: Int64 = 86_400_000
      return Moment(milliseconds: now.milliseconds - now.milliseconds % day)
    }
    if text.hasPrefix("-"), let duration = Duration(unit: text.dropFirst()) {
      return now - duration
    }
    return nil
  }

  /// A position as it was typed: a number, `head`, `head-3`, a mark, or a time.
  ///
  /// - Parameter other: The journal that it is of, in place of the one where the session stands.
  func position(_ text: String, flag: String, in other: Journal? = nil) async throws -> Int64 {
    if let number = Int64(text), number >= 0 { return number }
    let journal = try other ?? self.journal()
    let head = try await journal.head()
    if text.hasPrefix("head") {
      let last = journal.asOf ?? head
      if text == "head" { return last }
      let digits = text.dropFirst(5)
      if text.hasPrefix("head-"), digits.first?.isNumber == true, let back = Int64(digits) {
        guard back < last else {
          throw Failure.failed(
            "\(flag): \(text) lies before the first event; the last one is \(last)")
        }
        return last - back
      }
    }
    if let marked = marks.load()[text] { return marked }
    if let moment = time(text) { return try await journal.events.position(at: moment) }
    throw Failure.usage(
      "\(flag): \(visible(text)) is no position; use a number, head, head-3, a mark, or a time")
  }

  var marks: Marks { Marks(environment: settings.environment, journal: settings.journal) }
}
