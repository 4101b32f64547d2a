/// Why a delivery is due again.
public enum ReleaseReason: String, Sendable, Hashable {
  /// Its URL takes deliveries again.
  case enabled
  /// Its instance has another URL.
  case moved
  /// A person asked for it.
  case redelivered
  /// Its journal, which was restored, goes on.
  case journalResumed = "journal-resumed"
  /// Its replay goes on.
  case resumed
  /// Secrets that it is sent under can be read again.
  case secretsReadable = "secrets-readable"
}
