import Domain
import Engine
import EventStore
import Events

extension Journal.Retention {
  /// The known backups that were made before some removals: they may hold the bytes still.
  ///
  /// - Parameter positions: Of `payload.expunged`.
  public func backups(before positions: [Int64]) async throws(DaybookError) -> [String] {
    try await stoppable {
      guard let last = positions.max() else { return [] }
      let path = JournalPath.followed(journal.access.path)
      var holding: [String] = []
      for backup in KnownBackups(of: path).paths() {
        let base = BackupFolder.isFolder(backup) ? BackupFolder(backup).base : backup
        // One that cannot be read may hold them as well.
        let head = try? await JournalReader(base).read { snapshot throws(JournalError) in
          try snapshot.head().position
        }
        if head ?? 0 < last { holding.append(backup) }
      }
      return holding
    }
  }

  /// Makes a backup anew in the place of one that was made before a removal, and holds the bytes
  /// still; in a folder of `backUpContinuously` all that it has.
  ///
  /// The new one has all events of the old one. Killed anywhere, either is there; the same again
  /// does the rest.
  ///
  /// - Throws: `refused` where it is no backup of this journal; `busy` where another process keeps
  ///   the folder up to date.
  public func renew(backup: String) async throws(DaybookError) {
    try await stoppable {
      guard BackupFolder.isFolder(backup) else {
        try await checkIsOurs(backup, backup)
        _ = try await journal.backup(to: backup, replaces: true)
        return
      }
      let files = BackupFolder(backup)
      guard try JournalPath.isThere(files.base) else {
        throw Refusal(.conflict, "\(backup): no backup was begun in this folder")
      }
      let lock = try files.open()
      defer { lock.release() }
      try await checkIsOurs(files.base, backup)
      let old = try files.segments()
      // The secrets first, so that none is missing of what the events tell.
      let rows = try await journal.reader(isCaughtUp: false).read { snapshot throws(JournalError) in
        try snapshot.secretRows()
      }
      let draft = try files.draft()
      try await draft.write(SecretLines.bytes(of: rows))
      try await draft.place(at: files.secrets)
      _ = try await journal.backup(to: files.base, replaces: true, isNoted: false)
      files.remove(old)
      KnownBackups(of: JournalPath.followed(journal.access.path))
        .add(backup, at: journal.access.world.now())
    }
  }

  private func checkIsOurs(_ file: String, _ named: String) async throws {
    guard try BackupFile.time(file) != nil else {
      throw Refusal(.conflict, "\(named) is no backup that Daybook made")
    }
    let head = try await JournalReader(file).read { snapshot throws(JournalError) in
      try snapshot.head()
    }
    let kept = try await journal.reader(isCaughtUp: false).read { snapshot throws(JournalError) in
      try snapshot.event(at: head.position)?.digest
    }
    guard kept == head.digest else {
      throw Refusal(
        .conflict,
        "\(named) is a backup of another journal, or of another copy of this one: event"
          + " \(head.position) is another one there")
    }
  }
}
