/// The kind of thing that a held delivery waits for.
///
///     restored              its journal, until a person lets it go on
///     callback-disabled     its URL, until that is enabled or its instance has another
///     replay-stopped        its replay, until that is resumed
///     failure-queued        a person, after one failure, as its instance's failure policy says
///     secrets-unreadable    what it is sent under, until that can be read
public enum HoldKind: String, Sendable, Hashable {
  /// Its journal was put back from a copy.
  case restored
  /// The URL takes no deliveries: a person or its receiver said so.
  case callbackDisabled = "callback-disabled"
  /// It was not taken, and is not tried again by itself.
  case failureQueued = "failure-queued"
  /// A person stopped the replay that it is of.
  case replayStopped = "replay-stopped"
  /// The key is missing, or a secret that its instance has named.
  case secretsUnreadable = "secrets-unreadable"

  /// The kind that revision 1 of `delivery.held` does not name.
  ///
  /// - Parameter target: The thing that it says the delivery waits for: a URL, or a stream.
  public static func ofFirstRevision(waitingFor target: String) -> HoldKind {
    if target.hasPrefix("replay/") { return .replayStopped }
    return target.hasPrefix("instance/") ? .secretsUnreadable : .callbackDisabled
  }
}
