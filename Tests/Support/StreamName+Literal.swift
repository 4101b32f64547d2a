public import Events

/// Tests name streams as they stand in a journal; a name that is wrong fails them.
extension StreamName: ExpressibleByStringInterpolation {
  /// Any text is the name of some stream.
  public init(stringLiteral text: String) { self.init(stored: text) }
}
