/// Why a delivery is not sent, and will not be by itself.
public enum SkipReason: String, Sendable, Hashable {
  /// A person asked for it.
  case asked
  /// The address may not be connected to.
  case blocked
  /// Its instance was deleted.
  case instanceDeleted = "instance-deleted"
  /// Its instance names no URL.
  case noCallback = "no-callback"
  /// The bytes that it would send are not kept any more.
  case payloadGone = "payload-gone"
  /// A person stopped the replay that it is of.
  case replayStopped = "replay-stopped"
}
