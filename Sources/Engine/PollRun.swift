package import Domain
package import EventStore
package import Events
import RawJSON

/// One poll under way, page by page. Performs nothing and appends nothing: it says what to ask next
/// and takes what was answered, so that the engine and a person stepping by hand share it.
///
/// What it has to keep goes into payloads, staged on disk past a bound, so that a baseline of any
/// length needs the memory of one page.
package struct PollRun: Sendable {
  package let row: FeedRow
  package let feed: Feed
  /// The token that its requests bear; nil before the first of them.
  var access: Access?
  package let collection: Collection
  package let nature: CollectionNature
  let strategy: SyncStrategy
  /// Names what is kept on disk for this poll.
  package let pollID: Int64
  package internal(set) var startedAt: Moment
  /// When this part of it began, where it goes on from another.
  let takenUpAt: Moment
  package internal(set) var changeSet = ChangeSet()
  package internal(set) var pages = 0
  package internal(set) var items = 0
  /// Payloads not staged yet.
  package var pendingPayloads: [Payload] = []
  /// Ids that a listing has shown and that are not kept on disk yet.
  var seenObjects: [Staging.SeenObject] = []
  /// How many payloads are staged.
  package internal(set) var stagedCount = 0
  /// True where anything of this poll is kept on disk.
  package internal(set) var hasKept = false
  /// True where another poll can go on from what is kept.
  var canGoOn = false
  /// Where the last note was made: how far the poll was, and how much it had found.
  var noted = (place: 0, count: 0)
  /// Where it was taken up.
  var begunAt = 0
  /// The request that was made last, for the record.
  var asked: String?
  var manifests: [String] = []
  var evidence: [String] = []
  var evidenceBytes = 0
  /// SHA-256 of the pages that held nothing, which are not kept.
  var unkept: [String] = []
  var continuation: String?
  var cursor: String?
  /// How far a comparison is after its last page.
  var reconciling: Reconciliation?
  /// True while a comparison lists for the second time.
  var isSecondListing = false
  /// Objects that it could not have, and those that it had and earlier polls could not.
  package internal(set) var misses = Misses()
  /// Objects that earlier polls could not have.
  var missing: [String: MissedObject] = [:]
  /// True where somebody asked for it, so that all of that is tried, due or not.
  var isAsked = false
  /// The poll before the first of the objects that were missed one after the other; at most one.
  var safe: [PollRun] = []
  /// The pages of the listing so far.
  var trail = PageTrail()
  /// Collections that a list has shown, each as it was last seen.
  package internal(set) var collections: [String: Item] = [:]
  /// How the dates of its objects are read.
  let rule: DatedRule
  /// The times that a poll by dates asks for; nil of other polls.
  let window: DateWindow?
  var latest: Moment?
  /// When the provider answered first, by its own clock where it says.
  private(set) var began: Moment
  /// True where every item is judged for a person; else only those that matter.
  package var isByHand = false
  /// Items that were judged after the last page: absences, and what a listing showed without its
  /// state.
  package var settled: [Judged] = []

  /// - Returns: nil where the feed is one that cannot be polled.
  package init?(_ row: FeedRow, by connector: any Connector, pollID: Int64, at now: Moment) {
    guard let kind = row.collectionKind, let id = row.collection,
      let nature = connector.nature(of: Collection(kind: kind, id: id))
    else { return nil }
    self.row = row
    self.pollID = pollID
    startedAt = now
    takenUpAt = now
    collection = Collection(kind: kind, id: id)
    self.nature = nature
    feed = PollRun.feed(row, nature)
    strategy = SyncStrategy(nature, feed.mode)
    rule = DatedRule(
      row.rules, updatedField: row.updatedField, ownField: connector.dateField(of: collection))
    let dated = nature == .dated ? PollRun.window(row, feed.mode, at: now) : nil
    (window, latest) = (dated?.window, dated?.latest)
    began = now
  }

  /// A key with a literal `{calendarId}` whose `url` names one calendar tells of that one.
  private static func feed(_ row: FeedRow, _ nature: CollectionNature) -> Feed {
    var feed = Feed(row)
    let placeholder = "{calendarId}"
    // Most keys have no brace, and a byte is found sooner than a text.
    if nature == .cursor, let id = row.collection,
      row.resource.utf8.contains(UInt8(ascii: "{")), row.resource.contains(placeholder)
    {
      feed.objectType = row.resource.replacing(placeholder, with: id)
    }
    return feed
  }

  /// The page to ask for next, or nil when the last one was taken.
  package var ask: PageRequest? {
    guard cursor == nil else { return nil }
    return PageRequest(
      collection: collection, mode: feed.mode, continuation: continuation,
      pageSize: row.rules?.pageSize.map { Int($0) } ?? Limits.pageItems, window: window)
  }

  /// The event that led to it: that somebody asked for it, that the feed was opened, that its
  /// cursor was dropped; the last of these. Going on from a cursor needs the clock alone, and a
  /// poll by hand the person.
  ///
  /// - Parameter begun: When what is recorded of it began: it answers no wish that came later.
  func cause(begun: Moment) -> NewEvent.Cause {
    var cause: Int64 = 0
    if let pollRequest = row.pollRequest, let requestedAt = row.requestedAt, requestedAt <= begun,
      !isByHand
    {
      cause = pollRequest
    }
    if case .changes = feed.mode {} else { cause = max(cause, row.moved) }
    return cause > 0 ? .position(cause) : .none
  }

  /// An item and what it means.
  package struct Judged: Sendable {
    package var item: Item
    package var verdict: Verdict
    package var bytes: [UInt8]
  }

  /// Takes a page.
  ///
  /// - Parameter body: The bytes that the items' ranges point into.
  /// - Returns: The items with their verdicts, in the provider's order.
  package mutating func take(
    _ page: Page, body: [UInt8], from reader: JournalReader, salt: @Sendable () -> [UInt8]
  ) async throws(JournalError) -> [Judged] {
    pages += 1
    items += page.items.count
    if pages == 1, let answered = page.answeredAt { began = answered }
    switch page.next {
    case .more(let next): continuation = next
    case .end(let end):
      cursor = end
      continuation = nil
    }
    if isSecondListing {
      sight(page)
      return []
    }
    note(page, salt: salt)
    switch strategy.use {
    case .collections:
      for item in page.items { collections[item.id] = item }
      return isByHand ? judgedCollections(page, body) : []
    case .seen:
      sight(page)
      return isByHand ? judgedListing(page, body) : []
    case .learnt:
      learn(page, body, salt: salt)
      return isByHand ? judgedBaseline(page, body) : []
    case .compared(let isSeen):
      if isSeen { sight(page) }
      return try await compare(page, body, reader, salt: salt)
    }
  }

  /// The start of a second listing, which has to agree with the first.
  mutating func listAgain() {
    isSecondListing = true
    continuation = nil
    cursor = nil
    trail = PageTrail()
  }

  /// After a second listing, the poll goes on from where the first had ended.
  mutating func goOn(from first: PollRun) {
    isSecondListing = false
    cursor = first.cursor
    continuation = first.continuation
  }

  /// Takes an object that a comparison missed, and that is gone.
  ///
  /// - Parameter shown: What the provider still shows of it, and a salt to keep it with.
  mutating func takeAbsent(
    _ object: String, known: KnownObject,
    shown: (item: Item, bytes: [UInt8], salt: [UInt8])? = nil
  ) {
    let gone = Item(
      id: object, revision: shown?.item.revision ?? "gone", isGone: true, series: known.series,
      bytes: shown?.item.bytes ?? 0..<0)
    let payload = shown.map { Payload($0.bytes, kind: .evidence, salt: $0.salt) }
    if let payload { pendingPayloads.append(payload) }
    let candidate = ChangeSet.Candidate(
      item: gone, known: Known(revision: known.revision), isSeriesKnown: true,
      date: shown.flatMap { date(in: $0.bytes) }, objectId: known.objectId,
      payload: payload?.name, bytes: shown?.bytes.count ?? 0)
    changeSet.take(candidate)
    settle(candidate, [])
  }

  /// Takes an object that a listing missed, or showed without its state, and that is there: it may
  /// be another than the one known.
  ///
  /// - Parameters:
  ///   - isSeriesKnown: Whether the series that it names is known and there.
  ///   - dated: What its dates say, of a feed polled by dates.
  mutating func takeFound(
    _ item: Item, known: KnownObject?, body: [UInt8], salt: [UInt8], isSeriesKnown: Bool = true,
    dated: Verdict? = nil
  ) {
    let was = known.map { Known(revision: $0.revision, isGone: $0.isGone) }
    guard ChangeSet.matters(item, known: was) else { return }
    if let was, nature == .layered, LabelSum.isSame(was.revision, item.revision) { return }
    let bytes = Array(body[item.bytes])
    let payload = Payload(bytes, kind: .evidence, salt: salt)
    pendingPayloads.append(payload)
    let candidate = ChangeSet.Candidate(
      item: item, known: was, isSeriesKnown: isSeriesKnown, date: date(in: bytes),
      objectId: objectId(in: bytes, of: item), payload: payload.name, bytes: bytes.count,
      dated: dated)
    changeSet.take(candidate)
    settle(candidate, bytes)
  }

  private mutating func settle(_ candidate: ChangeSet.Candidate, _ bytes: [UInt8]) {
    guard isByHand else { return }
    settled.append(
      Judged(item: candidate.item, verdict: changeSet.verdict(on: candidate), bytes: bytes))
  }

  /// Takes note that what was to be kept is on disk.
  mutating func markKept() {
    stagedCount += pendingPayloads.count
    pendingPayloads = []
    seenObjects = []
    hasKept = true
  }

  /// The poll as it is handed to the rules, once the last page was taken.
  package func snapshot(at now: Moment) -> Feed.Reading? {
    guard let cursor else { return nil }
    var snapshot = Feed.Reading(
      cursor: nature == .dated ? datedCursor.rfc3339 : cursor, pages: pages, items: items,
      changeSet: changeSet, manifests: manifests,
      evidence: evidence, startedAt: startedAt, polledAt: now, misses: misses)
    snapshot.unkept = unkept
    return snapshot
  }

  /// Sums up what was found, for `poll.discarded`.
  package func discarded(reason: String) -> Event {
    .pollDiscarded(
      PollDiscarded(
        feed: feed.id, instance: feed.instance, mode: .known(feed.mode.name),
        cursorBefore: feed.cursor,
        pages: pages, items: items, changes: changeSet.changes().count, evidence: evidence,
        reason: reason))
  }

  // MARK: -

  private mutating func compare(
    _ page: Page, _ body: [UInt8], _ reader: JournalReader, salt: @Sendable () -> [UInt8]
  ) async throws(JournalError) -> [Judged] {
    // Most pages are empty.
    let known =
      page.items.isEmpty ? KnownObjects() : try await reader.known(page.items, in: row.feed)
    var judged: [Judged] = []
    var kept: [(Range<Int>, Payload)] = []
    for item in page.items {
      let was = known[item.id].map { Known(revision: $0.revision, isGone: $0.isGone) }
      let dated = nature == .dated ? judgeDated(item, Array(body[item.bytes]), was) : nil
      let isNothing =
        dated.map { $0.kind == nil } ?? !ChangeSet.matters(item, known: was)
      guard !isNothing else {
        changeSet.drop(item.id)
        guard isByHand else { continue }
        let verdict = dated ?? Verdict.of(item, known: was, isSeriesKnown: false)
        judged.append(Judged(item: item, verdict: verdict, bytes: Array(body[item.bytes])))
        continue
      }
      let bytes = Array(body[item.bytes])
      // Of what was gone before it could be read there are no bytes.
      let payload = bytes.isEmpty ? nil : Payload(bytes, kind: .evidence, salt: salt())
      if let payload {
        kept.append((item.bytes, payload))
        pendingPayloads.append(payload)
      }
      let series = item.series.flatMap { known[$0] }
      let candidate = ChangeSet.Candidate(
        item: item, known: was, isSeriesKnown: series.map { !$0.isGone } ?? false,
        date: date(in: bytes),
        // What is gone is often shown without the field: it keeps the name that it was told by.
        objectId: objectId(in: bytes, of: item) ?? (item.isGone ? known[item.id]?.objectId : nil),
        payload: payload?.name, bytes: bytes.count, dated: dated)
      changeSet.take(candidate)
      judged.append(Judged(item: item, verdict: changeSet.verdict(on: candidate), bytes: bytes))
    }
    keep(page, body, kept, salt: salt)
    return judged
  }

  func date(in bytes: [UInt8]) -> Moment? {
    rule.told(of: bytes)
  }

  func objectId(in bytes: [UInt8], of item: Item) -> String? {
    guard let path = row.idField, let text = JSON.text(at: path, in: bytes) else { return nil }
    return text == item.id || text.isEmpty ? nil : String(text.prefix(Limits.idCharactersMax))
  }
}
