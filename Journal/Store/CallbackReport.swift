/// A row of `callbacks`: whether anything is sent to a URL.
struct CallbackReport: HistoryRow {
  var url: String
  var since: Int64
  var until: Int64?
  var state: String
  var reason: String?
  var changedAtMs: Int64

  var key: String { url }

  static let insertion = SQL.putCallbackRow
  static let ending = SQL.endCallbackRow
  static let newest = SQL.newestCallbackRow

  /// What `callback.disabled` and `callback.enabled` begin.
  init?(_ event: FoldedEvent) {
    guard let url = event.fields.text(.url) else { return nil }
    self.url = url
    since = event.position
    state = String(event.type.dropFirst("callback.".utf8.count))
    reason = event.fields.text(.reason)
    changedAtMs = event.recordedAtMs
  }

  init(_ row: Statement) {
    url = row.text(1)
    since = row.integer(2)
    until = row.optionalInteger(3)
    state = row.text(4)
    reason = row.optionalText(5)
    changedAtMs = row.integer(6)
  }

  static func bind(_ key: String, to statement: Statement) { statement.bind(1, text: key) }

  func bind(to statement: Statement) {
    statement.bind(1, text: url)
    statement.bind(2, since)
    statement.bind(3, until)
    statement.bind(4, text: state)
    statement.bind(5, text: reason)
    statement.bind(6, changedAtMs)
  }
}
