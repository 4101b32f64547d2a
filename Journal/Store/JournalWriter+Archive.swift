import CSQLite
package import Events
import Glibc

/// A part of the log that is to be moved to a file.
package struct ArchivePart: Sendable, Equatable {
  /// Its first and last position.
  package var first: Int64
  package var last: Int64
  /// Events of it that leave the journal; the others stay in both.
  package var leaving: Int64
  /// The file beside the journal.
  package var path: String
  /// The digest of the event before the first.
  fileprivate var previous: [UInt8]

  /// All events of it, which the file holds.
  package var events: Int64 { last - first + 1 }

  /// Bytes of the file; nil where there is none.
  package var bytes: Int64? {
    var status = stat()
    return stat(path, &status) == 0 ? Int64(status.st_size) : nil
  }
}

extension JournalSnapshot {
  /// The part of the log that an archive up to an event would hold: what follows the archive
  /// before.
  ///
  /// - Parameter position: The event after the last.
  /// - Throws: `foreign` where nothing of that can be moved.
  package func archivePart(before position: Int64) throws(JournalError) -> ArchivePart {
    let journal = JournalPath.followed(connection.path)
    let newest = try connection.newestArchive()
    let first = (newest?.last ?? 0) + 1
    let last = position - 1
    guard last >= first else {
      throw .foreign(
        path: journal,
        why: first == 1
          ? "no event comes before \(position)" : "events up to \(first - 1) are archived already")
    }
    guard try last <= head().position else {
      throw .foreign(path: journal, why: "event \(last) is not there yet")
    }
    let previous = newest.flatMap { bytesOf(hexadecimal: $0.digest) } ?? Chain.start
    return ArchivePart(
      first: first, last: last,
      leaving: try connection.countArchivable(first, last, generation: generation),
      path: ArchiveName.path(of: connection.path, last: last), previous: previous)
  }
}

extension JournalWriter {
  /// Moves a part of the log to a file: makes it, reads it back, and only then takes out of the
  /// journal what need not stay, with `journal.archived` in the same transaction.
  ///
  /// Killed anywhere, the journal holds all of it, or the file does; the same again goes on.
  ///
  /// - Parameter progress: Told how many events are in the file.
  /// - Returns: The position of `journal.archived` and what it says.
  /// - Throws: `foreign` where a replay is under way, or another file is in the way; `damaged`
  ///   where the log is not what it was.
  package func archive(
    _ part: ArchivePart, reason: String?, at now: Moment,
    progress: @Sendable (Int64) -> Void = { _ in }
  ) async throws(JournalError) -> (position: Int64, body: JournalArchived) {
    try refresh()
    try checkNothingAsks()
    let label = ArchiveFile.Label(
      journal: journal, first: part.first, last: part.last, previous: part.previous,
      digest: try digest(of: part.last))
    if !ArchiveFile.isThere(part.path) { try await write(part, label, progress) }
    try await compare(part, label)
    let number = Folder.sync(holding: part.path)
    guard number == 0 else {
      throw .disk(path: part.path, what: "its folder could not be synced", errno: number)
    }
    let told = try takeAway(part, label, reason, now)
    // What another process left that was killed when the file already had its name.
    for suffix in [".part", ".part.lock"] { unlink(part.path + suffix) }
    dataVersion = -1
    try refresh()
    return (told.position, told.body)
  }

  /// A replay finds what it sends by the log: it is not moved from under it.
  private func checkNothingAsks() throws(JournalError) {
    let query = try connection.projection(SQL.askingReplay, projector.generation)
    defer { query.reset() }
    guard try query.step() else { return }
    throw .foreign(
      path: path, why: "\(query.text(0)) still asks for deliveries; wait for it, or stop it first")
  }

  private func digest(of position: Int64) throws(JournalError) -> [UInt8] {
    guard let row = try connection.events(after: position - 1, limit: 1).first,
      row.position == position
    else { throw .damaged(path: path, why: "event \(position) is missing") }
    return row.digest
  }

  private func write(
    _ part: ArchivePart, _ label: ArchiveFile.Label, _ progress: @Sendable (Int64) -> Void
  ) async throws(JournalError) {
    let file = try FileDraft(for: part.path, replaces: false, besides: path)
    try await fill(file.draft, part, label, progress)
    guard chmod(file.draft, 0o400) == 0 else {
      throw .cannotOpen(path: file.draft, why: String(cString: strerror(errno)))
    }
    try file.place()
  }

