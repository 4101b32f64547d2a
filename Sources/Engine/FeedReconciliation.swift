import Domain
import EventStore
import Events

/// Holds a changed configuration against the feeds that there are: some close, some open, and some
/// go on in another way.
///
/// A feed is an instance, a key and a collection of the provider's. The same key with another
/// collection is another feed, with a baseline of its own.
struct FeedReconciliation {
  let instance: InstanceID
  let settings: InstanceSettings
  let interval: Duration
  let connector: any Connector
  let now: Moment
  /// The feeds that are not closed.
  let rows: [FeedRow]

  /// In the order: ends, changes, resets. What opens is for the caller, who has the numbers.
  private(set) var newEvents: [NewEvent] = []
  private(set) var opening: [ResourceForm] = []

  init(
    _ resources: [ResourceForm], of instance: InstanceID, _ settings: InstanceSettings,
    interval: Duration, connector: any Connector, rows: [FeedRow], at now: Moment
  ) {
    self.instance = instance
    self.settings = settings
    self.interval = interval
    self.connector = connector
    self.now = now
    self.rows = rows.filter { $0.state != .closed }
    let own = self.rows.filter { $0.roster == nil }
    var kept: [FeedRow] = []
    for resource in resources.map({ $0.settled(by: connector) }) {
      if let row = own.first(where: { $0.resource == resource.key }), isSame(row, resource) {
        kept.append(row)
        update(row, to: resource)
      } else {
        opening.append(resource)
      }
    }
    let gone = own.filter { row in !kept.contains { $0.feed == row.feed } }
    for row in gone {
      let isMoved = resources.contains { $0.key == row.resource }
      close(row, isMoved ? "another-collection" : "not-configured")
    }
    lookAgain(kept, before: own)
  }

  /// True where an entry watches what a feed does, in however other words its `url` says so.
  private func isSame(_ row: FeedRow, _ resource: ResourceForm) -> Bool {
    func collection(_ url: String) -> Collection? {
      connector.collection(resource: resource.key, url: url)
    }
    guard let new = collection(resource.url) else {
      return row.collectionKind == nil && row.url == resource.url
    }
    guard row.collectionKind != nil, collection(row.url) == new else { return false }
    guard connector.nature(of: new) == .roster else { return true }
    // Its collections are in its url; any id will do to hold two lists against each other.
    func anyCollection(_ url: String) -> Collection? {
      collection(connector.fill(url: url, with: "any"))
    }
    return anyCollection(row.url) == anyCollection(resource.url)
  }

  private mutating func close(_ row: FeedRow, _ reason: String) {
    for feed in [row] + rows.filter({ $0.roster == row.feed }) {
      let closed = FeedClosed(feed: feed.feed, instance: instance, reason: reason)
      newEvents.append(NewEvent(.feed(feed.feed), .feedClosed(closed), cause: .newEvent(0)))
    }
  }

  /// The same collection, watched in another way; with it the collections of a list.
  private mutating func update(_ row: FeedRow, to resource: ResourceForm) {
    for feed in [row] + rows.filter({ $0.roster == row.feed }) {
      let url = feed.member.map { connector.fill(url: resource.url, with: $0) } ?? resource.url
      let isWatched = settings.isWatching && feed.state == .open
      let later = Schedule.next(of: feed.feed, every: interval, after: now)
      let next = interval == feed.interval ? feed.nextAt ?? now : later
      let updated = FeedUpdated(
        feed: feed.feed, instance: instance, url: url, idField: resource.idField,
        updatedField: resource.updatedField, intervalMs: interval.wholeMilliseconds,
        nextAtMs: isWatched ? next.milliseconds : nil, rules: resource.rules)
      let isChanged =
        feed.url != url || feed.idField != resource.idField
        || feed.updatedField != resource.updatedField || feed.interval != interval
        || feed.rules != resource.rules || (feed.nextAt != nil) != isWatched
      guard isChanged else { continue }
      newEvents.append(NewEvent(.feed(feed.feed), .feedUpdated(updated), cause: .newEvent(0)))
    }
  }

  /// A list leaves the collections that other entries name to these: where the names changed, it
  /// has to be looked at as a whole.
  private mutating func lookAgain(_ kept: [FeedRow], before own: [FeedRow]) {
    let lists = kept.filter { row in
      collection(of: row).map { connector.nature(of: $0) == .roster } ?? false
    }
    let ids = Set(lists.map(\.feed))
    let old = Set(own.filter { !ids.contains($0.feed) }.compactMap(collection))
    let stays = kept.filter { !ids.contains($0.feed) }.compactMap(collection)
    let new = Set(
      stays
        + opening.compactMap { connector.collection(resource: $0.key, url: $0.url) })
    guard old != new else { return }
    for row in lists where row.mode != .baseline {
      let reset = CursorReset(
        feed: row.feed, instance: instance, mode: .known(.comparison), reason: "other names",
        nextAtMs: settings.isWatching && row.state == .open ? now.milliseconds : nil)
      newEvents.append(NewEvent(.feed(row.feed), .cursorReset(reset), cause: .newEvent(0)))
    }
  }

  private func collection(of row: FeedRow) -> Collection? {
    guard let kind = row.collectionKind, let id = row.collection else { return nil }
    return Collection(kind: kind, id: id)
  }
}
