import Events

/// A row of `deliveries`: what is known of one delivery.
struct DeliveryReport: ColumnedRow {
  var delivery = ""
  var since: Int64 = 0
  var until: Int64?
  var position: Int64 = 0
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
  var requestedAtMs: Int64?
  var lastAttemptAtMs: Int64?
  var finishedAtMs: Int64?
  var durationMs: Int64?

  var key: String { delivery }

  static let insertion = SQL.putDeliveryRow
  static let ending = SQL.endDeliveryRow
  static let newest = SQL.newestDeliveryRow

  /// Without anything in it yet.
  init() {}

  /// The row that `delivery.requested` begins; nil for a body without a delivery.
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
    requestedAtMs = event.recordedAtMs
  }

  /// Follows any other event of its delivery.
  mutating func follow(_ event: FoldedEvent) {
    let fields = event.fields
    let type = event.type
    if let url = fields.text(.url), type != "delivery.held" || event.isHeldForURL(url) {
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
    followTimes(event)
  }

  /// Notes when it was tried and when it ended: what was released goes on, and of an attempt that
  /// was cut nobody knows how long it took.
  private mutating func followTimes(_ event: FoldedEvent) {
    switch event.type {
    case "delivery.attempted": (lastAttemptAtMs, durationMs) = (event.recordedAtMs, nil)
    case "delivery.succeeded", "delivery.failed": durationMs = event.fields.integer(.durationMs)
    default: break
    }
    let isFinished = ["succeeded", "exhausted", "skipped"].contains(status)
    finishedAtMs = isFinished ? event.recordedAtMs : nil
  }

  mutating func go(through columns: inout some RowColumns) {
    columns.column(&delivery)
    columns.column(&since)
    columns.column(&until)
    columns.column(&position)
    columns.column(&notification)
    columns.column(&instance)
    columns.column(&feed)
    columns.column(&resource)
    columns.column(&url)
    columns.column(&status)
    columns.column(&attempts)
    columns.column(&lastStatus)
    columns.column(&lastError)
    columns.column(&nextAtMs)
    columns.column(&changeCount)
    columns.column(&mode)
    columns.column(&replay)
    columns.column(&body)
    columns.column(&lengthBytes)
    columns.column(&requestedAtMs)
    columns.column(&lastAttemptAtMs)
    columns.column(&finishedAtMs)
    columns.column(&durationMs)
  }
}

extension FoldedEvent {
  /// Tells if a held delivery waits for its URL, and not for a stream.
  fileprivate func isHeldForURL(_ target: String) -> Bool {
    guard let kind = fields.text(.kind) else {
      return HoldKind.ofFirstRevision(waitingFor: target) == .callbackDisabled
    }
    return HoldKind(rawValue: kind) == .callbackDisabled
  }
}
