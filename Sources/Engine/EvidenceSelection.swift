package import EventStore
package import Events

/// The evidence that a person, or the settings, want removed.
package enum EvidenceSelection: Sendable, Equatable {
  /// Kinds that were recorded before a moment.
  case aged([PayloadUse], before: Moment)
  /// All of one object, with the occurrences of a series.
  case object(String, of: InstanceID?)
  /// All of one instance.
  case instance(InstanceID)
  /// All objects that name an address.
  case person(String)
}

/// An object of a feed.
struct ObjectKey: Hashable {
  let feed: FeedID
  let object: String
}

/// Things to be forgotten, found by events and by searching the bytes.
struct ForgottenThings {
  var instance: InstanceID?
  var objects: Set<ObjectKey> = []
  /// Digests that hold what was searched for, whatever event names them.
  var found: Set<String> = []
  /// True where objects that were found by their bytes are to stay for now.
  var sparesFound = false

  func holds(_ change: ChangeObserved) -> Bool {
    change.instance == instance
      || objects.contains(ObjectKey(feed: change.feed, object: change.object))
  }
}

extension Event {
  /// The instance that it is of; nil where it is of none.
  var instance: InstanceID? {
    switch self {
    case .pollCompleted(let body): body.instance
    case .pollDiscarded(let body): body.instance
    case .pollFailed(let body): body.instance
    case .objectMissed(let body): body.instance
    case .changeObserved(let body): body.instance
    case .deliveryRequested(let body): body.instance
    case .deliveryAttempted(let body): body.instance
    case .deliverySucceeded(let body): body.instance
    case .deliveryFailed(let body): body.instance
    default: nil
    }
  }
}

/// Gathers evidence with what is put together of it, over one view of the journal.
struct EvidenceGatherer {
  let snapshot: JournalSnapshot
  private(set) var chosen: Expunging
  /// Deliveries that are not done and need some of it, and polls that are not told.
  private(set) var open: Set<String> = []
  private var seen: Set<String> = []

  init(_ snapshot: JournalSnapshot) throws(JournalError) {
    self.snapshot = snapshot
    chosen = Expunging(head: try snapshot.head().position)
  }

  private mutating func add(_ use: PayloadUse, _ digests: [String]) {
    for digest in digests where seen.insert(digest).inserted {
      chosen.payloads[use, default: []].append(digest)
    }
  }

  /// Takes what an event names that is older than wanted; what is still needed stays.
  mutating func take(
    aged kinds: [PayloadUse], _ row: RecordedEvent, _ event: Event
  ) throws(JournalError) {
    let (use, digests) = event.evidence
    guard kinds.contains(use), !digests.isEmpty else { return }
    var isKept = false
    for digest in digests where !isKept { isKept = try snapshot.isKept(digest) }
    guard isKept else { return }
    switch event {
    case .pollCompleted, .pollDiscarded: try add(pages: digests, ofPoll: row.position)
    case .changeObserved(let change):
      var other = self
      try other.take(change, row, withAnswers: false)
      if other.open.count == open.count { self = other }
    case .deliveryRequested(let body):
      let same = try requests(ofChange: body.changes.first).filter { $0.body.body == body.body }
      let streams = [row.stream] + same.map(\.stream)
      for stream in streams where try snapshot.isOpen(stream) { return }
      chosen.streams.formUnion(streams)
      chosen.changes.formUnion(body.changes.prefix(1))
      add(use, digests)
    case .deliveryAttempted:
      if try snapshot.isOpen(row.stream) { return }
      chosen.streams.insert(row.stream)
      add(use, digests)
    default: add(use, digests)
    }
  }

  /// Takes what an event names that is to be forgotten.
  mutating func take(
    _ things: ForgottenThings, _ row: RecordedEvent, _ event: Event
  ) throws(JournalError) {
    if case .changeObserved(let change) = event {
      let isSpared = things.sparesFound && change.item.map(things.found.contains) ?? false
      if things.holds(change), !isSpared { try take(change, row, withAnswers: true) }
      return
    }
    let (use, digests) = event.evidence
    let isWhole = things.instance != nil && event.instance == things.instance
    let wanted = isWhole ? digests : digests.filter(things.found.contains)
    guard !wanted.isEmpty else { return }
    if use == .pages { return try add(pages: wanted, ofPoll: row.position) }
    if use == .bodies { try note(row.stream) }
    add(use, wanted)
  }

  /// Takes an object's bytes, and with them the page that it was on and the notifications that tell
  /// of it.
  private mutating func take(
    _ change: ChangeObserved, _ row: RecordedEvent, withAnswers: Bool
  ) throws(JournalError) {
    guard let item = change.item else { return }
    add(.items, [item])
    chosen.changes.insert(row.position)
    for (stream, body) in try requests(ofChange: row.position) {
      try note(stream)
      add(.bodies, [body.body])
      guard withAnswers else { continue }
      for answered in try snapshot.events(of: stream) {
        let (use, digests) = try answered.event().evidence
        if use == .responses { add(use, digests) }
      }
    }
    guard let poll = row.cause,
      case .pollCompleted(let body)? = try snapshot.event(at: poll)?.event()
    else { return }
    if try snapshot.isUntold(poll: poll) { open.insert("poll \(poll)") }
    try add(pages: body.evidence, ofPoll: poll)
  }

  private mutating func note(_ stream: StreamName) throws(JournalError) {
    chosen.streams.insert(stream)
    if try snapshot.isOpen(stream) { open.insert(stream.text) }
  }

  /// Takes pages, and the bytes in them that no change names.
  private mutating func add(pages: [String], ofPoll poll: Int64) throws(JournalError) {
    var named: Set<String>?
    for page in pages where !seen.contains(page) {
      add(.pages, [page])
      let pieces = try snapshot.pieces(of: page)
      guard !pieces.isEmpty else { continue }
      let items: Set<String>
      if let named { items = named } else { items = try self.items(ofPoll: poll) }
      named = items
      add(.items, pieces.filter { !items.contains($0) })
    }
  }

  private func items(ofPoll poll: Int64) throws(JournalError) -> Set<String> {
    var items: Set<String> = []
    for row in try snapshot.effects(of: poll, type: ChangeObserved.type) {
      if case .changeObserved(let body) = try row.event(), let item = body.item {
        items.insert(item)
      }
    }
    return items
  }

  private func requests(
    ofChange position: Int64?
  ) throws(JournalError) -> [(stream: StreamName, body: DeliveryRequested)] {
    guard let position else { return [] }
    var requests: [(stream: StreamName, body: DeliveryRequested)] = []
    for row in try snapshot.effects(of: position, type: DeliveryRequested.type) {
      if case .deliveryRequested(let body) = try row.event() { requests.append((row.stream, body)) }
    }
    return requests
  }
}
