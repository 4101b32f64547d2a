public import Events

/// Tests name deliveries as they stand in a journal; a name that is wrong fails them.
extension DeliveryID: ExpressibleByStringInterpolation {
  /// Any text is an id.
  public init(stringLiteral text: String) { self.init(stored: text) }
}

/// The same of notifications.
extension NotificationID: ExpressibleByStringInterpolation {
  /// Any text is an id.
  public init(stringLiteral text: String) { self.init(stored: text) }
}
