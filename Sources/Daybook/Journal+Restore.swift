import Domain
import Engine
import EventStore
public import Events
import Logging

/// A journal that was put back from a copy.
public struct RestoredJournal: Sendable, Equatable {
  /// How the key stands to the secrets in it.
  public enum Key: String, Sendable {
    /// Nothing is sealed.
    case unneeded
    /// There is no key file where the journal looks for it.
    case missing
    /// It is another key.
    case wrong
    /// It opens them.
    case opens
  }

  /// Events of the copy.
  public let events: Int64
  /// The digest of the last of them, 64 hexadecimal digits.
  public let digest: String
  /// 32 hexadecimal digits that this copy alone has.
  public let lineage: String
  /// When the backup was taken; nil where the copy does not say.
  public let takenAt: Moment?
  /// Deliveries that are held for it.
  public let held: Int64
  /// Where the journal looks for its key.
  public let keyFile: String
  /// How that stands to the secrets.
  public let key: Key
}

/// The lineage of a journal that was put back from a copy.
public struct JournalLineage: Sendable, Equatable {
  /// 32 hexadecimal digits that this copy alone has.
  public let name: String
  /// The last event that it has in common with its original.
  public let head: Int64
  /// When it was restored.
  public let restoredAt: Moment
  /// True until `resume`: nothing is sent.
  public let isHeld: Bool
}

extension Journal {
  /// Puts a journal in the place of nothing, from a backup or a plain copy of its files.
  ///
  /// The copy is checked first, chain and payloads. What stands at the path afterwards is a lineage
  /// of its own, `journal.restored`; whatever was to be sent is held, `delivery.held`, until
  /// `resume`. Killed anywhere, nothing is at the path or all of it.
  ///
  /// - Parameters:
  ///   - source: A file that `backup` made, or a copy of a journal, with its `-wal` where it has
  ///     one; or a folder of `backUpContinuously`.
  ///   - progress: Told the pages written and read back.
  /// - Throws: `refused` where there is a journal already, or the source is one at work; `damaged`
  ///   where the source is.
  public func restore(
    from source: String, progress: @escaping WorkProgress.Report = { _ in }
  ) async throws(DaybookError) -> RestoredJournal {
    try await stoppable {
      guard asOf == nil, !access.isReadOnly else {
        throw Refusal(.readOnly, "the journal was opened to be read, and this makes one")
      }
      let path = JournalPath.followed(access.path)
      await access.close()
      guard try !JournalReader.exists(path) else {
        throw Refusal(
          .conflict,
          "there is a journal at \(path); `restore` makes one where none is: name another place"
            + " for it, or move that one away with its files")
      }
      guard let lock = try EngineLock(path, process: access.settings.engine.process) else {
        throw Refusal(.locked, "process \(EngineLock.holder(path)) makes a journal at \(path)")
      }
      defer { lock.release() }
      let draft = try JournalDraft(for: path, from: source, ending: ".restore")
      do {
        let restored = try await restored(source, in: draft.draft, path, progress)
        // Not in the place of a journal that somebody made meanwhile.
        try draft.place()
        return restored
      } catch {
        draft.remove()
        throw error
      }
    }
  }

  private func restored(
    _ source: String, in draft: String, _ path: String, _ progress: @escaping WorkProgress.Report
  ) async throws -> RestoredJournal {
    let folder = BackupFolder.isFolder(source) ? BackupFolder(source) : nil
    let base = folder?.base ?? JournalPath.followed(source)
    guard try JournalPath.isThere(base) else {
      throw JournalError.cannotOpen(
        path: source,
        why: folder == nil ? "there is no such file" : "no backup was begun in this folder")
    }
    if let process = EngineLock.runner(base) {
      throw Refusal(
        .locked, "process \(process) runs \(source); `backup` makes a copy of it to restore")
    }
    let takenAt = try BackupFile.time(base)
    let pages = try await Self.copy(base, to: draft, takenAt: nil) { done, total in
      progress(WorkProgress(done: Int64(done), total: Int64(total) * 2))
    }
    try BackupFile.unmark(draft)
    let world = access.world
    let writer = try JournalWriter(draft, naming: world.bytes(16), at: world.now())
    while try await !writer.rebuildOlder() { try Task.checkCancellation() }
    if let folder { try await Self.append(folder, to: writer) }
    let verified = try await Self.verified(draft, source) { share in
      progress(WorkProgress(done: Int64(Double(pages) * (1 + share)), total: Int64(pages) * 2))
    }
    let reader = try JournalReader(draft, isMapped: false)
    let body = JournalRestored(
      lineage: hexadecimal(world.bytes(16)), head: verified.head, digest: verified.digest,
      takenAtMs: takenAt?.milliseconds)
    let held = try await Repository(writer: writer, reader: reader, seal: nil).restore(
      body, retrySchedule: access.settings.engine.retrySchedule, in: world)
    try await writer.checkpoint()
    let keyFile = access.settings.keyFile ?? path + ".key"
    return RestoredJournal(
      events: verified.events, digest: verified.digest, lineage: body.lineage, takenAt: takenAt,
      held: held, keyFile: keyFile, key: try await Self.state(of: keyFile, reader))
  }

