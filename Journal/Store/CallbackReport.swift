/// A row of `callbacks`: whether anything is sent to a URL.
struct CallbackReport: ColumnedRow {
  var url = ""
  var since: Int64 = 0
  var until: Int64?
  var state = ""
  var reason: String?
  var changedAtMs: Int64 = 0

  var key: String { url }

  static let insertion = SQL.putCallbackRow
  static let ending = SQL.endCallbackRow
  static let newest = SQL.newestCallbackRow

  /// Without anything in it yet.
  init() {}

  /// The row that `callback.disabled` or `callback.enabled` begins; nil for a body without a URL.
  init?(_ event: FoldedEvent) {
    guard let url = event.fields.text(.url) else { return nil }
    self.url = url
    since = event.position
    state = String(event.type.dropFirst("callback.".utf8.count))
    reason = event.fields.text(.reason)
    changedAtMs = event.recordedAtMs
  }

  mutating func go(through columns: inout some RowColumns) {
    columns.column(&url)
    columns.column(&since)
    columns.column(&until)
    columns.column(&state)
    columns.column(&reason)
    columns.column(&changedAtMs)
  }
}
