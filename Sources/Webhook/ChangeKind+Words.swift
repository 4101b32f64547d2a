package import Events

extension ChangeKind {
  /// `action` of the envelope: what kind of changes a notification holds.
  package var action: String {
    switch self {
    case .created: "create"
    case .updated: "update"
    case .deleted: "delete"
    }
  }

  /// `eventType` of one change.
  package var eventType: String { rawValue }
}
