import Engine
import EventStore
import Events

/// The outcome of a change of the sealing key.
public struct RotatedKey: Sendable, Equatable {
  /// Secrets that are sealed with the new key.
  public let secrets: Int
  /// Secrets that the key before did not open: they stay as they are.
  public let unreadable: Int
  /// The file of the key in force.
  public let keyFile: String
  /// Where the one before is kept: backups from before need it.
  public let previousKeyFile: String
}

extension Journal {
  /// The key that secrets are sealed with; heads are signed with another.
  public struct Keys: Sendable {
    let journal: Journal

    /// Makes another key and seals every secret anew with it, all at once.
    ///
    /// Killed anywhere, what is there opens every secret: the next that opens the journal puts the
    /// key files in order. Processes that have the journal open take the new key when they are next
    /// asked for something.
    ///
    /// - Throws: `refused` where another process polls and delivers, or the key is missing.
    public func rotate() async throws(DaybookError) -> RotatedKey {
      try await translated {
        let opened = try await journal.working()
        guard let lock = try EngineLock(opened) else {
          throw Refusal(
            .locked,
            "process \(EngineLock.holder(opened.path)) runs \(opened.path) with the key of now;"
              + " stop it first")
        }
        defer { lock.release() }
        guard let seal = opened.repository.seal else { throw opened.keyMissing }
        let rotation = KeyRotation(opened.keyFile)
        try rotation.settle(opened.repository.reader)
        let writer = opened.repository.writer
        let fresh = journal.access.world.bytes(32)
        try rotation.begin(fresh)
        let head = try await writer.currentHead()
        let kept = try rotation.keepCurrent(until: head.position)
        // An error after this point says nothing of what is sealed with which: both keys stay.
        let counts = try await writer.reseal(
          from: seal, to: Seal(key: fresh, journal: writer.journal))
        try rotation.finish()
        try? await writer.checkpoint()
        await journal.access.close()
        return RotatedKey(
          secrets: counts.sealed, unreadable: counts.unreadable, keyFile: opened.keyFile,
          previousKeyFile: kept)
      }
    }

    /// The line of the key file in force: who has it opens every secret of the journal.
    ///
    /// - Throws: `refused`, with the code `keyMissing`, where there is no key file.
    public func exported() async throws(DaybookError) -> String {
      try await translated {
        let keyFile = journal.access.settings.keyFile ?? journal.access.path + ".key"
        let reader = try await journal.present.reader(isCaughtUp: false)
        guard let key = try KeyRotation(keyFile).key(of: reader, fresh: nil) else {
          throw Refusal(.keyMissing, "there is no key at \(keyFile)")
        }
        return hexadecimal(key)
      }
    }
  }

  /// The key that secrets are sealed with.
  public var keys: Keys { Keys(journal: self) }
}
