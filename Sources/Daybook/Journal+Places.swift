import Engine
import EventStore
import Events

extension Journal {
  /// Reads a position as people write it: a number, `head`, `head-3`, or a time, which stands for
  /// the last event that was recorded by then. `checkPosition` says whether there is an event.
  ///
  /// - Returns: nil where the text is no position.
  /// - Throws: `refused` for what lies before the first event.
  public func position(
    _ text: String, in zone: ClockZone = .utc
  ) async throws(DaybookError) -> Int64? {
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
    guard let moment = moment(text, in: zone) else { return nil }
    return try await events.position(at: moment)
  }
}
