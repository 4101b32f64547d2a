/// The kinds of notices: what a person is to look at. Their words are names of streams too.
public enum NoticeKind: String, Sendable, Hashable, CaseIterable {
  /// The grant ends soon, and there is no refresh token.
  case authorizationEnds = "authorization-ends"
  /// The provider will give no more tokens.
  case authorizationRefused = "authorization-refused"
  /// A receiver answered 410: its deliveries are held.
  case callbackDisabled = "callback-disabled"
  /// A receiver refuses what is sent, which is tried again.
  case callbackRefuses = "callback-refuses"
  /// A feed failed too often and is polled no more.
  case feedDisabled = "feed-disabled"
  /// A resource that this version cannot poll.
  case feedUnsupported = "feed-unsupported"
  /// The grant of a deleted instance may still be in force.
  case grantOpen = "grant-open"
  /// Polls begin later than their intervals allow.
  case lag
  /// One object cannot be had or read, while the rest of its feed can.
  case objectUnreadable = "object-unreadable"
  /// The journal was put back from a copy: nothing is sent.
  case restored
  /// Less was granted than the resources need.
  case scopesMissing = "scopes-missing"
  /// Secrets are missing, or the key does not open them.
  case secretsUnreadable = "secrets-unreadable"
  /// Settings that are kept without effect.
  case unknownSettings = "unknown-settings"
}
