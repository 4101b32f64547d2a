package import Events

extension Event {
  /// True where nothing is sent because somebody wants it so: without a callback, of a deleted
  /// instance, or of a stopped replay.
  package var isDeliberate: Bool {
    switch self {
    case .deliverySkipped(let body):
      switch body.reason {
      case .known(.noCallback), .known(.instanceDeleted), .known(.asked): true
      case .known(.blocked), .known(.payloadGone), .known(.replayStopped), .other: false
      }
    case .deliveryHeld(let body): body.kind.known == .replayStopped
    default: false
    }
  }
}
