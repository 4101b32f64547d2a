package import Events

/// How the changes of one poll are put into notifications: one kind each, at most ten.
package enum NotificationPlan {
  /// A change as far as the plan needs it.
  package struct Part: Sendable, Equatable {
    package var position: Int64
    package var kind: ChangeKind
    package var bytes: Int

    package init(position: Int64, kind: ChangeKind, bytes: Int) {
      self.position = position
      self.kind = kind
      self.bytes = bytes
    }
  }

  /// The notifications in the order of their first change; within one, the order of the log.
  package static func groups(_ parts: [Part]) -> [[Part]] {
    var open: [ChangeKind: [Part]] = [:]
    var groups: [[Part]] = []
    for part in parts {
      var group = open[part.kind] ?? []
      let bytes = group.reduce(0) { $0 + $1.bytes }
      let isFull =
        group.count == Limits.changesPerNotification
        || (!group.isEmpty && bytes + part.bytes > Limits.notificationBytesMax)
      if isFull {
        groups.append(group)
        group = []
      }
      group.append(part)
      open[part.kind] = group
    }
    groups += open.values
    return groups.sorted { $0[0].position < $1[0].position }
  }
}
