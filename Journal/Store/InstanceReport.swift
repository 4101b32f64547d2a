/// A row of `instances`: how an instance is set up, and how it stands.
struct InstanceReport: ColumnedRow {
  var instance: Int64 = 0
  var since: Int64 = 0
  var until: Int64?
  var createdAtMs: Int64 = 0
  var name: String?
  var element: String?
  var state = "enabled"
  var reason: String?
  var callback: String?
  /// JSON, as it stands in the event.
  var settings: String?
  var authorization = "none"
  var expiresAtMs: Int64?

  var key: Int64 { instance }

  static let insertion = SQL.putInstanceRow
  static let ending = SQL.endInstanceRow
  static let newest = SQL.newestInstanceRow

  /// Without anything in it yet.
  init() {}

  /// The row that `instance.created` begins; nil for a body without an instance.
  ///
  /// - Parameter configured: The fields of its settings.
  init?(created event: FoldedEvent, _ configured: BodyFields) {
    guard let instance = event.fields.integer(.instance) else { return nil }
    self.instance = instance
    since = event.position
    createdAtMs = event.recordedAtMs
    name = configured.text(.name)
    element = configured.text(.element)
    callback = configured.text(.callback)
    settings = event.fields.json(.settings)
  }

  /// Follows any other event of its instance or of its authorization.
  mutating func follow(_ event: FoldedEvent, _ configured: BodyFields) {
    let fields = event.fields
    switch event.type {
    case "instance.updated":
      callback = configured.text(.callback)
    case "instance.enabled":
      state = "enabled"
      reason = nil
    case "instance.disabled":
      state = "disabled"
      reason = fields.text(.reason)
    case "instance.deleted":
      state = "deleted"
      reason = fields.text(.reason)
    case "authorization.granted", "authorization.refreshed": authorization = "granted"
    case "authorization.refused": authorization = "refused"
    default: break
    }
    name = configured.text(.name) ?? name
    settings = fields.json(.settings) ?? settings
    expiresAtMs = fields.integer(.expiresAtMs) ?? expiresAtMs
  }

  mutating func go(through columns: inout some RowColumns) {
    columns.column(&instance)
    columns.column(&since)
    columns.column(&until)
    columns.column(&createdAtMs)
    columns.column(&name)
    columns.column(&element)
    columns.column(&state)
    columns.column(&reason)
    columns.column(&callback)
    columns.column(&settings)
    columns.column(&authorization)
    columns.column(&expiresAtMs)
  }
}
