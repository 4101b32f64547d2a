package import Events

/// One version of an object: how its interface marked it, and since when.
package struct FakeVersion: Sendable, Equatable {
  /// The number of the change that made it, in its collection; of a message, its history id.
  package var change: Int64
  /// As the interface shows it; empty where it shows none.
  package var etag: String
  /// Those of a message; of anything else none.
  package var labels: [String] = []
  package var isDeleted: Bool
  /// When it came to be, by the clock of whoever made the change.
  package var since: Moment
}

/// All versions of all objects of one collection, and how far whoever follows it has come.
///
/// It answers what tests ask after the fact (was this object ever so?) and what faults ask before
/// they strike (could anybody tell that this object is missing?). The versions take memory for
/// ever, so they are kept only where the stand-in was made so.
package struct VersionLog: Sendable {
  /// By the object's id, oldest first.
  package private(set) var versions: [String: [FakeVersion]] = [:]
  /// Ids in the order of their first versions.
  package private(set) var ids: [String] = []
  /// The newest change that a cursor which came back stands for: whoever sent it knows what there
  /// was by then. nil: none came back so far.
  package private(set) var followed: Int64?
  private let isKept: Bool

  init(isKept: Bool) {
    self.isKept = isKept
  }

  /// Objects that are there, in the order of their first versions.
  package var living: [String] { ids.filter { versions[$0]?.last?.isDeleted == false } }

  /// Objects whose last version is a deletion, in the order of their first versions.
  package var deleted: [String] { ids.filter { versions[$0]?.last?.isDeleted == true } }

  mutating func append(
    _ version: @autoclosure () -> FakeVersion, of object: @autoclosure () -> String
  ) {
    guard isKept else { return }
    let id = object()
    if versions[id] == nil { ids.append(id) }
    versions[id, default: []].append(version())
  }

  /// Notes that a cursor came back.
  mutating func follow(_ change: Int64) {
    followed = max(followed ?? change, change)
  }

  /// Tells if whoever follows the collection must know an object: it was there by the last cursor
  /// that came back, and has been ever since. Of all others nobody can tell that they are missing.
  package func isKnown(_ id: String) -> Bool {
    guard let followed, let all = versions[id],
      let place = all.lastIndex(where: { $0.change <= followed })
    else { return false }
    return all[place...].allSatisfy { !$0.isDeleted }
  }

  /// Tells if an object has changed since the last cursor that came back.
  package func isNews(_ id: String) -> Bool {
    (versions[id]?.last?.change ?? 0) > followed ?? 0
  }
}
