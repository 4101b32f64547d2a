import Events
import Synchronization

extension JournalWriter {
  /// Appends all of it or nothing; answered once it is durable.
  ///
  /// - Throws: `conflict` where a stream is not at the version expected; `full`, `busy`,
  ///   `readOnly`.
  package nonisolated(nonsending) func append(
    _ append: AppendRequest
  ) async throws(JournalError) -> AppendResult {
    try await self.append([append])[0].get()
  }

  /// Appends a batch in one transaction, in its order, each request all or nothing; answered once
  /// it is durable.
  ///
  /// What nobody else writes meanwhile is written on the thread of the caller. Appends that wait
  /// together go into one transaction on the log's own (group commit), each checked on its own.
  ///
  /// - Returns: For each request what `append` would answer or throw for it alone.
  package nonisolated(nonsending) func append(
    _ batch: [AppendRequest]
  ) async -> [Result<AppendResult, JournalError>] {
    guard !batch.isEmpty else { return [] }
    precondition(
      batch.allSatisfy { !$0.newEvents.isEmpty }, "an append holds one event or more")
    let entries = batch.map { Entry($0) }
    if let results = writeAlone(entries) { return results }
    return await withCheckedContinuation { answer in
      let isFirst = mailbox.withLock { box in
        box.waiting.append(Waiting(entries: entries, answer: answer))
        defer { box.isFlushPlanned = true }
        return !box.isFlushPlanned
      }
      // Nothing of it runs here: it goes to the log's thread at once.
      if isFirst { Task.immediate { await flush() } }
    }
  }

  /// - Returns: nil where others are at it, or have just been: together they cost less.
  private nonisolated func writeAlone(
    _ entries: [Entry]
  ) -> [Result<AppendResult, JournalError>]? {
    guard let turns, mailbox.withLock({ !$0.isCrowded }) else { return nil }
    return turns.turn { assumeIsolated { log in log.commitAlone(entries) } }
  }

  private func commitAlone(_ entries: [Entry]) -> [Result<AppendResult, JournalError>] {
    let results = commitEach(entries)
    if hooks.dies(.afterCommit) { return entries.map { _ in .failure(.died) } }
    // Not here, where a caller waits.
    if connection.pagesWaiting > Bounds.walPagesMax { Task { copyBack() } }
    return results
  }

  private func flush() {
    let group = mailbox.withLock { box in
      defer { box = Mailbox(isCrowded: box.waiting.count > 1) }
      return box.waiting
    }
    var results = commitEach(group.flatMap(\.entries))[...]
    let isDead = hooks.dies(.afterCommit)
    for one in group {
      let own = results.prefix(one.entries.count)
      results = results.dropFirst(own.count)
      one.answer.resume(returning: isDead ? own.map { _ in .failure(.died) } : Array(own))
    }
    // After the answers, so that nobody waits for it.
    if !isDead { copyBack() }
  }

  /// Writes them in one transaction; where one of them spoils it, each in its own.
  private func commitEach(_ entries: [Entry]) -> [Result<AppendResult, JournalError>] {
    do {
      return try commit(entries)
    } catch {
      guard entries.count > 1 else { return [.failure(error)] }
      var results: [Result<AppendResult, JournalError>] = []
      for entry in entries {
        do { results += try commit([entry]) } catch { results.append(.failure(error)) }
      }
      return results
    }
  }

  /// Copies the write-ahead log back where it has grown long enough.
  func copyBack(after pages: Int = Bounds.walPagesMax) {
    guard connection.pagesWaiting > pages, !files.areMoved, lock.take() else { return }
    defer { lock.release() }
    // What a reader is in the way of is copied another time.
    try? connection.copyBack()
  }

  /// Writes a group in one transaction. A conflict answers its own caller only.
  private func commit(
    _ entries: [Entry]
  ) throws(JournalError) -> [Result<AppendResult, JournalError>] {
    let results = try commit { () throws(JournalError) in
      var results: [Result<AppendResult, JournalError>] = []
      results.reserveCapacity(entries.count)
      for entry in entries { results.append(try write(entry)) }
      return results
    }
    count(results)
    return results
  }

  func commit<Answer: Sendable>(
    _ work: () throws(JournalError) -> Answer
  ) throws(JournalError) -> Answer {
    let before = head
    var made: Answer?
    do {
      return try write { () throws(JournalError) in
        try refresh()
        guard !isStale else { throw .newerProgram(path: path) }
        if isBehind { throw try connection.rebuildingError() }
        let start = head.position
        let answer = try work()
        if head.position > start { made = answer }
        return answer
      }
    } catch {
      // SQLite may say no to a commit that it has made. What stands there is not written again.
      if let made, error != .died, stands(head) {
        dataVersion = -1
        return made
      }
      head = before
      dataVersion = -1
      throw error
    }
  }

  /// Looks for this very event in the log.
  private func stands(_ head: Head) -> Bool {
    let row = try? connection.events(after: head.position - 1, limit: 1).first
    return row?.position == head.position && row?.digest == head.digest
  }

