import Events

extension JournalWriter {
  /// Events that a rebuild folds while somebody waits for a list: about half a second.
  package static let eventsRebuiltMeanwhile: Int64 = 20_000

  /// Builds every disposable table anew beside the old ones, and swaps.
  ///
  /// Short transactions, so that appends go on; what was built survives a crash and is gone on
  /// with where it is whole. Where another process finishes it first, its tables are the new ones.
  /// What is left over of others goes, and so do foreign triggers, indices and views.
  ///
  /// - Parameter progress: Told the position reached and the head, after each transaction.
  /// - Returns: How many events were folded.
  /// - Throws: `stopped` where the task was cancelled; the next rebuild goes on from there.
  package func rebuild(
    progress: @Sendable (Int64, Int64) -> Void = { _, _ in }
  ) async throws(JournalError) -> Int64 {
    try await rebuild(events: .max, .long, progress) ?? head.position
  }

  /// Builds tables beside those that an older program has folded, and swaps: from then on that
  /// program may read, not append.
  ///
  /// Until then it goes on by its own tables, and what it appends is folded into the new ones too.
  /// Several processes may be at it: each goes on from where the others have come.
  ///
  /// - Parameters:
  ///   - events: Folded at most, so that whoever waits for a list waits no longer than that; what
  ///     was built is gone on with the next time.
  ///   - patience: How long to wait for who holds the journal's locks.
  /// - Returns: Whether the tables in force are no older program's now.
  /// - Throws: `stopped` where the task was cancelled.
  package func rebuildOlder(
    events: Int64 = .max, patience: Patience = .long
  ) async throws(JournalError) -> Bool {
    dataVersion = -1
    try refresh()
    if isBehind { _ = try await rebuild(events: events, patience) { _, _ in } }
    return !isBehind
  }

  /// - Returns: How many events the tables in force are made of; nil where `events` were too few.
  func rebuild(
    events: Int64, _ patience: Patience = .long,
    _ progress: @Sendable (Int64, Int64) -> Void = { _, _ in }
  ) async throws(JournalError) -> Int64? {
    try connection.keepPages(kilobytes: Bounds.foldingCacheKilobytes)
    defer { try? connection.keepPages(kilobytes: Bounds.cacheKilobytes) }
    let rebuilding = Rebuilding(connection: connection)
    let generation = try write(patience) { () throws(JournalError) in try rebuilding.begin() }
    var left = events
    let first = try await fold(generation, &left, patience, progress)
    guard first == .nearHead else { return try answer(first) }
    for index in rebuilding.indices(generation) {
      let isMade = try writeDisposable(patience) { () throws(JournalError) in
        try rebuilding.make(index, of: generation)
      }
      guard isMade else { return try answer(.elsewhere) }
      try await pause()
    }
    // What was appended while the indices were made.
    left = .max
    let last = try await fold(generation, &left, patience, progress)
    guard last == .nearHead, let folded = try swap(to: generation, patience) else {
      return try answer(.elsewhere)
    }
    progress(folded, folded)
    for table in try rebuilding.leftovers() {
      try writeDisposable(patience) { () throws(JournalError) in try rebuilding.drop(table) }
      copyBack(after: Bounds.walPagesFolding)
    }
    return folded
  }

  /// How folding one slice after the other came to an end.
  private enum Folded {
    /// The rest is so short that the swap folds it.
    case nearHead
    /// As many events were folded as were to be.
    case short
    /// Another process has led everybody over meanwhile.
    case elsewhere
  }

  private func answer(_ folded: Folded) throws(JournalError) -> Int64? {
    dataVersion = -1
    try refresh()
    return folded == .elsewhere ? head.position : nil
  }

  /// Folds slice after slice, and lets appends that wait go between two of them.
  private func fold(
    _ generation: Int64, _ left: inout Int64, _ patience: Patience,
    _ progress: @Sendable (Int64, Int64) -> Void
  ) async throws(JournalError) -> Folded {
    let rebuilding = Rebuilding(connection: connection)
    while true {
      try refresh()
      let slice = try writeDisposable(patience) { () throws(JournalError) in
        try rebuilding.fold(generation, rows: Bounds.foldedRows)
      }
      guard let slice else { return .elsewhere }
      progress(slice.reached, head.position)
      if head.position - slice.reached < Int64(Bounds.foldedMax) { return .nearHead }
      left -= Int64(slice.events)
      if left <= 0 { return .short }
      try await pause()
    }
  }

  private func pause() async throws(JournalError) {
    if Task.isCancelled { throw .stopped }
    copyBack(after: Bounds.walPagesFolding)
    await Task.yield()
  }

  /// Changes disposable tables alone. They can be made again, so the commit is not synced; and the
  /// log tells all that was in them, so what goes is not written over with zeros.
  func writeDisposable<Answer>(
    _ patience: Patience, _ work: () throws(JournalError) -> Answer
  ) throws(JournalError) -> Answer {
    try connection.execute("PRAGMA synchronous = NORMAL; PRAGMA secure_delete = OFF")
    defer { try? connection.execute("PRAGMA synchronous = FULL; PRAGMA secure_delete = ON") }
    return try write(patience) { () throws(JournalError) in
      try connection.noticeArchives()
      return try work()
    }
  }

  private func swap(
    to generation: Int64, _ patience: Patience
  ) throws(JournalError) -> Int64? {
    let rebuilding = Rebuilding(connection: connection)
    let reached = try write(patience) { () throws(JournalError) in
      try connection.noticeArchives()
      return try rebuilding.swap(to: generation)
    }
    guard let reached else { return nil }
    projector = Projector(connection: connection, generation: generation)
    isStale = false
    isBehind = false
    dataVersion = -1
    return reached
  }
}
