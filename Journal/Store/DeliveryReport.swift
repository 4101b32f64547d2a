/// A row of `deliveries`: what is known of one delivery.
struct DeliveryReport: HistoryRow {
  var delivery: String
  var since: Int64
  var until: Int64?
  var position: Int64
  var notification: String?
  var instance: Int64?
  var feed: Int64?
  var resource: String?
  var url: String?
  var status = "pending"
  var attempts: Int64? = 0
  var lastStatus: Int64?
  var lastError: String?
  var nextAtMs: Int64?
  var changeCount: Int64?
  var mode: String?
  var replay: Int64?
  var body: String?
  var lengthBytes: Int64?

  var key: String { delivery }

  static let insertion = SQL.putDeliveryRow
  static let ending = SQL.endDeliveryRow
  static let newest = SQL.newestDeliveryRow

  /// What `delivery.requested` begins.
  ///
  /// - Parameters:
  ///   - changes: How many it tells.
  ///   - callback: Where its instance sends to.
  init?(requested event: FoldedEvent, changes: Int64?, callback: String?) {
    let fields = event.fields
    guard let delivery = fields.text(.delivery) else { return nil }
    self.delivery = delivery
    since = event.position
    position = event.position
    notification = fields.text(.notification)
    instance = fields.integer(.instance)
    feed = fields.integer(.feed)
    resource = fields.text(.resource)
    url = fields.text(.url) ?? callback
    nextAtMs = fields.integer(.dueAtMs)
    changeCount = changes
    mode = fields.text(.mode)
    replay = fields.integer(.replay)
    body = fields.text(.body)
    lengthBytes = fields.integer(.bytes)
  }

  /// What every other event of a delivery makes of it.
  mutating func follow(_ event: FoldedEvent) {
    let fields = event.fields
    let type = event.type
    // What it is held for need not be a URL: its replay may be stopped.
    if let url = fields.text(.url),
      type != "delivery.held" || url.prefix(4).lowercased() == "http"
    {
      self.url = url
    }
    status =
      switch type {
      case "delivery.attempted": "attempting"
      case "delivery.released": "pending"
      default: String(type.dropFirst("delivery.".utf8.count))
      }
    switch type {
    case "delivery.attempted":
      attempts = fields.integer(.attempt)
      lastError = nil
    case "delivery.succeeded":
      lastStatus = fields.integer(.status)
      lastError = nil
    case "delivery.failed":
      lastStatus = fields.integer(.status)
      lastError = fields.text(.text)
    case "delivery.skipped": lastError = fields.text(.text)
    case "delivery.held": lastError = fields.text(.reason)
    default: break
    }
    nextAtMs = fields.integer(.retryAtMs) ?? fields.integer(.dueAtMs)
  }

  init(_ row: Statement) {
    delivery = row.text(1)
    since = row.integer(2)
    until = row.optionalInteger(3)
    position = row.integer(4)
    notification = row.text(5)
    instance = row.integer(6)
    feed = row.integer(7)
    resource = row.text(8)
    url = row.optionalText(9)
    status = row.text(10)
    attempts = row.integer(11)
    lastStatus = row.optionalInteger(12)
    lastError = row.optionalText(13)
    nextAtMs = row.optionalInteger(14)
    changeCount = row.integer(15)
    mode = row.text(16)
    replay = row.optionalInteger(17)
    body = row.text(18)
    lengthBytes = row.integer(19)
  }

  static func bind(_ key: String, to statement: Statement) { statement.bind(1, text: key) }

  func bind(to statement: Statement) {
    statement.bind(1, text: delivery)
    statement.bind(2, since)
    statement.bind(3, until)
    statement.bind(4, position)
    statement.bind(5, text: notification)
    statement.bind(6, instance)
    statement.bind(7, feed)
    statement.bind(8, text: resource)
    statement.bind(9, text: url)
    statement.bind(10, text: status)
    statement.bind(11, attempts)
    statement.bind(12, lastStatus)
    statement.bind(13, text: lastError)
    statement.bind(14, nextAtMs)
    statement.bind(15, changeCount)
    statement.bind(16, text: mode)
    statement.bind(17, replay)
    statement.bind(18, text: body)
    statement.bind(19, lengthBytes)
  }
}
