/// The occasion of an attempt.
public enum AttemptTrigger: String, Sendable, Hashable {
  /// It was due for the first time, or whatever held it up was over.
  case schedule
  /// The attempt before it failed, or its outcome is unknown.
  case retry
  /// A person asked for the delivery to be made again.
  case hand
  /// A replay asked for it, and it is the first of its delivery.
  case replay
  /// A person tried a URL.
  case probe
}
