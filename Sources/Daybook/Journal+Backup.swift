import Engine
import EventStore
import Events

/// A backup that was made.
public struct JournalBackup: Sendable, Equatable {
  /// Events in it.
  public let events: Int64
  /// The digest of the last of them, 64 hexadecimal digits.
  public let digest: String
  /// Bytes of the file.
  public let bytes: Int64
  /// Where the key lies that opens the secrets in it, which is not in it; nil: it has no secrets.
  public let keyFile: String?
}

extension Journal {
  /// Copies the journal into one file while others write it, reads the copy back and checks it, and
  /// puts it in its place: whole or not at all, mode 0600, on the disk with its name.
  ///
  /// The copy is of one moment, the beginning. It holds the secrets as they are sealed, and not the
  /// key. It can be read as a journal; to be written it has to be restored.
  ///
  /// - Parameters:
  ///   - file: Where nothing is yet, or a backup that is replaced.
  ///   - replaces: True where a backup that is there is replaced.
  ///   - progress: Told the pages written and read back.
  /// - Throws: `failed` where something else is there; `damaged` where the journal is; `cancelled`.
  public func backup(
    to file: String, replaces: Bool = false, progress: @escaping WorkProgress.Report = { _ in }
  ) async throws(DaybookError) -> JournalBackup {
    try await backup(to: file, replaces: replaces, isNoted: true, progress: progress)
  }

  /// - Parameter isNoted: False for the base of a folder, which is noted itself.
  func backup(
    to file: String, replaces: Bool = false, isNoted: Bool,
    progress: @escaping WorkProgress.Report = { _ in }
  ) async throws(DaybookError) -> JournalBackup {
    try await stoppable {
      guard asOf == nil else {
        throw Refusal(.readOnly, "a backup is of the journal as it is now; `now` comes back to it")
      }
      let path = JournalPath.followed(access.path)
      guard try JournalReader.exists(path) else { throw JournalError.noJournal(path: access.path) }
      let draft = try FileDraft(for: file, replaces: replaces, besides: path)
      let takenAt = access.world.now()
      let pages = try await Self.copy(path, to: draft.draft, takenAt: takenAt) { done, total in
        progress(WorkProgress(done: Int64(done), total: Int64(total) * 2))
      }
      let verified = try await Self.verified(draft.draft, path) { share in
        progress(
          WorkProgress(done: Int64(Double(pages) * (1 + share)), total: Int64(pages) * 2))
      }
      let bytes = draft.bytes
      try draft.place()
      if isNoted { KnownBackups(of: path).add(file, at: takenAt) }
      let reader = try await reader(isCaughtUp: false)
      let keyFile = access.settings.keyFile ?? path + ".key"
      return JournalBackup(
        events: verified.events, digest: verified.digest, bytes: bytes,
        keyFile: try reader.hasSecrets() ? keyFile : nil)
    }
  }

  /// Copies a journal’s file, letting others go on between two steps.
  ///
  /// - Returns: Its pages.
  static func copy(
    _ path: String, to draft: String, takenAt: Moment?,
    _ progress: @Sendable (_ done: Int, _ total: Int) -> Void
  ) async throws -> Int {
    let copy = try FileCopy(of: path, to: draft)
    while try copy.step() {
      progress(copy.pages.done, copy.pages.total)
      try Task.checkCancellation()
      await Task.yield()
    }
    try copy.finish(takenAt: takenAt)
    try ArchiveCopy.bring(from: path, to: draft)
    return copy.pages.total
  }

  /// Reads a copy and checks all of it.
  ///
  /// - Parameter original: What it is a copy of, to be named.
  /// - Throws: `damaged` where anything is wrong.
  static func verified(
    _ draft: String, _ original: String, _ progress: @escaping @Sendable (Double) -> Void = { _ in }
  ) async throws -> Verification {
    let reader = try JournalReader(draft)
    let total = try await reader.read { snapshot throws(JournalError) in
      try snapshot.head().position
    }
    let found = try await reader.verify { progress(Double($0) / Double(max(1, total))) }
    if let problem = found.problems.first {
      let more = found.problems.count > 1 ? ", and \(found.problems.count - 1) more" : ""
      throw JournalError.damaged(path: original, why: problem + more)
    }
    return found
  }
}
