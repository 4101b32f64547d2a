import Domain
import EventStore
import Events

extension PollRun {
  /// Judges an object by its dates. Moves the cursor to its date, where it is recorded or was
  /// known: never to the clock of this machine.
  mutating func judgeDated(_ item: Item, _ bytes: [UInt8], _ known: Known?) -> Verdict {
    guard let window else { return Verdict(nil, "no dates are asked for") }
    let verdict = rule.judge(
      item, bytes, known: known, in: DateWindow(since: window.since, now: began))
    if verdict.kind != nil || known != nil { advance(by: bytes) }
    return verdict
  }

  /// Moves the cursor to the date of an object, unless it lies past the provider’s first answer.
  ///
  /// A date that is still to come would hide what is changed until then; and what a later page
  /// shows may have changed while the list was read, with others before it that the list does not
  /// have.
  mutating func advance(by bytes: [UInt8]) {
    guard let date = rule.updated(in: bytes), date <= began else { return }
    latest = max(latest ?? date, date)
  }

  /// Where the next poll looks from; where no date was ever seen, a day before the first answer.
  var datedCursor: Moment { latest ?? began - Limits.datedBaselineOverlap }

  /// The times that a poll by dates asks for, and where its cursor stands.
  ///
  /// A baseline and a comparison ask for everything: what they do not see is not known, and would
  /// be announced as new when it changes.
  static func window(
    _ row: FeedRow, _ mode: PollMode, at now: Moment
  ) -> (window: DateWindow, latest: Moment?) {
    guard case .changes(let cursor) = mode, let latest = Moment(rfc3339: cursor) else {
      return (DateWindow(since: Moment(milliseconds: 0), now: now), nil)
    }
    let since = latest - .seconds(row.rules?.delaySeconds ?? 0)
    return (DateWindow(since: since, now: now), latest)
  }
}
