/// The bounds of the HTTP around the stand-in and of the receiver, each with unit and reason.
///
/// Those of Google itself stand in `FakeLimits`.
package enum SandboxLimits {
  /// Bytes of one request's body; the platform's own limit for a callback is 8 MB.
  package static let requestBodyBytesMax = 16 << 20
  /// Connections open at once; the next one is closed as soon as it is accepted.
  package static let connectionsMax = 1_024
  /// Seconds without a byte in either direction after which a connection is closed.
  package static let idleSeconds: Int64 = 120
  /// Bytes that an answer without end sends before the connection is cut.
  package static let endlessBytesMax = 1 << 30
  /// Milliseconds that an answer may be held back; less than a connection may be idle.
  package static let delayMillisecondsMax: Int64 = 100_000

  /// Deliveries that the receiver keeps, and bytes of their bodies together; it counts the rest.
  package static let deliveriesKept = 10_000
  package static let deliveryBytesKept = 64 << 20
  /// Answers that wait for deliveries to one path.
  package static let receiverAnswersMax = 1_000
  /// Callback paths that are counted one by one.
  package static let receiverPathsMax = 1_000
}
