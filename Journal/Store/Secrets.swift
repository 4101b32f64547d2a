import Crypto
package import Events
import FoundationEssentials
import Glibc

/// Seals secrets with AES-256-GCM under a key that lives beside the journal, not in it.
///
/// Sealed: 12 bytes of nonce, the ciphertext, 16 bytes of tag. Journal, owner and name are
/// authenticated with it, so that a sealed secret opens only where it was put.
package struct Seal: Sendable {
  private let key: SymmetricKey
  private let journal: String

  /// - Parameter key: 32 bytes.
  package init(key: [UInt8], journal: String) {
    precondition(key.count == 32, "a key has 32 bytes, not \(key.count)")
    self.key = SymmetricKey(data: key)
    self.journal = journal
  }

  /// Seals a secret so that it opens only under the same owner and name.
  package func close(_ secret: String, owner: StreamName, name: String) -> [UInt8] {
    do {
      let box = try AES.GCM.seal(
        Data(secret.utf8), using: key, authenticating: context(owner, name))
      return Array(box.nonce) + Array(box.ciphertext) + Array(box.tag)
    } catch {
      preconditionFailure("a secret that cannot be sealed: \(error)")
    }
  }

  /// The secret, or nil where this key does not open it.
  package func open(_ sealed: [UInt8], owner: StreamName, name: String) -> String? {
    guard let box = try? AES.GCM.SealedBox(combined: Data(sealed)),
      let bytes = try? AES.GCM.open(box, using: key, authenticating: context(owner, name))
    else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func context(_ owner: StreamName, _ name: String) -> Data {
    Data("\(journal)\u{0}\(owner)\u{0}\(name)".utf8)
  }

  /// The SHA-256 by which an element token is looked up: the token itself stands nowhere.
  package static func hash(_ token: String) -> [UInt8] {
    Array(SHA256.hash(data: Data(token.utf8)))
  }

  /// Reads the key file, and makes it where there is none, readable by its owner alone.
  ///
  /// - Parameter fresh: 32 random bytes for a new file; nil: none is made.
  /// - Returns: nil where there is none and none was to be made.
  package static func readKey(_ path: String, fresh: [UInt8]?) throws(JournalError) -> [UInt8]? {
    let path = JournalPath.followed(path)
    if access(path, F_OK) != 0 {
      guard errno == ENOENT else { throw refused(path, "it cannot be looked at", errno) }
      guard let fresh else { return nil }
      try makeKey(path, fresh)
    }
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw refused(path, "it cannot be read", errno) }
    defer { Glibc.close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 128)
    let count = read(descriptor, &bytes, bytes.count)
    guard count >= 0 else { throw refused(path, "it cannot be read", errno) }
    let text = String(decoding: bytes[..<count], as: UTF8.self)
    let digits = text.filter { !$0.isWhitespace }
    guard let key = bytesOf(hexadecimal: digits), key.count == 32 else {
      throw .key(path: path, why: "it holds no key of 64 hexadecimal digits")
    }
    guard fresh != nil else { return key }
    // What is sealed from now on is lost with it. Whoever made it, this process or another that
    // was killed, may not have come to make its name last.
    let number = Folder.sync(descriptor, at: path)
    guard number == 0 else { throw refused(path, "it cannot be brought to the disk", number) }
    let newEvent = path + ".new"
    if let made = FileIdentity(newEvent), made == FileIdentity(descriptor) { unlink(newEvent) }
    return key
  }

  /// Makes a key file whole or not at all; one that another process made meanwhile stays.
  private static func makeKey(_ path: String, _ fresh: [UInt8]) throws(JournalError) {
    // Written whole under another name first: a crash leaves no half key, but a draft at most,
    // which the next one writes over.
    let newEvent = path + ".new"
    let descriptor = Glibc.open(newEvent, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw refused(path, "it cannot be made", errno) }
    defer { Glibc.close(descriptor) }
    // One at a time: the draft of another process may already be its key under both names.
    while flock(descriptor, LOCK_EX) != 0 {
      guard errno == EINTR else { throw refused(path, "it cannot be made", errno) }
    }
    guard access(path, F_OK) != 0 else {
      // One that was made anew after another process had taken its own away.
      if FileIdentity(descriptor) == FileIdentity(newEvent) { unlink(newEvent) }
      return
    }
    // A draft that failed was taken away: what is under its name now is somebody else's.
    guard FileIdentity(descriptor) == FileIdentity(newEvent) else {
      return try makeKey(path, fresh)
    }
    let line = Array((hexadecimal(fresh) + "\n").utf8)
    guard ftruncate(descriptor, 0) == 0, write(descriptor, line, line.count) == line.count,
      fsync(descriptor) == 0, link(newEvent, path) == 0 || errno == EEXIST
    else {
      let number = errno
      unlink(newEvent)
      throw refused(path, "it cannot be written", number)
    }
    unlink(newEvent)
  }

  private static func refused(_ path: String, _ what: String, _ number: Int32) -> JournalError {
    .key(path: path, why: "\(what): \(String(cString: strerror(number)))")
  }
}

/// A sealed secret as it is kept.
package struct SealedSecret: Sendable, Equatable {
  package var sealed: [UInt8]
  package var expiresAt: Moment?
}

extension Connection {
  func change(_ secret: SecretChange) throws(JournalError) {
    switch secret {
    case .put(let owner, let name, let sealed, let hash, let expiresAt):
      try statement(SQL.putSecret).run([
        "owner": .text(owner.text), "name": .text(name), "sealed": .bytes(sealed),
        "look_up": Binding(hash), "expires_at_ms": Binding(expiresAt?.milliseconds),
      ])
    case .drop(let owner, let name):
      try statement(SQL.dropSecrets).run(["owner": .text(owner.text), "name": Binding(name)])
    }
  }

  /// One sealed secret of an owner.
  func secret(_ name: String, of owner: StreamName) throws(JournalError) -> SealedSecret? {
    let query = try statement(SQL.loadSecret)
    defer { query.reset() }
    try query.bind("owner", .text(owner.text))
    try query.bind("name", .text(name))
    guard try query.step() else { return nil }
    return SealedSecret(
      sealed: query.bytes(0),
      expiresAt: query.optionalInteger(1).map { Moment(milliseconds: $0) })
  }

  /// All sealed secrets of an owner by their names.
  package func secrets(of owner: StreamName) throws(JournalError) -> [String: SealedSecret] {
    var found: [String: SealedSecret] = [:]
    let query = try statement(SQL.loadSecrets)
    try query.bind("owner", .text(owner.text))
    while try query.step() {
      found[query.text(0)] = SealedSecret(
        sealed: query.bytes(1),
        expiresAt: query.optionalInteger(2).map { Moment(milliseconds: $0) })
    }
    return found
  }
}
