import Crypto
import Domain
import Engine
import EventStore
import Events

/// The two secrets that a program of the platform shows together.
public enum ClientSecret: String, Sendable, CaseIterable {
  case user, organization

  var name: String { "http.\(rawValue).secret" }
}

/// Secrets that clients of an HTTP API show, kept as their hashes alone, each with a salt of its
/// own.
public struct ClientSecrets: Sendable, Equatable {
  fileprivate var hashes: [ClientSecret: [UInt8]] = [:]

  /// True where there is a secret of that kind.
  public func has(_ kind: ClientSecret) -> Bool { hashes[kind] != nil }

  /// True where a text is the secret; it takes as long whatever the text has in common with it.
  public func matches(_ text: String, _ kind: ClientSecret) -> Bool {
    guard let kept = hashes[kind] else { return false }
    let hash = Self.hash(text, salt: Array(kept.prefix(Self.saltBytes)))
    // Hashes are compared whole: where they begin to differ takes no less time than where not.
    return zip(kept, hash).reduce(into: UInt8(0)) { $0 |= $1.0 ^ $1.1 } == 0
  }

  /// Takes a secret that is kept elsewhere, such as in the environment, in place of the kept one.
  ///
  /// - Parameter salt: Random bytes.
  public mutating func set(_ text: String, _ kind: ClientSecret, salt: [UInt8]) {
    hashes[kind] = Self.hash(text, salt: salt)
  }

  /// The same with those of others that are of no kind named here.
  public func taking(_ others: ClientSecrets, but kept: Set<ClientSecret>) -> ClientSecrets {
    var secrets = self
    for kind in ClientSecret.allCases where !kept.contains(kind) {
      secrets.hashes[kind] = others.hashes[kind]
    }
    return secrets
  }

  fileprivate static let saltBytes = 16

  /// The salt, then SHA-256 over it and the text.
  fileprivate static func hash(_ text: String, salt: [UInt8]) -> [UInt8] {
    let salt = Array(salt.prefix(saltBytes))
    return salt + Array(SHA256.hash(data: salt + Array(text.utf8)))
  }
}

extension Journal {
  /// Programs that ask over HTTP, by the secrets that they show.
  public struct Clients: Sendable {
    let journal: Journal

    /// The hashes of the secrets that were made.
    ///
    /// - Throws: `refused`, with the code `keyMissing`, where the key does not open them.
    public func secrets() async throws(DaybookError) -> ClientSecrets {
      try await translated {
        let repository = try await journal.working().repository
        let sealed = try await repository.reader.read { snapshot throws(JournalError) in
          try snapshot.secrets(of: .journal)
        }
        var secrets = ClientSecrets()
        for kind in ClientSecret.allCases {
          guard let kept = sealed[kind.name] else { continue }
          let text = repository.seal?.open(kept.sealed, owner: .journal, name: kind.name)
          guard let text, let hash = bytesOf(hexadecimal: text) else {
            throw Refusal(.keyMissing, "the key file does not open the journal's \(kind.name)")
          }
          secrets.hashes[kind] = hash
        }
        return secrets
      }
    }

    /// The secrets that are neither kept nor given.
    public func missing(
      besides given: [ClientSecret: String]
    ) async throws(DaybookError) -> [ClientSecret] {
      let kept: ClientSecrets
      do {
        kept = try await secrets()
      } catch .missing {
        kept = ClientSecrets()
      }
      return ClientSecret.allCases.filter { given[$0] == nil && !kept.has($0) }
    }

    /// Makes a secret in place of the one that was there, if any, which is not taken any more.
    ///
    /// - Returns: The secret, which is told once: 43 characters of `A–Z a–z 0–9 - _`, 256 bits.
    /// - Throws: `refused`, with the code `keyMissing`.
    public func rotate(_ kind: ClientSecret) async throws(DaybookError) -> String {
      try await translated {
        let opened = try await journal.working()
        guard let seal = opened.repository.seal else { throw opened.keyMissing }
        let text = base64URL(opened.world.bytes(32))
        let hash = ClientSecrets.hash(text, salt: opened.world.bytes(ClientSecrets.saltBytes))
        let sealed = seal.close(hexadecimal(hash), owner: .journal, name: kind.name)
        try await opened.repository.writer.keep([
          .put(owner: .journal, name: kind.name, sealed: sealed)
        ])
        return text
      }
    }

    /// The instance whose element token it is; nil where it is none’s, or its instance was deleted.
    public func instance(showing token: String) async throws(DaybookError) -> Int64? {
      try await translated {
        let hash = Seal.hash(token)
        return try await journal.reader(isCaughtUp: false).read {
          snapshot throws(JournalError) in try snapshot.instance(holding: hash)
        }?.instance
      }
    }

    /// A salt for a secret that is kept elsewhere.
    public func salt() -> [UInt8] { journal.access.world.bytes(ClientSecrets.saltBytes) }
  }

  /// Programs that ask over HTTP.
  public var clients: Clients { Clients(journal: self) }
}
