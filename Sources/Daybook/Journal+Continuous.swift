import Engine
import EventStore
import Events

/// How far a continuous backup has come.
public struct ContinuousBackup: Sendable, Equatable {
  /// The last event that is on its disk.
  public var head: Int64
  /// Its digest, 64 hexadecimal digits.
  public var digest: String
  /// Events that were added since it was begun by this process.
  public var added: Int64 = 0
}

extension Journal {
  /// Keeps a backup of the journal in a folder up to date, until the task is cancelled.
  ///
  /// It begins with `backup` and adds what follows, each piece whole and on the disk before the
  /// next is looked for. Lost with the journal is what was appended since: at most what comes in
  /// `wait`, and in the time that it takes to write it. Killed anywhere, it goes on from what is in
  /// the folder.
  ///
  /// - Parameters:
  ///   - folder: Made where there is none.
  ///   - wait: Between two looks.
  ///   - report: Told each time that something was added, and at the beginning.
  /// - Returns: How far it came.
  /// - Throws: `refused` where the folder is of another journal, or of another copy of this one;
  ///   `busy` where another process writes there.
  @discardableResult
  public func backUpContinuously(
    into folder: String, every wait: Duration,
    report: @escaping @Sendable (ContinuousBackup) -> Void = { _ in }
  ) async throws(DaybookError) -> ContinuousBackup {
    try await stoppable {
      let files = BackupFolder(folder)
      let lock = try files.open()
      defer { lock.release() }
      if try !JournalPath.isThere(files.base) {
        guard try files.segments().isEmpty else {
          throw Refusal(.conflict, "\(folder) has pieces of a backup and no \(files.base)")
        }
        _ = try await backup(to: files.base, isNoted: false)
      }
      var keeper = try await FolderKeeper(files, of: self)
      KnownBackups(of: JournalPath.followed(access.path)).add(folder, at: access.world.now())
      report(keeper.reached)
      while !Task.isCancelled {
        do {
          if try await keeper.keepUp() { report(keeper.reached) }
        } catch DaybookError.cancelled {
          break
        }
        await access.world.sleep(wait)
      }
      return keeper.reached
    }
  }
}

/// Adds to a continuous backup what its journal has gained.
private struct FolderKeeper {
  private let files: BackupFolder
  private let journal: Journal
  private(set) var reached: ContinuousBackup
  private var chain: [BackupFolder.Segment]
  /// The lines that were written last.
  private var secrets: [UInt8] = []

  init(_ files: BackupFolder, of journal: Journal) async throws {
    self.files = files
    self.journal = journal
    let base = try await JournalReader(files.base).read { snapshot throws(JournalError) in
      try snapshot.head()
    }
    chain = try files.chain(from: base.position)
    reached = ContinuousBackup(head: base.position, digest: hexadecimal(base.digest))
    if let last = chain.last {
      let checked = try ImportSource(last.file).checked()
      reached = ContinuousBackup(head: checked.manifest.head, digest: checked.manifest.digest)
    }
    let position = reached.head
    let kept = try await journal.reader(isCaughtUp: false).read { snapshot throws(JournalError) in
      try snapshot.event(at: position)?.digest
    }
    guard let kept, hexadecimal(kept) == reached.digest else {
      throw Refusal(
        .conflict,
        "\(files.path) is a backup of another journal, or of another copy of this one: event"
          + " \(position) is another one there. Name another folder")
    }
    try removeCovered()
  }

  /// Adds what is new; the secrets first, so that none is missing of what the events tell.
  ///
  /// - Returns: False where there was nothing.
  mutating func keepUp() async throws -> Bool {
    try await keepSecrets()
    guard try await journal.head() > reached.head else { return false }
    let before = reached.head
    let added = try await write(after: before)
    chain.append(added)
    reached.added += reached.head - before
    try await joinSmall()
    return true
  }

  private mutating func keepSecrets() async throws {
    let rows = try await journal.reader(isCaughtUp: false).read { snapshot throws(JournalError) in
      try snapshot.secretRows()
    }
    let lines = SecretLines.bytes(of: rows)
    guard lines != secrets else { return }
    let draft = try files.draft()
    try await draft.write(lines)
    try await draft.place(at: files.secrets)
    secrets = lines
  }

  /// Writes all of the log after an event as one segment.
  private mutating func write(after position: Int64) async throws -> BackupFolder.Segment {
    let draft = try files.draft()
    let moved = try await journal.export(after: position) { lines in try await draft.write(lines) }
    let path = files.segmentPath(after: position, head: moved.head)
    try await draft.place(at: path)
    (reached.head, reached.digest) = (moved.head, moved.digest)
    let written = try files.segments().first { $0.file == path }
    guard let written else {
      throw JournalError.cannotOpen(path: path, why: "it is gone while the backup is at work")
    }
    return written
  }

  /// Puts the newest segments together where there are eight of about the same size: so there are
  /// few of them, and nothing is written more often than some times.
  private mutating func joinSmall() async throws {
    while chain.count >= Self.joined,
      Set(chain.suffix(Self.joined).map { Self.tier($0.bytes) }).count == 1
    {
      let first = chain[chain.count - Self.joined]
      let whole = try await write(after: first.after)
      chain.removeLast(Self.joined)
      chain.append(whole)
      try removeCovered()
    }
  }

  private static let joined = 8

  /// 0 up to 64 KB, then one more for each time that it is eight times as large.
  private static func tier(_ bytes: Int64) -> Int {
    var tier = 0
    var most: Int64 = 64 << 10
    while bytes > most {
      tier += 1
      most *= 8
    }
    return tier
  }

  /// Takes away what others hold as well, such as what a process left that was killed.
  private func removeCovered() throws {
    let needed = Set(chain.map(\.file))
    files.remove(try files.segments().filter { !needed.contains($0.file) })
  }
}
