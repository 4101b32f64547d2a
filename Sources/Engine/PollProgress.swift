import Domain
import EventStore
import Events
import FoundationEssentials

/// From where a long poll can be gone on with, after a crash or a passing failure.
private struct PollProgress: Codable {
  /// Raised when anything below changes its meaning: what another program kept is begun anew.
  static let version = 5

  var version = PollProgress.version
  var mode: FeedMode
  var startedAt: Moment
  /// nil after the last page, which named the cursor.
  var continuation: String?
  var cursor: String?
  var trail: String
  var reconciling: PollRun.Reconciliation?
  var pages: Int
  var items: Int
  var stagedCount: Int
  var manifests: [String]
  var evidence: [String]
  var evidenceBytes: Int
  /// Absent in what an older program noted.
  var unkept: [String]?
  var candidates: [ChangeSet.Candidate]
  /// Collections of a list; the name is a stored one.
  var members: [Item]
  var latest: Moment?
  var misses: Misses
}

extension PollRun {
  /// How far a comparison is with what is left after its last page.
  struct Reconciliation: Codable, Sendable, Equatable {
    enum Step: String, Codable { case differing, absent }

    var step: Step
    /// The last object that was looked at, in the order of the ids.
    var after = ""
    /// How many were looked at in this step, and in the one before.
    var place = 0
    var before = 0
    /// How many objects the listing missed.
    var absent = 0
    /// True where they were so many that a second listing had to agree.
    var isMany = false

    mutating func pass(_ object: String) {
      after = object
      place += 1
    }
  }

  /// How far the poll is: pages, and objects asked for by themselves.
  var place: Int { pages + (reconciling.map { $0.before + $0.place } ?? 0) }

  /// True where it was gone on with from where another ended, and noted that it got further.
  var isFurther: Bool { canGoOn && begunAt > 0 && noted.place > begunAt }

  /// True where it is time to note how far the poll is.
  ///
  /// Each note repeats all that was found, so with many differences it is made when they have grown
  /// by a quarter: all notes together then stay a few times as long as the last.
  func isAtCheckpoint(every pagesPerCheckpoint: Int) -> Bool {
    let isByObject = reconciling != nil || strategy.readsOneByOne
    let distance = isByObject ? 10 * pagesPerCheckpoint : pagesPerCheckpoint
    let passed = place - noted.place
    guard passed >= distance, canBeNoted else { return false }
    let isShort = changeSet.count <= 2_000
    return isShort || changeSet.count * 4 >= noted.count * 5 || passed >= 10 * distance
  }

  /// True where what is held now can be gone on with: the second listing of a comparison begins
  /// anew.
  var canBeNoted: Bool {
    guard !isSecondListing, !isByHand, strategy.canGoOn, pages > 0 else { return false }
    return continuation != nil || feed.mode == .comparison
  }

  /// How far the poll is, as JSON; nil where it is not to be gone on with.
  var state: String? {
    guard canBeNoted else { return nil }
    let progress = PollProgress(
      mode: feed.mode.name, startedAt: startedAt, continuation: continuation, cursor: cursor,
      trail: trail.text, reconciling: reconciling, pages: pages, items: items,
      stagedCount: stagedCount + pendingPayloads.count,
      manifests: manifests, evidence: evidence, evidenceBytes: evidenceBytes, unkept: unkept,
      candidates: changeSet.inOrder, members: collections.values.sorted { $0.id < $1.id },
      latest: latest, misses: misses)
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
    let settled = progress.reconciling.map { [$0.place, $0.before, $0.absent] } ?? []
    let counts =
      [progress.pages, progress.items, progress.stagedCount, progress.evidenceBytes] + settled
    // Far more than any poll comes to, and far from where a sum would end the program.
    guard counts.allSatisfy({ (0...1 << 48).contains($0) }) else { return false }
    startedAt = progress.startedAt
    (continuation, cursor) = (progress.continuation, progress.cursor)
    trail = PageTrail(progress.trail)
    reconciling = progress.reconciling
    pages = progress.pages
    items = progress.items
    stagedCount = progress.stagedCount
    manifests = progress.manifests
    (evidence, evidenceBytes) = (progress.evidence, progress.evidenceBytes)
    unkept = progress.unkept ?? []
    changeSet = ChangeSet(progress.candidates)
    for collection in progress.members { collections[collection.id] = collection }
    latest = progress.latest
    misses = progress.misses
    hasKept = true
    canGoOn = true
    noted = (place, changeSet.count)
    begunAt = place
    return true
  }
}