  private func fill(
    _ path: String, _ part: ArchivePart, _ label: ArchiveFile.Label,
    _ progress: @Sendable (Int64) -> Void
  ) async throws(JournalError) {
    var draft = try ArchiveDraft(path, after: part.previous)
    var position = part.first - 1
    while position < part.last {
      if Task.isCancelled { throw .stopped }
      let limit = min(Int64(Bounds.pageRows), part.last - position)
      for row in try connection.events(after: position, limit: Int(limit)) {
        guard row.position == position + 1 else { break }
        try draft.add(row, of: self.path)
        position = row.position
      }
      progress(position - part.first + 1)
      await Task.yield()
    }
    try draft.finish(label)
  }

  /// Holds a file that is whole against the log, event by event.
  ///
  /// - Throws: `foreign` where it is another one.
  private func compare(
    _ part: ArchivePart, _ label: ArchiveFile.Label
  ) async throws(JournalError) {
    let file = try ArchiveFile(part.path)
    let other = JournalError.foreign(
      path: part.path, why: "a file is there that is not the archive of these events; move it away")
    guard file.label == label else { throw other }
    var position = part.first
    while position <= part.last {
      if Task.isCancelled { throw .stopped }
      let block = try file.block(at: position)
      let rows = try connection.events(after: position - 1, limit: block.events.count)
      guard block.first == position, rows == block.events else { throw other }
      for row in rows {
        let found = try file.block(of: row.stream.text, version: row.version)
        guard found === block else { throw other }
      }
      position += Int64(block.events.count)
      await Task.yield()
    }
    guard position == part.last + 1 else { throw other }
  }

  private struct Told: Sendable {
    let position: Int64
    let body: JournalArchived
  }

  private func takeAway(
    _ part: ArchivePart, _ label: ArchiveFile.Label, _ reason: String?, _ now: Moment
  ) throws(JournalError) -> Told {
    try commit { () throws(JournalError) in
      try checkNothingAsks()
      let reports = try connection.projections()["reports"]
      guard (reports?.position ?? 0) >= part.last, reports?.revision == Projector.revision else {
        throw .busy(path: path)
      }
      let newest = try connection.newestArchive()?.last ?? 0
      guard newest == part.first - 1, try digest(of: part.last) == label.digest,
        try connection.countKept(part.first, part.last) == part.events
      else { throw .busy(path: path) }
      let generation = projector.generation
      let leaving = try connection.countArchivable(part.first, part.last, generation: generation)
      let name = ArchiveName.plain(part.path)
      let body = JournalArchived(
        file: name, first: part.first, last: part.last, previous: hexadecimal(label.previous),
        digest: hexadecimal(label.digest), kept: part.events - leaving, reason: reason)
      let told = try writeDrafts(
        Entry(AppendRequest([NewEvent(.journal, .journalArchived(body))], at: now)))
      try connection.removeArchived(part.first, part.last, leaving, generation: generation)
      try connection.execute("PRAGMA user_version = \(JournalFile.formatArchived)")
      return Told(position: told.first, body: body)
    }
  }
}

extension Connection {
  /// The last part that was archived of this very file; nil where it holds all of its log.
  fileprivate func newestArchive() throws(JournalError) -> JournalArchived? {
    guard try integer("PRAGMA \(schema).user_version") == JournalFile.formatArchived else {
      return nil
    }
    let query = try statement(SQL.listArchives)
    defer { query.reset() }
    guard try query.step(), case .journalArchived(let body) = try RecordedEvent(query).event()
    else { throw .damaged(path: path, why: "it does not say what was archived") }
    return body
  }

  func countKept(_ first: Int64, _ last: Int64) throws(JournalError) -> Int64 {
    let query = try statement(SQL.countKept)
    defer { query.reset() }
    try query.bind("first", .integer(first))
    try query.bind("last", .integer(last))
    return try query.step() ? query.integer(0) : 0
  }

  fileprivate func countArchivable(
    _ first: Int64, _ last: Int64, generation: Int64
  ) throws(JournalError) -> Int64 {
    let query = try projection(
      SQL.countArchivable.replacing("@archivable", with: SQL.archivable.text), generation)
    defer { query.reset() }
    try query.bind("first", .integer(first))
    try query.bind("last", .integer(last))
    return try query.step() ? query.integer(0) : 0
  }

  /// Takes out of the journal what was counted.
  ///
  /// - Throws: `damaged` where these are not as many.
  fileprivate func removeArchived(
    _ first: Int64, _ last: Int64, _ count: Int64, generation: Int64
  ) throws(JournalError) {
    // The trigger refuses it to everybody; here it is meant.
    csqlite_configure(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0)
    defer { csqlite_configure(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 1) }
    let before = changes
    let query = try projection(
      SQL.removeArchived.replacing("@archivable", with: SQL.archivable.text), generation)
    try query.run(["first": .integer(first), "last": .integer(last)])
    guard Int64(changes - before) == count else {
      throw .damaged(path: path, why: "not \(count) events would leave it; nothing was archived")
    }
  }
}
