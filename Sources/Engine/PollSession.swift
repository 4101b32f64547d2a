package import Domain
package import Events
package import Journal
import RawJSON

/// One poll under way, page by page. Performs nothing and appends nothing: it says what to ask next
/// and takes what was answered, so that the engine and a person stepping by hand share it.
///
/// What it has to keep goes into payloads, staged on disk past a bound, so that a baseline of any
/// length needs the memory of one page.
package struct PollSession: Sendable {
  package let row: FeedRow
  package let feed: Feed
  package let collection: Collection
  /// Names what is staged for this poll.
  package let ticket: Int64
  package let startedAt: Moment
  package private(set) var tally = PollTally()
  package private(set) var pages = 0
  package private(set) var items = 0
  /// Payloads not staged yet.
  package var stash: [Payload] = []
  package private(set) var hasStaged = false
  private(set) var manifests: [String] = []
  private(set) var evidence: [String] = []
  private var evidenceBytes = 0
  private var continuation: String?
  private var cursor: String?
  /// Of a comparison: whether this is the second listing.
  var isSecondListing = false

  /// - Returns: nil where the feed is one that cannot be polled.
  package init?(_ row: FeedRow, ticket: Int64, at now: Moment) {
    guard let kind = row.collectionKind, let id = row.collection else { return nil }
    self.row = row
    self.ticket = ticket
    startedAt = now
    collection = Collection(kind: kind, id: id)
    let mode: PollMode =
      switch row.mode {
      case .baseline: .baseline
      case .comparison: .comparison
      case .changes: row.cursor.map { .changes(since: $0) } ?? .baseline
      }
    feed = Feed(
      id: row.feed, instance: row.instance, resource: row.resource, interval: row.interval,
      mode: mode, cursor: row.cursor, failures: row.failures)
  }

  /// What to ask next, or nil when the last page was taken.
  package var ask: Ask? {
    guard cursor == nil else { return nil }
    return Ask(
      collection: collection, mode: feed.mode, continuation: continuation,
      pageSize: Limits.pageItems)
  }

  /// An item and what it means.
  package struct Judged: Sendable {
    package var item: Item
    package var verdict: Verdict
    package var bytes: [UInt8]
  }

  /// Takes a page.
  ///
  /// - Parameters:
  ///   - body: The bytes that the items' ranges point into.
  ///   - keepsAll: Whether every item is judged for a person; else only those that matter.
  /// - Returns: The items with their verdicts, in the provider's order.
  package mutating func take(
    _ page: Page, body: [UInt8], from reader: LogReader, salt: @Sendable () -> [UInt8],
    keepsAll: Bool
  ) async throws(LogError) -> [Judged] {
    pages += 1
    items += page.items.count
    switch page.next {
    case .more(let next): continuation = next
    case .end(let end): cursor = end
    }
    if isSecondListing {
      try await sight(page, ticket: ticket + 1, reader)
      return []
    }
    if case .baseline = feed.mode {
      learn(page, salt: salt)
      return keepsAll ? judgedBaseline(page, body) : []
    }
    if case .comparison = feed.mode { try await sight(page, ticket: ticket, reader) }
    return try await compare(page, body, reader, salt: salt, keepsAll: keepsAll)
  }

  /// The start of a second listing, which has to agree with the first.
  mutating func listAgain() {
    isSecondListing = true
    continuation = nil
    cursor = nil
  }

  /// After a second listing, the poll goes on from where the first had ended.
  mutating func goOn(from first: PollSession) {
    isSecondListing = false
    cursor = first.cursor
    continuation = first.continuation
  }

  /// Takes an object that a comparison missed and the provider confirmed to be gone.
  mutating func takeAbsent(_ object: String, known: KnownObject, item: Item?, payload: Payload?) {
    let gone = Item(
      id: object, revision: item?.revision ?? "gone", isGone: true, series: known.series,
      bytes: item?.bytes ?? 0..<0)
    if let payload { stash.append(payload) }
    tally.take(
      PollTally.Candidate(
        item: gone, known: Known(revision: known.revision), isSeriesKnown: true, date: nil,
        payload: payload?.name, bytes: item?.bytes.count ?? 0))
  }

  /// Takes an object that a comparison missed and the provider confirmed to be there: it may be
  /// another than the one known.
  mutating func takeMissed(_ item: Item, known: KnownObject, body: [UInt8], salt: [UInt8]) {
    let was = Known(revision: known.revision)
    guard PollTally.matters(item, known: was) else { return }
    let bytes = Array(body[item.bytes])
    let payload = Payload(bytes, kind: .evidence, salt: salt)
    stash.append(payload)
    tally.take(
      PollTally.Candidate(
        item: item, known: was, isSeriesKnown: true, date: date(in: bytes),
        objectId: objectId(in: bytes, of: item), payload: payload.name, bytes: bytes.count))
  }

  mutating func markStaged() {
    stash = []
    hasStaged = true
  }

  /// The poll as it is handed to the rules, once the last page was taken.
  package func reading(at now: Moment) -> Feed.Reading? {
    guard let cursor else { return nil }
    return Feed.Reading(
      cursor: cursor, pages: pages, items: items, tally: tally, manifests: manifests,
      evidence: evidence, startedAt: startedAt, polledAt: now)
  }

  /// What was found, in words, for `poll.discarded`.
  package func discarded(reason: String) -> Event {
    .pollDiscarded(
      PollDiscarded(
        feed: feed.id, instance: feed.instance, mode: feed.mode.name, cursorBefore: feed.cursor,
        pages: pages, items: items, changes: tally.changes().count, evidence: evidence,
        reason: reason))
  }

  // MARK: -

  private func sight(_ page: Page, ticket: Int64, _ reader: LogReader) async throws(LogError) {
    // What the provider calls gone was not missed: it is judged by what the provider says.
    try await reader.sight(page.items.map(\.id), ticket: ticket)
  }

  private mutating func learn(_ page: Page, salt: @Sendable () -> [UInt8]) {
    var text = "["
    for item in page.items where !item.isGone || item.series != nil {
      if text.utf8.count > 1 { text += ",\n" }
      let series = item.series.map { quoted($0) } ?? "null"
      text += "[\(quoted(item.id)),\(quoted(item.revision)),\(series),\(item.isGone ? 1 : 0)]"
    }
    text += "]"
    let manifest = Payload(Array(text.utf8), kind: .state, salt: salt())
    manifests.append(manifest.name)
    stash.append(manifest)
  }

  private func judgedBaseline(_ page: Page, _ body: [UInt8]) -> [Judged] {
    page.items.map {
      Judged(
        item: $0, verdict: Verdict(nil, "part of the baseline"), bytes: Array(body[$0.bytes]))
    }
  }

  private mutating func compare(
    _ page: Page, _ body: [UInt8], _ reader: LogReader, salt: @Sendable () -> [UInt8],
    keepsAll: Bool
  ) async throws(LogError) -> [Judged] {
    let known = try await reader.known(page.items, in: row.feed)
    var judged: [Judged] = []
    var kept: [(Range<Int>, Payload)] = []
    for item in page.items {
      let was = known[item.id].map { Known(revision: $0.revision, isGone: $0.isGone) }
      guard PollTally.matters(item, known: was) else {
        tally.drop(item.id)
        guard keepsAll else { continue }
        let verdict = Verdict.of(item, known: was, isSeriesKnown: false)
        judged.append(Judged(item: item, verdict: verdict, bytes: Array(body[item.bytes])))
        continue
      }
      let bytes = Array(body[item.bytes])
      let payload = Payload(bytes, kind: .evidence, salt: salt())
      kept.append((item.bytes, payload))
      stash.append(payload)
      let series = item.series.flatMap { known[$0] }
      let candidate = PollTally.Candidate(
        item: item, known: was, isSeriesKnown: series.map { !$0.isGone } ?? false,
        date: date(in: bytes), objectId: objectId(in: bytes, of: item), payload: payload.name,
        bytes: bytes.count)
      tally.take(candidate)
      judged.append(Judged(item: item, verdict: tally.verdict(on: candidate), bytes: bytes))
    }
    keep(body, kept, salt: salt)
    return judged
  }

  /// Keeps the page as a recipe over its items, as long as the poll is short enough.
  private mutating func keep(
    _ body: [UInt8], _ kept: [(range: Range<Int>, payload: Payload)], salt: @Sendable () -> [UInt8]
  ) {
    evidenceBytes += body.count
    guard case .changes = feed.mode, evidenceBytes <= Limits.evidenceBytesMax else { return }
    var pieces: [Payload.Piece] = []
    var place = 0
    for (range, payload) in kept {
      pieces.append(.text(Array(body[place..<range.lowerBound])))
      pieces.append(.payload(digest: payload.digest))
      place = range.upperBound
    }
    pieces.append(.text(Array(body[place...])))
    let page = Payload(recipe: pieces, whole: body, salt: salt())
    evidence.append(page.name)
    stash.append(page)
  }

  private func date(in bytes: [UInt8]) -> Moment? {
    guard let path = row.updatedField, let text = JSON.text(at: path, in: bytes) else {
      return nil
    }
    return Moment(rfc3339: text)
  }

  private func objectId(in bytes: [UInt8], of item: Item) -> String? {
    guard let path = row.idField, let text = JSON.text(at: path, in: bytes) else { return nil }
    return text == item.id || text.isEmpty ? nil : String(text.prefix(Limits.idCharactersMax))
  }
}

extension LogReader {
  func sight(_ objects: [String], ticket: Int64) throws(LogError) {
    try read { reading throws(LogError) in try reading.sight(objects, ticket: ticket) }
  }

  /// What the feed knows of the items and of the series that they name.
  func known(_ items: [Item], in feed: Int64) throws(LogError) -> [String: KnownObject] {
    try read { reading throws(LogError) in
      try reading.known(items.map(\.id) + items.compactMap(\.series), in: feed)
    }
  }
}