  /// Takes in what a continuous backup has added to its base, and the secrets of its end.
  private static func append(_ folder: BackupFolder, to writer: JournalWriter) async throws {
    var reached = try await writer.currentHead().position
    for segment in try folder.chain(from: reached) {
      let source = ImportSource(segment.file)
      reached = try await source.append(to: writer, source.checked()) { _, _ in }.head
    }
    if let last = try folder.segments().map(\.head).max(), last > reached {
      throw JournalError.damaged(
        path: folder.path, why: "what follows event \(reached) is missing, up to \(last)")
    }
    guard try JournalPath.isThere(folder.secrets) else { return }
    guard let rows = try SecretLines.rows(in: LineFile(folder.secrets)) else {
      throw JournalError.damaged(path: folder.secrets, why: "it is not whole")
    }
    try await writer.replaceSecrets(with: rows)
  }

  private static func state(
    of keyFile: String, _ reader: JournalReader
  ) async throws -> RestoredJournal.Key {
    guard try reader.hasSecrets() else { return .unneeded }
    guard let seal = try? await reader.seal(keyFile) else { return .missing }
    let opens = try await reader.read { snapshot throws(JournalError) in
      guard let owner = try snapshot.secretOwners().first,
        let (name, secret) = try snapshot.secrets(of: owner).first
      else { return true }
      return seal.open(secret.sealed, owner: owner, name: name) != nil
    }
    return opens ? .opens : .wrong
  }

  /// Lets a restored journal send what was held for it, in the order in which it was made.
  ///
  /// - Returns: How many deliveries are due again.
  /// - Throws: `refused` where the journal was not restored, or nothing is held for it any more.
  public func resume(reason: String? = nil) async throws(DaybookError) -> Int {
    try await translated {
      let repository = try await working().repository
      return try await repository.resume(reason: reason, in: access.world)
    }
  }

  /// The lineage that the journal is of; nil for one that was never restored.
  public func lineage() async throws(DaybookError) -> JournalLineage? {
    try await translated {
      let asOf = asOf ?? .max
      return try await reader(isCaughtUp: false).read { snapshot throws(JournalError) in
        try snapshot.lineage(until: asOf)
      }.map {
        JournalLineage(
          name: $0.restored.lineage, head: $0.restored.head, restoredAt: $0.recordedAt,
          isHeld: $0.isHeld)
      }
    }
  }

  /// By which another copy of the journal at work on this machine is found out; nil for an embedded
  /// journal that does not say which process it is of.
  func beacon(of opened: OpenedJournal) async throws -> CopyBeacon? {
    guard opened.settings.process != 0 else { return nil }
    return CopyBeacon(lineage: try await lineage()?.name ?? opened.repository.writer.journal)
  }

  static func tellCopy(_ process: Int64, _ logger: Logger) {
    logger.warning(
      """
      process \(process) runs another copy of this journal: both tell receivers of everything, \
      under ids of their own; end one of the two
      """)
  }

  /// Tells that nothing is sent, where that is so.
  func tellHeld() async throws(DaybookError) {
    guard let lineage = try await lineage(), lineage.isHeld else { return }
    access.logger.warning(
      """
      nothing is sent: the journal was restored from a copy that ends at event \(lineage.head), \
      and what was sent after that is unknown to it; `restore` resumes it
      """)
  }
}
