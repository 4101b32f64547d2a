import Crypto
package import Events
import FoundationEssentials

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

  /// 32 bytes that only this key makes for this journal and purpose, and always makes again.
  package func derived(_ purpose: String) -> [UInt8] {
    Array(
      HMAC<SHA256>.authenticationCode(
        for: Data("\(journal)\u{0}derived\u{0}\(purpose)".utf8), using: key))
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
    guard let text = try KeyFile.read(path, fresh: fresh.map(hexadecimal)) else { return nil }
    guard let key = bytesOf(hexadecimal: text), key.count == 32 else {
      throw .key(
        path: JournalPath.followed(path), why: "it holds no key of 64 hexadecimal digits")
    }
    return key
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
