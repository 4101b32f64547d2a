import Domain
import EventStore
import Events

extension PollRun {
  /// Adds what a poll of a list of collections leads to: a feed for each that joined, and the end
  /// of the feeds of those that left or are configured by themselves.
  ///
  /// - Parameters:
  ///   - list: The list's feed as it is configured now.
  ///   - append: The poll's own, whose first event causes all of it.
  func discover(
    _ list: FeedRow, by connector: any Connector, in append: inout AppendRequest,
    _ view: JournalSnapshot
  ) throws(JournalError) {
    guard nature == .roster else { return }
    let stream = StreamName.instance(list.instance)
    let (feeds, last) = (try view.feeds(of: list.instance), try view.lastIDs().feed)
    let open = feeds.filter { $0.state != .closed }
    let mine = open.filter { $0.roster == list.feed }
    let others = Set(
      open.filter { $0.roster == nil }.compactMap { feed in
        feed.collectionKind.flatMap { kind in
          feed.collection.map { Collection(kind: kind, id: $0) }
        }
      })
    var newEvents: [NewEvent] = []
    var ends = NoticeEnds()
    // Whom the configuration names may change at any time.
    append.expected[stream] = try view.version(of: stream)
    for feed in mine {
      guard let id = feed.member else { continue }
      let item = collections[id]
      let isGone = item?.isGone ?? false
      let isPrimary = item?.isPrimary ?? false
      guard isGone || isNamed(id, isPrimary: isPrimary, list, others, connector) else {
        continue
      }
      let closed = FeedClosed(
        feed: feed.feed, instance: list.instance,
        reason: isGone ? "left-the-list" : "configured-by-itself")
      newEvents.append(NewEvent(.feed(feed.feed), .feedClosed(closed), cause: .newEvent(0)))
      try view.endNotices(aboutFeed: feed, because: "closed", in: &ends)
    }
    let watched = Set(mine.compactMap(\.member))
    var next = last
    let joined = collections.values
      .filter { !$0.isGone && !watched.contains($0.id) }.sorted { $0.id < $1.id }
    for item in joined where !isNamed(item.id, isPrimary: item.isPrimary, list, others, connector) {
      next = next.advanced(by: 1)
      append.expected[.feed(next)] = 0
      let opened = opening(item.id, in: list, as: next, by: connector, at: append.at)
      newEvents.append(NewEvent(.feed(next), .feedOpened(opened), cause: .newEvent(0)))
      if !opened.isSupported { newEvents.append(unsupported(opened)) }
    }
    append.newEvents += newEvents + ends.newEvents
    append.expected.merge(ends.expected) { $1 }
  }

  /// A collection whose id cannot stand in an address.
  private func unsupported(_ opened: FeedOpened) -> NewEvent {
    let text =
      "\(opened.resource) of instance \(opened.instance) is not polled: its id cannot stand in a"
      + " url"
    let subject = StreamName.feed(opened.feed)
    let notice = NoticeRaised(
      kind: .known(.feedUnsupported), subject: subject, text: text, instance: opened.instance)
    return NewEvent(
      StreamName.notice(notice.kind, about: subject), .noticeRaised(notice), cause: .newEvent(0))
  }

  /// True where another entry of the configuration names a collection of a list.
  private func isNamed(
    _ id: String, isPrimary: Bool, _ list: FeedRow, _ others: Set<Collection>,
    _ connector: any Connector
  ) -> Bool {
    (isPrimary ? [id, "primary"] : [id]).contains { id in
      let url = connector.fill(url: list.url, with: id)
      return connector.collection(resource: list.resource, url: url).map(others.contains)
        ?? false
    }
  }

  private func opening(
    _ id: String, in list: FeedRow, as number: FeedID, by connector: any Connector,
    at now: Moment
  ) -> FeedOpened {
    let url = connector.fill(url: list.url, with: id)
    let resource = list.resource.replacing("{calendarId}", with: id)
    let collection = connector.collection(resource: resource, url: url)
    // What is new to the list may hold what was made since the list was last looked at; what was
    // there when the watching began is part of its beginning.
    let isLate = feed.mode != .baseline
    return FeedOpened(
      feed: number, instance: list.instance, resource: resource, url: url,
      collectionKind: collection?.kind, collection: collection?.id,
      isSupported: collection != nil, idField: list.idField,
      updatedField: list.updatedField, intervalMs: list.interval.wholeMilliseconds,
      nextAtMs: list.nextAt == nil || collection == nil ? nil : now.milliseconds,
      rules: list.rules, roster: list.feed, member: id,
      announceFromMs: isLate ? list.lookedAt?.milliseconds : nil)
  }
}
