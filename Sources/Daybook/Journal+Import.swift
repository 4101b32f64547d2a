import Crypto
import Domain
import Engine
import EventStore
import Events

extension Journal {
  /// Takes in what `export` gave out: a whole log where there is no journal, or what follows the
  /// head of this one. Positions and digests stay as they are.
  ///
  /// The file is read twice: first all of it is checked, digests, order and manifest, then it is
  /// taken in. A new journal stands at its path once it is whole; one that is continued has more
  /// of the log with each transaction, and an import that was ended goes on where it stopped.
  ///
  /// - Parameters:
  ///   - file: An ordinary file.
  ///   - progress: Told the position reached and the last.
  /// - Throws: `refused` where the file is damaged, of another log, or does not continue this one;
  ///   `busy` where another process polls and delivers.
  public func importLog(
    from file: String, progress: @Sendable (Int64, Int64) -> Void = { _, _ in }
  ) async throws(DaybookError) -> MovedLog {
    try await translated {
      guard asOf == nil, !access.isReadOnly else {
        throw Refusal(.readOnly, "the journal was opened to be read, and this writes")
      }
      let source = ImportSource(file)
      let path = JournalPath.followed(access.path)
      // Before all of the file is read.
      let isThere = try JournalReader.exists(path)
      if !isThere { try JournalPath.checkIsFree(path) }
      let checked = try source.checked()
      await access.close()
      guard let lock = try EngineLock(path, process: access.settings.engine.process)
      else {
        throw Refusal(
          .locked,
          "process \(EngineLock.holder(path)) runs \(path) or makes it; what is imported is"
            + " appended where nobody else appends")
      }
      defer { lock.release() }
      guard isThere else {
        return try await source.make(path, checked, world: access.world, progress)
      }
      let writer = try JournalWriter(
        path, naming: access.world.bytes(16), at: access.world.now())
      try await source.checkLineage(checked, writer)
      try await source.checkPayloads(checked, writer)
      return try await source.append(to: writer, checked, progress)
    }
  }
}

/// A file that `export` made.
struct ImportSource {
  private let path: String

  init(_ path: String) { self.path = path }

  /// The findings of the first reading.
  struct Checked {
    var header: LogBundle.Header
    var manifest: LogBundle.Manifest
    /// The first event; nil where there is none.
    var first: RecordedEvent?
    var firstLine: Int?
    /// The position of the last event that begins another lineage; 0: none does.
    var restoredAt: Int64 = 0
    /// Bytes that its events name and that are not in it.
    var missing: [LogCheck.MissingPayload] = []
  }

  private func refused(_ line: Int?, _ why: String) -> Refusal {
    Refusal(.conflict, "\(path)\(line.map { ", line \($0)" } ?? ""): \(why)")
  }

  /// Reads all of it: each digest follows, the order is kept, and the manifest is of these lines.
  func checked() throws -> Checked {
    let file = try LineFile(path)
    guard let first = try file.next(), case .header(let header)? = LogBundle.Line(Array(first))
    else { throw refused(1, "it does not begin as an export of a journal does") }
    var hash = SHA256()
    hash.update(data: first + [10])
    var found = LogBundle.Manifest(head: header.after, digest: header.digest)
    guard var digest = bytesOf(hexadecimal: header.digest), digest.count == 32 else {
      throw refused(1, "its digest has no 64 hexadecimal digits")
    }
    var checked: Checked?
    var firstEvent: RecordedEvent?
    var firstLine: Int?
    var restoredAt: Int64 = 0
    var check = LogCheck()
    while let bytes = try file.next() {
      try Task.checkCancellation()
      if checked != nil { throw refused(file.number, "there is more after the manifest") }
      switch LogBundle.Line(Array(bytes)) {
      case .event(let row)?:
        guard row.position == found.head + 1, row.digest == row.digest(after: digest) else {
          throw refused(file.number, "event \(row.position) does not follow from the one before")
        }
        if let why = check.take(row, line: file.number) { throw refused(file.number, why) }
        digest = row.digest
        found.events += 1
        found.head = row.position
        if firstEvent == nil { (firstEvent, firstLine) = (row, file.number) }
        if row.type == JournalRestored.type { restoredAt = row.position }
      case .payload(let payload)?:
        if let why = check.take(payload) { throw refused(file.number, why) }
        found.payloads += 1
      case .manifest(let manifest)?:
        found.digest = hexadecimal(digest)
        found.sha256 = hexadecimal(Array(hash.finalize()))
        guard manifest == found else {
          throw refused(
            file.number, "the manifest is of other lines; the export was cut or changed")
        }
        checked = Checked(
          header: header, manifest: manifest, first: firstEvent, firstLine: firstLine,
          restoredAt: restoredAt,
          missing: check.missing)
      case .header?, nil: throw refused(file.number, "it is no line of an export")
      }
      hash.update(data: bytes + [10])
    }
    guard let checked else { throw refused(nil, "it ends without its manifest: it was cut off") }
    return checked
  }

  /// Makes a journal of a whole log; it stands at its path once it is whole.
  func make(
    _ path: String, _ checked: Checked, world: Engine.World,
    _ progress: @Sendable (Int64, Int64) -> Void
  ) async throws -> MovedLog {
    guard checked.header.after == 0, let first = checked.first,
      let naming = bytesOf(hexadecimal: checked.header.journal)
    else {
      throw refused(
        nil, "it goes on after event \(checked.header.after), and there is no journal at \(path)")
    }
    if let missing = checked.missing.first { throw lost(missing) }
    let draft = try JournalDraft(for: path, from: self.path)
    do {
      let writer = try JournalWriter(draft.draft, naming: naming, at: first.recordedAt)
      guard try await writer.currentHead().digest == first.digest else {
        throw refused(
          checked.firstLine, "its first event is not one that this program makes; update Daybook")
      }
      var moved = try await append(to: writer, checked, progress)
      moved.events += 1
      try await writer.checkpoint()
      // Not in the place of a journal that somebody made meanwhile.
      try draft.place()
      return moved
    } catch {
      draft.remove()
      throw error
    }
  }

