/// A row of `instances`: how an instance is set up, and how it stands.
struct InstanceReport: HistoryRow {
  var instance: Int64
  var since: Int64
  var until: Int64?
  var createdAtMs: Int64
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

  /// What `instance.created` begins.
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

  /// What every other event of an instance or of its authorization makes of it.
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

  init(_ row: Statement) {
    instance = row.integer(1)
    since = row.integer(2)
    until = row.optionalInteger(3)
    createdAtMs = row.integer(4)
    name = row.text(5)
    element = row.text(6)
    state = row.text(7)
    reason = row.optionalText(8)
    callback = row.optionalText(9)
    settings = row.text(10)
    authorization = row.text(11)
    expiresAtMs = row.optionalInteger(12)
  }

  static func bind(_ key: Int64, to statement: Statement) { statement.bind(1, key) }

  func bind(to statement: Statement) {
    statement.bind(1, instance)
    statement.bind(2, since)
    statement.bind(3, until)
    statement.bind(4, createdAtMs)
    statement.bind(5, text: name)
    statement.bind(6, text: element)
    statement.bind(7, text: state)
    statement.bind(8, text: reason)
    statement.bind(9, text: callback)
    statement.bind(10, text: settings)
    statement.bind(11, text: authorization)
    statement.bind(12, expiresAtMs)
  }
}
