import Daybook
import Events

extension Session {
  /// A time as it was typed, in the zone in which times are shown.
  func moment(_ text: String, flag: String) throws(Failure) -> Moment {
    if let moment = time(text) { return moment }
    throw .usage("\(flag): \(visible(text)) is no time; use \(Journal.timeForms)")
  }

  /// Reads a time; nil where the text is none.
  func time(_ text: String) -> Moment? { try? presentJournal().moment(text, in: zone) }

  private var zone: ClockZone { (isLocal ? MomentStyle.local : .utc).zone }

  /// A position as it was typed: a number, `head`, `head-3`, a mark, or a time.
  ///
  /// - Parameters:
  ///   - other: The journal that it is of, in place of the one where the session stands.
  ///   - margin: How far past the last event it may lie.
  /// - Throws: `Failure` for what is no position, and for one where there is no event.
  func position(
    _ text: String, flag: String, in other: Journal? = nil, margin: Int64 = 0
  ) async throws -> Int64 {
    let journal = try other ?? journal()
    do {
      var typed = marks.load()[text]
      if typed == nil { typed = try await journal.position(text, in: zone) }
      guard let position = typed else {
        throw Failure.usage(
          "\(flag): \(visible(text)) is no position; use a number, head, head-3, a mark, or a time"
            + ": \(Journal.timeForms)")
      }
      try await journal.checkPosition(position > margin ? position - margin : position)
      return position
    } catch DaybookError.refused(let refusal) {
      throw Failure.failed(Session.remedied(refusal, in: journal))
    }
  }

  /// A refusal with the way out of the past, where what was named lies after it.
  private static func remedied(_ refusal: Refusal, in journal: Journal) -> String {
    guard journal.asOf != nil, refusal.code == .notFound(.event),
      let match = refusal.text.firstMatch(of: /^event (\d+) is after \d+$/)
    else { return refusal.text }
    return "\(refusal.text); `now`, or `at \(match.1)`"
  }

  /// The instance that was named by its id or its name.
  func instance(_ named: InstanceID) async throws -> Int64 {
    try await journal().instances.id(named.text)
  }

  /// The object that was named by its id, by the beginning of it, or as a table shortens it.
  ///
  /// - Parameter table: The list that is to be filtered by it.
  func object(_ named: ObjectID, in table: RowTable = .changes) async throws -> String {
    let id = try await journal().object(named.text, in: table)
    if id != named.text { remark("object \(id)") }
    return id
  }

  var marks: Marks { Marks(environment: settings.environment, journal: settings.journal) }
}