  private func write(_ entry: Entry) throws(JournalError) -> Result<AppendResult, JournalError> {
    let append = entry.append
    if let key = append.key, let position = try position(ofKey: key) {
      return .success(AppendResult(positions: [position], digest: [], isRepeated: true))
    }
    for (stream, expected) in append.expected {
      let actual = try version(of: stream)
      guard actual == expected else {
        return .failure(.conflict(stream: stream, expected: expected, actual: actual))
      }
    }
    if let pollID = append.pollID, try connection.stagedCount(pollID) != append.stagedCount {
      return .failure(.stagingLost(path: path))
    }
    for payload in append.payloads { try connection.add(payload) }
    if let pollID = append.pollID {
      try connection.statement(SQL.keepStaged).run(["ticket": .integer(pollID)])
      try connection.drop(pollID: pollID)
    }
    for secret in append.secrets { try connection.change(secret) }
    return .success(try writeDrafts(entry))
  }

  func writeDrafts(_ entry: Entry) throws(JournalError) -> AppendResult {
    let append = entry.append
    var versions = append.expected
    var positions: [Int64] = []
    var firstDigest: [UInt8] = []
    let fold = connection.fold(projector.generation)
    for place in append.newEvents.indices {
      let position = head.position &+ 1
      let stream = append.newEvents[place].stream.named(after: position)
      if let position = try said(append.newEvents[place].event, in: stream) {
        positions.append(position)
        continue
      }
      let last: Int64
      if let known = versions[stream] { last = known } else { last = try version(of: stream) }
      if append.newEvents.count > 1 { versions[stream] = last &+ 1 }
      let cause: Int64? =
        switch append.newEvents[place].cause {
        case .none: nil
        case .position(let position): position
        case .newEvent(let index): positions[index]
        }
      let body = entry.bodies[place]
      var row = RecordedEvent(
        position: position, stream: stream, version: last &+ 1, type: body.type,
        revision: body.revision, recordedAt: max(append.at, head.recordedAt), cause: cause,
        key: place == 0 ? append.key : nil, body: body.text, digest: [])
      let bytes = row.body.utf8.count
      guard bytes <= Bounds.bodyBytesMax else {
        throw .tooLarge(what: "the body of \(row.type)", bytes: bytes, most: Bounds.bodyBytesMax)
      }
      link.write(row, after: head.digest)
      row.digest = link.digest
      try connection.insert(row, link)
      do throws(JournalError) {
        try fold.decide(row, link)
      } catch {
        throw error.ofFolding(path)
      }
      head = Head(position: position, recordedAt: row.recordedAt, digest: row.digest)
      positions.append(position)
      if place == 0 { firstDigest = row.digest }
    }
    return AppendResult(positions: positions, digest: firstDigest, isRepeated: false)
  }

  /// The last event of a notice’s stream where another would say nothing new: a notice is open once
  /// at a time and ends once, however many processes find the same at once. nil where it is to be
  /// written.
  private func said(_ event: Event, in stream: StreamName) throws(JournalError) -> Int64? {
    let isRaised: Bool
    switch event {
    case .noticeRaised: isRaised = true
    case .noticeClosed: isRaised = false
    default: return nil
    }
    let version = try version(of: stream)
    let last = try connection.events(of: stream, after: version - 1, limit: 1).first
    let isOpen = last?.type == NoticeRaised.type
    return isOpen == isRaised ? last?.position ?? 0 : nil
  }

  private func version(of stream: StreamName) throws(JournalError) -> Int64 {
    let query = try connection.statement(SQL.loadVersion)
    defer { query.reset() }
    try query.bind("stream", .text(stream.text))
    return try query.step() ? query.integer(0) : 0
  }

  private func position(ofKey key: String) throws(JournalError) -> Int64? {
    let query = try connection.statement(SQL.findKey)
    defer { query.reset() }
    try query.bind("key", .text(key))
    return try query.step() ? query.integer(0) : nil
  }
}

/// Bounds of the log itself; those of the rules stand in Domain/Limits.swift.
enum Bounds {
  /// 8 MB of write-ahead log at 4 KB a page: after as much again, an append copies it back. Less
  /// would copy the pages of the indices too often, more lets the file grow for longer.
  static let walPagesMax = 2_000
  /// Bytes of one body: it holds numbers, ids, digests and the operator's settings, never content.
  static let bodyBytesMax = 4 << 20
  /// Events behind which a catch-up is a long one, and a rebuild all but done.
  static let foldedMax = 500
  /// Rows that folding changes in one transaction, so that appends wait some 20 ms.
  static let foldedRows = 4_000
  /// The length of the write-ahead log after which folding copies it back: 32 MB at 4 KB a page.
  /// Pages of an index are written by many transactions, and copied once.
  static let walPagesFolding = 8_000
  /// Kilobytes of SQLite's page cache: half of its own default, so that a long poll soon has all
  /// the memory it ever needs.
  static let cacheKilobytes = 1_000
  /// The same while many events are folded: the pages that they touch at random, up to some million
  /// deliveries.
  static let foldingCacheKilobytes = 64_000
  /// The same for each of the two connections that verify: the index of some hundred thousand
  /// payloads.
  static let verifyingCacheKilobytes = 16_000
  /// Bytes of a journal of one instance on disk at most, its write-ahead log counted.
  static let freshJournalBytes = 1 << 19
  /// Bytes of one line of an exported log: a payload in base64.
  static let lineBytesMax = 128 << 20
  /// Rows read in one go; no snapshot outlives them, but for that of a person's own SELECT.
  static let pageRows = 1_000
}