extension Poller {
  /// A poll of the feed: one that was begun earlier and can be gone on with, else a new one.
  ///
  /// - Returns: nil where the feed is one that cannot be polled.
  nonisolated(nonsending) func pollRun(
    _ beginning: PollBeginning
  ) async throws(JournalError) -> PollRun? {
    let row = beginning.row
    try checkCollection(of: row)
    guard var run = try await runAsNoted(row, beginning.kept) else { return nil }
    takeUp(beginning.missing, &run)
    run.access = beginning.token.flatMap { tokens.access($0, to: row.instance) }
    return run
  }

  /// Lets a poll know what earlier ones could not have.
  nonisolated(nonsending) func takeUpMissing(_ run: inout PollRun) async throws(JournalError) {
    let feed = run.row.feed
    let missing = try await repository.reader.read { snapshot throws(JournalError) in
      try snapshot.missed(of: feed)
    }
    takeUp(missing, &run)
  }

  private func takeUp(_ missing: [MissedObject], _ run: inout PollRun) {
    for one in missing { run.missing[one.object] = one }
    run.isAsked = run.isByHand || run.row.nextAt.map { $0 > world.now() } ?? true
  }

  /// Asks the provider whether it ever had a collection of that name.
  ///
  /// - Throws: `misfolded`.
  func checkCollection(of row: FeedRow) throws(JournalError) {
    guard let kind = row.collectionKind, let id = row.collection,
      !connector.reads(Collection(kind: kind, id: id))
    else { return }
    throw .misfolded(
      path: repository.writer.path,
      why: "feeds.collection_kind and feeds.collection of feed \(row.feed) name nothing that can be"
        + " polled")
  }

  /// - Parameter kept: How far an earlier poll of it came; nil where none is to be gone on with.
  private nonisolated(nonsending) func runAsNoted(
    _ row: FeedRow, _ kept: (pollID: Int64, keptAt: Moment, state: String)?
  ) async throws(JournalError) -> PollRun? {
    let now = world.now()
    guard let fresh = PollRun(row, by: connector, pollID: newPollID(), at: now) else {
      return nil
    }
    guard fresh.strategy.canGoOn, let kept else { return fresh }
    if kept.keptAt + Limits.progressAgeMax > now,
      var run = PollRun(row, by: connector, pollID: kept.pollID, at: now),
      run.goOn(from: kept.state)
    {
      try await repository.writer.trimStaging(pollID: kept.pollID, staged: run.stagedCount)
      return run
    }
    try await repository.writer.dropStaging(pollID: kept.pollID)
    return fresh
  }

  /// Keeps on disk what a poll holds, past a bound, at a checkpoint, or at the end of a page that a
  /// person waits at.
  ///
  /// What is staged after a note is trimmed by whoever goes on from it.
  ///
  /// - Parameter isEnding: Whether the poll ends here, to be gone on with.
  nonisolated(nonsending) func keep(
    _ run: inout PollRun, isForced: Bool = false, isEnding: Bool = false
  ) async throws(JournalError) {
    let bytes = run.pendingPayloads.reduce(0) { $0 + $1.bytesKept }
    let isNoted = isEnding || run.isAtCheckpoint(every: settings.pagesPerCheckpoint)
    let isFull = bytes > Limits.pendingBytesMax || run.seenObjects.count > 2 * Limits.pageItems
    guard isForced || isFull || isNoted else { return }
    let state = run.isByHand ? "{}" : isNoted ? run.state : nil
    guard !run.pendingPayloads.isEmpty || !run.seenObjects.isEmpty || state != nil else {
      return
    }
    let progress = state.map {
      Staging.Progress(
        feed: run.isByHand ? nil : run.row.feed, moved: run.row.moved,
        keptAt: world.now(), state: $0)
    }
    try await repository.writer.keep(
      Staging(
        pollID: run.pollID, payloads: run.pendingPayloads, seenObjects: run.seenObjects,
        progress: progress))
    run.markKept()
    guard progress != nil, !run.isByHand else { return }
    run.canGoOn = true
    run.noted = (run.place, run.changeSet.count)
  }

  /// Forgets what a poll has kept.
  nonisolated(nonsending) func clear(_ run: PollRun) async throws(JournalError) {
    if run.hasKept { try await repository.writer.dropStaging(pollID: run.pollID) }
  }
}
