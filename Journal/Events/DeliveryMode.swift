/// The way in which a delivery came about; the last two are also ways to replay.
public enum DeliveryMode: String, Sendable, Hashable {
  /// A poll found its changes.
  case live
  /// A replay sends a notification as it went.
  case exact
  /// A replay renders changes anew.
  case rebuilt
}
