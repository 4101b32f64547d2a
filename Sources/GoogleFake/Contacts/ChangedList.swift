import Events

/// Objects in the order in which they joined, each with the number of its last change.
///
/// Rows never leave their places: a removed one stays as a stub, so that a listing that stopped
/// between two pages goes on where it was.
package struct ChangedList<Item: Sendable>: Sendable {
  /// One object, there or gone.
  struct Row: Sendable {
    var id: String
    /// As it was last, where it is gone.
    var item: Item
    var isDeleted = false
    /// The number of its last change.
    var change: Int64
  }

  private(set) var rows: [Row] = []
  /// The number of the newest change.
  private(set) var head: Int64 = 0
  /// Sync tokens of an earlier generation are dead.
  var generation: Int64 = 0
  private(set) var count = 0
  /// Every version of each object, and how far its followers have come.
  var log: VersionLog
  private var places: [String: Int] = [:]

  init(keepsVersions: Bool = false) {
    log = VersionLog(isKept: keepsVersions)
  }

  /// The object with an id, unless it is gone.
  subscript(id: String) -> Item? {
    places[id].flatMap { rows[$0].isDeleted ? nil : rows[$0].item }
  }

  /// As it was last, there or gone.
  func last(_ id: String) -> Item? { places[id].map { rows[$0].item } }

  /// Those that are there.
  var items: [(id: String, item: Item)] {
    rows.filter { !$0.isDeleted }.map { ($0.id, $0.item) }
  }

  /// Adds an object or changes the one of that id, even where it is gone.
  mutating func put(_ item: Item, as id: String, etag: String, at now: Moment) {
    head += 1
    log.append(FakeVersion(change: head, etag: etag, isDeleted: false, since: now), of: id)
    if let place = places[id] {
      if rows[place].isDeleted { count += 1 }
      rows[place] = Row(id: id, item: item, change: head)
    } else {
      places[id] = rows.count
      rows.append(Row(id: id, item: item, change: head))
      count += 1
    }
  }

  /// Changes an object where it is, as something that nobody is told of.
  mutating func amend(_ id: String, _ body: (inout Item) -> Void) {
    if let place = places[id] { body(&rows[place].item) }
  }

  /// Takes an object away.
  ///
  /// - Returns: Whether it was there.
  @discardableResult
  mutating func remove(_ id: String, at now: Moment) -> Bool {
    guard let place = places[id], !rows[place].isDeleted else { return false }
    head += 1
    log.append(FakeVersion(change: head, etag: "", isDeleted: true, since: now), of: id)
    rows[place].isDeleted = true
    rows[place].change = head
    count -= 1
    return true
  }
}
