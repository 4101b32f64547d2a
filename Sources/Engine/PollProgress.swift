import Domain
import Events
import FoundationEssentials
import Journal

/// From where a baseline or comparison can be gone on with, after a crash or a passing failure.
private struct PollProgress: Codable {
  /// Raised when anything below changes its meaning: what another program kept is begun anew.
  static let version = 1

  var version = PollProgress.version
  var mode: String
  var startedAt: Moment
  var continuation: String
  var pages: Int
  var items: Int
  var stagedCount: Int
  var manifests: [String]
  var candidates: [PollTally.Candidate]
  var members: [Item]
  var latest: Moment?
}

extension PollSession {
  /// Whether it is time to note how far the poll is.
  var isAtCheckpoint: Bool {
    // A poll with many differences is noted less often: each note repeats all of them.
    let pagesBetween = max(Limits.pagesPerCheckpoint, tally.count / 100)
    return pages % pagesBetween == 0 && state != nil
  }

  /// How far the poll is, as JSON; nil where it is not to be gone on with.
  var state: String? {
    guard let continuation, !isSecondListing, !isByHand, nature != .dated else { return nil }
    if case .changes = feed.mode { return nil }
    let progress = PollProgress(
      mode: feed.mode.name, startedAt: startedAt, continuation: continuation, pages: pages,
      items: items, stagedCount: stagedCount + stash.count, manifests: manifests,
      candidates: tally.inOrder,
      members: members.values.sorted { $0.id < $1.id }, latest: latest)
    return (try? JSONEncoder().encode(progress)).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Takes up a poll where another left it.
  ///
  /// - Returns: Whether it could be taken up; nothing is changed otherwise.
  mutating func goOn(from state: String) -> Bool {
    guard
      let progress = try? JSONDecoder().decode(PollProgress.self, from: Data(state.utf8)),
      progress.version == PollProgress.version, progress.mode == feed.mode.name
    else { return false }
    startedAt = progress.startedAt
    continuation = progress.continuation
    pages = progress.pages
    items = progress.items
    stagedCount = progress.stagedCount
    manifests = progress.manifests
    tally = PollTally(progress.candidates)
    for member in progress.members { members[member.id] = member }
    latest = progress.latest
    hasKept = true
    canGoOn = true
    return true
  }
}

extension Runner {
  /// A poll of the feed: one that was begun earlier and can be gone on with, else a new one.
  ///
  /// - Returns: nil where the feed is one that cannot be polled.
  func session(of row: FeedRow) async throws(LogError) -> PollSession? {
    let now = world.now()
    if row.mode != .changes {
      let kept = try await book.reader.read { reading throws(LogError) in
        try reading.progress(of: row.feed, moved: row.moved)
      }
      if let kept, kept.keptAt + Limits.progressAgeMax > now,
        var session = PollSession(row, by: connector, ticket: kept.ticket, at: now),
        session.goOn(from: kept.state)
      {
        try await book.log.trimScratch(ticket: kept.ticket, staged: session.stagedCount)
        return session
      }
    }
    return PollSession(row, by: connector, ticket: newTicket(), at: now)
  }

  /// Keeps on disk what a poll holds, past a bound, at a checkpoint, or at the end of a page that a
  /// person waits at.
  func keep(_ session: inout PollSession, isForced: Bool = false) async throws(LogError) {
    let bytes = session.stash.reduce(0) { $0 + $1.bytesKept }
    let isCheckpoint = session.isAtCheckpoint
    let isFull = bytes > Limits.stashBytesMax || session.sightings.count > 2 * Limits.pageItems
    guard isForced || isFull || isCheckpoint else { return }
    let state = session.isByHand ? "{}" : session.state
    // What is noted has to fit what is staged, so both go together.
    let isNoted = session.isByHand || isCheckpoint || session.canGoOn
    let progress = state.map {
      Scratch.Progress(
        feed: session.isByHand ? nil : session.row.feed, moved: session.row.moved,
        keptAt: world.now(), state: $0)
    }
    guard !session.stash.isEmpty || !session.sightings.isEmpty || isCheckpoint else { return }
    try await book.log.keep(
      Scratch(
        ticket: session.ticket, payloads: session.stash, sightings: session.sightings,
        progress: isNoted ? progress : nil))
    if isNoted, progress != nil { session.canGoOn = !session.isByHand }
    session.markKept()
  }

  /// Forgets what a poll has kept.
  func clear(_ session: PollSession) async throws(LogError) {
    if session.hasKept { try await book.log.dropScratch(ticket: session.ticket) }
  }
}
