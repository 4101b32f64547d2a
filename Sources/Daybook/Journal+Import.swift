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
      let checked = try source.checked()
      let path = JournalPath.followed(access.path)
      await access.close()
      guard try JournalReader.exists(path) else {
        return try await source.make(path, checked, world: access.world, progress)
      }
      guard let lock = try EngineLock(path, process: access.settings.engine.process)
      else {
        throw Refusal(
          .locked,
          "process \(EngineLock.holder(path)) runs \(path); what is imported is appended"
            + " where nobody else appends")
      }
      defer { lock.release() }
      let writer = try JournalWriter(
        path, naming: access.world.bytes(16), at: access.world.now())
      try await source.checkLineage(checked, writer)
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
    /// The position of the last event that begins another lineage; 0: none does.
    var restoredAt: Int64 = 0
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
    var restoredAt: Int64 = 0
    while let bytes = try file.next() {
      try Task.checkCancellation()
      if checked != nil { throw refused(file.number, "there is more after the manifest") }
      switch LogBundle.Line(Array(bytes)) {
      case .event(let row)?:
        guard row.position == found.head + 1, row.digest == row.digest(after: digest) else {
          throw refused(file.number, "event \(row.position) does not follow from the one before")
        }
        digest = row.digest
        found.events += 1
        found.head = row.position
        firstEvent = firstEvent ?? row
        if row.type == JournalRestored.type { restoredAt = row.position }
      case .payload?: found.payloads += 1
      case .manifest(let manifest)?:
        found.digest = hexadecimal(digest)
        found.sha256 = hexadecimal(Array(hash.finalize()))
        guard manifest == found else {
          throw refused(
            file.number, "the manifest is of other lines; the export was cut or changed")
        }
        checked = Checked(
          header: header, manifest: manifest, first: firstEvent, restoredAt: restoredAt)
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
    let draft = try JournalDraft(for: path, from: self.path)
    do {
      let writer = try JournalWriter(draft.draft, naming: naming, at: first.recordedAt)
      guard try await writer.currentHead().digest == first.digest else {
        throw refused(nil, "its first event is not one that this program makes; update Daybook")
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
    var payloads: [StoredPayload] = []
    var rows: [RecordedEvent] = []
    var bytes = 0
    func flush() async throws {
      guard !rows.isEmpty || !payloads.isEmpty else { return }
      try await writer.append(recorded: rows, payloads: payloads)
      moved.events += Int64(rows.count)
      moved.payloads += Int64(payloads.count)
      if let last = rows.last {
        (moved.head, moved.digest) = (last.position, hexadecimal(last.digest))
      }
      (payloads, rows, bytes) = ([], [], 0)
      progress(moved.head, checked.manifest.head)
    }
    while let line = try file.next() {
      try Task.checkCancellation()
      bytes += line.count
      switch LogBundle.Line(Array(line)) {
      case .payload(let payload)?: payloads.append(payload)
      case .event(let row)? where row.position <= head.position:
        // Kept already, if it is the same log.
        try await compare(row.position, hexadecimal(row.digest), reader)
        (payloads, bytes) = ([], 0)
      case .event(let row)?: rows.append(row)
      case .header?, .manifest?: continue
      case nil: throw refused(file.number, "it was changed while it was read")
      }
      if rows.count >= Limits.bundleEvents || !rows.isEmpty && bytes >= Limits.bundleBytes {
        try await flush()
      }
    }
    try await flush()
    guard moved.head >= checked.manifest.head else {
      throw refused(nil, "it was changed while it was read: it ends at event \(moved.head)")
    }
    return moved
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
