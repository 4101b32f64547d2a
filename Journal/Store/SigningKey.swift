import Crypto
import Events
import FoundationEssentials

/// Signs texts with Ed25519 as C2SP’s signed notes, so that tools of others check them.
///
///     PRIVATE+KEY+<name>+<hash>+<base64 of 01 ‖ seed>     the line of its file
///     <name>+<hash>+<base64 of 01 ‖ public key>           who has it can check
///     — <name> <base64 of hash ‖ signature>               the line below a text
///
/// hash: the first 4 bytes of SHA-256( name ‖ 0A ‖ 01 ‖ public key ), in hexadecimal digits.
/// Source: C2SP, signed-note.
package struct SigningKey: Sendable {
  private let name: String
  private let seed: [UInt8]
  private let key: Curve25519.Signing.PrivateKey

  /// - Parameters:
  ///   - name: Whose key it is; without blanks and `+`.
  ///   - seed: 32 random bytes.
  package init(name: String, seed: [UInt8]) {
    precondition(seed.count == 32, "a seed has 32 bytes, not \(seed.count)")
    do {
      key = try Curve25519.Signing.PrivateKey(rawRepresentation: seed)
    } catch {
      preconditionFailure("32 bytes that are no seed: \(error)")
    }
    (self.name, self.seed) = (name, seed)
  }

  /// Reads the line of a key file; nil where it is none.
  package init?(line: String) {
    let parts = line.split(separator: "+", maxSplits: 4, omittingEmptySubsequences: false)
    guard parts.count == 5, parts[0] == "PRIVATE", parts[1] == "KEY",
      let bytes = Data(base64Encoded: String(parts[4])), bytes.count == 33, bytes.first == 1
    else { return nil }
    self.init(name: String(parts[2]), seed: Array(bytes.dropFirst()))
    guard parts[3] == hexadecimal(hash) else { return nil }
  }

  package var line: String { "PRIVATE+KEY+\(name)+\(hexadecimal(hash))+\(Self.text([1] + seed))" }

  /// The public half, by which a signature is checked.
  package var verifier: String {
    "\(name)+\(hexadecimal(hash))+\(Self.text([1] + publicKey))"
  }

  /// The line to stand below a text that ends with a line break.
  package func signature(of text: String) -> String {
    do {
      let signature = try key.signature(for: Data(text.utf8))
      return "— \(name) \(Self.text(hash + signature))\n"
    } catch {
      preconditionFailure("a text that cannot be signed: \(error)")
    }
  }

  private var publicKey: [UInt8] { Array(key.publicKey.rawRepresentation) }

  private var hash: [UInt8] {
    Array(SHA256.hash(data: Array(name.utf8) + [10, 1] + publicKey).prefix(4))
  }

  private static func text(_ bytes: some Sequence<UInt8>) -> String {
    Data(bytes).base64EncodedString()
  }
}
