import Events
import Glibc

/// A sealing key on its way into the place of another.
///
///     <key>.rotating        the next key, written before anything is sealed with it
///     <key>                 the key in force, until everything is sealed anew
///     <key>.until-42        the one before, which opens backups up to event 42
///
/// Cut short anywhere, one of the first two opens every secret: all are sealed anew in one
/// transaction. Who holds the engine lock may put the files in order.
package struct KeyRotation {
  private let path: String
  private var pending: String { path + ".rotating" }

  package init(_ keyFile: String) { path = JournalPath.followed(keyFile) }

  /// True where a rotation was cut short, or is under way.
  package var isPending: Bool { access(pending, F_OK) == 0 }

  /// Writes the next key to the disk.
  package func begin(_ fresh: [UInt8]) throws(JournalError) {
    try KeyFile.replace(pending, with: hexadecimal(fresh))
  }

  /// Keeps the key in force under a name of its own.
  ///
  /// - Returns: That name.
  package func keepCurrent(until position: Int64) throws(JournalError) -> String {
    var kept = "\(path).until-\(position)"
    var place = 1
    while link(path, kept) != 0 {
      guard errno == EEXIST else {
        throw .key(path: kept, why: String(cString: strerror(errno)))
      }
      if FileIdentity(kept) == FileIdentity(path) { break }
      place += 1
      kept = "\(path).until-\(position)-\(place)"
    }
    let number = Folder.sync(holding: path)
    guard number == 0 else { throw .key(path: kept, why: String(cString: strerror(number))) }
    return kept
  }

  /// Puts the next key in force.
  package func finish() throws(JournalError) {
    let number = rename(pending, path) == 0 ? Folder.sync(holding: path) : errno
    guard number == 0 else { throw .key(path: path, why: String(cString: strerror(number))) }
  }

  /// Ends a rotation that was cut short: the key that opens the secrets is the one in force.
  ///
  /// - Parameter reader: Of the journal, whose engine lock the caller holds.
  package func settle(_ reader: JournalReader) throws(JournalError) {
    guard isPending, let next = try Seal.readKey(pending, fresh: nil) else { return }
    if try reader.opens(next) { return try finish() }
    unlink(pending)
    _ = Folder.sync(holding: path)
  }

  /// The key that opens the secrets of a journal: the one in force, or the next where a rotation
  /// was cut short after they were sealed with it.
  ///
  /// - Parameter fresh: 32 random bytes for a new file; nil: none is made.
  /// - Returns: nil where there is none and none was to be made.
  package func key(of reader: JournalReader, fresh: [UInt8]?) throws(JournalError) -> [UInt8]? {
    let current = try Seal.readKey(path, fresh: fresh)
    guard isPending, let next = try? Seal.readKey(pending, fresh: nil) else { return current }
    return try reader.opens(next) ? next : current
  }
}

extension JournalReader {
  /// Tries a key on some of the secrets.
  ///
  /// - Returns: True where it opens one; false also where there is none.
  nonisolated func opens(_ key: [UInt8]) throws(JournalError) -> Bool {
    let connection = try Connection(path: path, access: isImmutable ? .immutable : .readOnly)
    return try connection.snapshot { () throws(JournalError) in
      let seal = Seal(key: key, journal: try JournalFile.head(connection).1)
      for owner in try connection.secretOwners().prefix(Self.ownersTried) {
        for (name, secret) in try connection.secrets(of: owner)
        where seal.open(secret.sealed, owner: owner, name: name) != nil {
          return true
        }
      }
      return false
    }
  }

  /// Some may be damaged, each by itself.
  private static let ownersTried = 100
}

extension JournalWriter {
  /// Seals every secret anew, all in one transaction. What the key does not open stays as it is.
  ///
  /// - Returns: How many were, and how many could not be opened.
  package func reseal(
    from old: Seal, to new: Seal
  ) throws(JournalError) -> (sealed: Int, unreadable: Int) {
    try write { () throws(JournalError) in
      var counts = (sealed: 0, unreadable: 0)
      for owner in try connection.secretOwners() {
        for (name, secret) in try connection.secrets(of: owner) {
          guard let text = old.open(secret.sealed, owner: owner, name: name) else {
            counts.unreadable += 1
            continue
          }
          counts.sealed += 1
          try connection.statement(SQL.resealSecret).run([
            "owner": .text(owner.text), "name": .text(name),
            "sealed": .bytes(new.close(text, owner: owner, name: name)),
          ])
        }
      }
      return counts
    }
  }
}

extension Connection {
  fileprivate func secretOwners() throws(JournalError) -> [StreamName] {
    let query = try statement(SQL.listSecretOwners)
    defer { query.reset() }
    var owners: [StreamName] = []
    while try query.step() { owners.append(StreamName(stored: query.text(0))) }
    return owners
  }
}

/// The key file that was read, to be told from one that took its place.
package struct KeyFileMark: Sendable, Equatable {
  private let identity: FileIdentity?

  package init(_ keyFile: String) { identity = FileIdentity(JournalPath.followed(keyFile)) }

  /// True where another file has taken its place; one that is gone leaves what was read.
  package func isReplaced(at keyFile: String) -> Bool {
    let now = KeyFileMark(keyFile)
    return now.identity != nil && now != self
  }
}
