import Engine
import EventStore
public import Events

extension Journal {
  /// Reads a time as people write it.
  ///
  ///     2026-11-23T09:05:00Z   2026-11-23   now   today   -2h
  ///
  /// - Returns: nil where the text is no time.
  public func moment(_ text: String) -> Moment? {
    if let moment = Moment(rfc3339: text) ?? Moment(rfc3339: text + "T00:00:00Z") { return moment }
    let now = access.world.now()
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

  /// Reads a position as people write it: a number, `head`, `head-3`, or a time, which stands for
  /// the last event that was recorded by then.
  ///
  /// - Returns: nil where the text is no position.
  /// - Throws: `refused` for what lies before the first event.
  public func position(_ text: String) async throws(DaybookError) -> Int64? {
    if let number = Int64(text), number >= 0 { return number }
    if text.hasPrefix("head") {
      let last = if let asOf { asOf } else { try await head() }
      if text == "head" { return last }
      let digits = text.dropFirst(5)
      if text.hasPrefix("head-"), digits.first?.isNumber == true, let back = Int64(digits) {
        guard back < last else {
          throw .refused(
            Refusal(
              .notFound(.event), "\(text) lies before the first event; the last one is \(last)"))
        }
        return last - back
      }
    }
    guard let moment = moment(text) else { return nil }
    return try await events.position(at: moment)
  }
}
