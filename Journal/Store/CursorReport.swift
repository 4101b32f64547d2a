/// A row of `cursors`: how far a feed has been read, and when it is read on.
struct CursorReport: HistoryRow {
  var feed: Int64
  var since: Int64
  var until: Int64?
  var instance: Int64?
  var resource: String?
  var collection: String?
  var state: String?
  var mode: String? = "baseline"
  var cursor: String?
  var movedAtMs: Int64?
  var polledAtMs: Int64?
  var failures: Int64? = 0
  var reason: String?
  var nextAtMs: Int64?
  /// The last quiet poll since then.
  var quiet: Quiet?

  /// A poll that left the cursor where it was, and with it everything else but these.
  struct Quiet {
    var position: Int64
    var polledAtMs: Int64?
    var nextAtMs: Int64?
  }

  var key: Int64 { feed }

  static let insertion = SQL.putCursorRow
  static let ending = SQL.endCursorRow
  static let amendment: SQL? = .amendCursorRow
  static let newest = SQL.newestCursorRow

  /// The row that `feed.opened` begins; nil for a body without a feed.
  init?(opened event: FoldedEvent) {
    let fields = event.fields
    guard let feed = fields.integer(.feed) else { return nil }
    self.feed = feed
    since = event.position
    instance = fields.integer(.instance)
    resource = fields.text(.resource)
    collection = fields.text(.collection)
    state = fields.integer(.supported) == 1 ? "open" : "unsupported"
    nextAtMs = fields.integer(.nextAtMs)
  }

  /// Notes a quiet poll, in place.
  ///
  /// - Returns: false where the event is none: a row of its own begins with it.
  mutating func note(_ event: FoldedEvent) -> Bool {
    guard event.type == "poll.completed", mode == "changes", failures == 0, reason == nil
    else { return false }
    let after = event.fields.text(.cursorAfter)
    guard after == nil || after == cursor else { return false }
    quiet = Quiet(
      position: event.position, polledAtMs: event.fields.integer(.polledAtMs),
      nextAtMs: event.fields.integer(.nextAtMs))
    return true
  }

  /// Follows any other event of its feed.
  mutating func follow(_ event: FoldedEvent) {
    if let last = quiet {
      movedAtMs = last.polledAtMs ?? movedAtMs
      polledAtMs = last.polledAtMs ?? polledAtMs
      quiet = nil
    }
    let fields = event.fields
    switch event.type {
    case "feed.closed": state = "closed"
    case "feed.disabled": state = "disabled"
    case "feed.enabled": state = "open"
    case "poll.completed":
      mode = "changes"
      cursor = fields.text(.cursorAfter) ?? cursor
      movedAtMs = fields.integer(.polledAtMs)
      polledAtMs = movedAtMs
    case "cursor.expired": mode = "comparison"
    case "cursor.reset": mode = fields.text(.mode)
    default: break
    }
    switch event.type {
    case "poll.completed", "feed.enabled":
      failures = 0
      reason = nil
    case "poll.failed":
      failures = fields.integer(.failures)
      let pieces = (fields.text(.reason), fields.text(.text))
      if case (let word?, let text?) = pieces { reason = "\(word): \(text)" } else { reason = nil }
    default: reason = fields.text(.reason) ?? reason
    }
    nextAtMs = fields.integer(.nextAtMs)
  }

  init(_ row: Statement) {
    feed = row.integer(1)
    since = row.integer(2)
    until = row.optionalInteger(3)
    instance = row.integer(4)
    resource = row.text(5)
    collection = row.optionalText(6)
    state = row.text(7)
    mode = row.text(8)
    cursor = row.optionalText(9)
    movedAtMs = row.optionalInteger(10)
    polledAtMs = row.optionalInteger(11)
    failures = row.integer(12)
    reason = row.optionalText(13)
    nextAtMs = row.optionalInteger(14)
    quiet = row.optionalInteger(15).map {
      Quiet(
        position: $0, polledAtMs: row.optionalInteger(16), nextAtMs: row.optionalInteger(17))
    }
  }

  static func bind(_ key: Int64, to statement: Statement) { statement.bind(1, key) }

  func bind(to statement: Statement) {
    statement.bind(1, feed)
    statement.bind(2, since)
    statement.bind(3, until)
    statement.bind(4, instance)
    statement.bind(5, text: resource)
    statement.bind(6, text: collection)
    statement.bind(7, text: state)
    statement.bind(8, text: mode)
    statement.bind(9, text: cursor)
    statement.bind(10, movedAtMs)
    statement.bind(11, polledAtMs)
    statement.bind(12, failures)
    statement.bind(13, text: reason)
    statement.bind(14, nextAtMs)
    statement.bind(15, quiet?.position)
    statement.bind(16, quiet?.polledAtMs)
    statement.bind(17, quiet?.nextAtMs)
  }

  func bindAmendment(of number: Int64, to statement: Statement) {
    statement.bind(1, quiet?.position)
    statement.bind(2, quiet?.polledAtMs)
    statement.bind(3, quiet?.nextAtMs)
    statement.bind(4, number)
  }
}