  /// Refuses what a copy wrote after it was restored: it is no continuation of this journal.
  func checkLineage(_ checked: Checked, _ writer: JournalWriter) async throws {
    let head = try await writer.currentHead().position
    guard writer.journal == checked.header.journal, checked.restoredAt > head else { return }
    throw refused(
      nil,
      "at event \(checked.restoredAt) a copy of the journal was restored, and what follows is the"
        + " log of that copy, not of \(writer.path)")
  }

  /// Refuses what names bytes that neither the file nor the journal has, and that nobody removed.
  ///
  /// What was lost cannot be had from a later export either: the events would be there already.
  func checkPayloads(_ checked: Checked, _ writer: JournalWriter) async throws {
    guard !checked.missing.isEmpty else { return }
    let reader = try JournalReader(writer.path)
    let head = try await writer.currentHead().position
    let lost = try await reader.read { snapshot throws(JournalError) in
      for missing in checked.missing where missing.position > head {
        if try snapshot.isKept(missing.digest) { continue }
        if try snapshot.expunger(of: missing.digest) == nil { return Optional(missing) }
      }
      return nil
    }
    if let lost { throw self.lost(lost) }
  }

  private func lost(_ missing: LogCheck.MissingPayload) -> Refusal {
    refused(
      missing.line,
      "event \(missing.position) names the bytes with digest \(missing.digest), which are not in"
        + " the export, and no event of it tells that they were removed; export the log again")
  }

  /// Appends what a journal does not have yet.
  func append(
    to writer: JournalWriter, _ checked: Checked,
    _ progress: @Sendable (Int64, Int64) -> Void
  ) async throws -> MovedLog {
    guard writer.journal == checked.header.journal else {
      throw refused(nil, "it is of another journal, \(checked.header.journal)")
    }
    let head = try await writer.currentHead()
    guard checked.header.after <= head.position else {
      throw refused(
        nil,
        "it goes on after event \(checked.header.after), and \(writer.path) ends at"
          + " \(head.position)")
    }
    let reader = try JournalReader(writer.path)
    var moved = MovedLog(head: head.position, digest: hexadecimal(head.digest))
    try await compare(checked.header.after, checked.header.digest, reader)
    let file = try LineFile(path)
    var batch = ImportBatch()
    var reached = checked.header.after
    func flush() async throws {
      try await self.flush(batch, to: writer, &moved)
      batch = ImportBatch()
      progress(moved.head, checked.manifest.head)
    }
    while let line = try file.next() {
      try Task.checkCancellation()
      switch LogBundle.Line(Array(line)) {
      // Of what is kept already they may have been removed since.
      case .payload? where reached < head.position: continue
      case .payload(let payload)?:
        batch.payloads.append(payload)
        batch.payloadLines.append(file.number)
      case .event(let row)? where row.position <= head.position:
        // Kept already, if it is the same log.
        try await compare(row.position, hexadecimal(row.digest), reader)
        reached = row.position
        continue
      case .event(let row)?:
        batch.rows.append(row)
        batch.rowLines.append(file.number)
      case .header?, .manifest?: continue
      case nil: throw refused(file.number, "it was changed while it was read")
      }
      batch.bytes += line.count
      // Also before the event that names them: one may name more than memory holds.
      if batch.rows.count >= Limits.bundleEvents || batch.bytes >= Limits.bundleBytes {
        try await flush()
      }
    }
    try await flush()
    guard moved.head >= checked.manifest.head else {
      throw refused(nil, "it was changed while it was read: it ends at event \(moved.head)")
    }
    return moved
  }

  /// Items of one transaction, with the lines where they stand.
  private struct ImportBatch {
    var payloads: [StoredPayload] = []
    var payloadLines: [Int] = []
    var rows: [RecordedEvent] = []
    var rowLines: [Int] = []
    var bytes = 0
  }

  private func flush(
    _ batch: ImportBatch, to writer: JournalWriter, _ moved: inout MovedLog
  ) async throws {
    guard !batch.rows.isEmpty || !batch.payloads.isEmpty else { return }
    do {
      try await writer.append(recorded: batch.rows, payloads: batch.payloads)
    } catch {
      switch error.item {
      case .payload(let place)?: throw refused(batch.payloadLines[place], told(error.cause))
      case .event(let place)?: throw refused(batch.rowLines[place], told(error.cause))
      case nil: throw error.cause
      }
    }
    moved.events += Int64(batch.rows.count)
    moved.payloads += Int64(batch.payloads.count)
    if let last = batch.rows.last {
      (moved.head, moved.digest) = (last.position, hexadecimal(last.digest))
    }
  }

  /// The error without the path of a draft that is gone.
  private func told(_ error: JournalError) -> String {
    if case .foreign(_, let why) = error { why } else { "\(error)" }
  }

  private func compare(_ position: Int64, _ digest: String, _ reader: JournalReader) async throws {
    guard position > 0 else { return }
    let kept = try await reader.read { snapshot throws(JournalError) in
      try snapshot.event(at: position)?.digest
    }
    guard let kept, hexadecimal(kept) == digest else {
      throw refused(
        nil, "event \(position) is another one in \(reader.path): the two have parted")
    }
  }
}
