package import Events

extension Event {
  /// True where nothing is sent because somebody wants it so: without a callback, of a deleted
  /// instance, or of a stopped replay.
  package var isDeliberate: Bool {
    switch self {
    case .deliverySkipped(let body): ["no-callback", "instance-deleted"].contains(body.reason)
    case .deliveryHeld(let body): body.kind.known == .replayStopped
    default: false
    }
  }
}
