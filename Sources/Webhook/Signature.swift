import Crypto
import Domain
package import Events
import FoundationEssentials

/// The two signatures of a notification, and how a receiver checks them.
///
///     Elements-Webhook-Signature: sha256=jHdbRx5EZAsOfTwAPJOGkNUzQMVVdu5VJlxcsk+G6jQ=
///     webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=
///
/// Both are HMAC-SHA256 in padded base64. Comparisons take the same time wherever the bytes differ.
package enum Signature {
  /// Over the body alone; the key is always the UTF-8 bytes of the text as configured.
  ///
  /// Source: SAP Open Connectors, “Hash Verification”.
  package static func elements(_ body: [UInt8], key: String) -> String {
    elementsPrefix + base64(code(body, Array(key.utf8)))
  }

  /// Over id, time and body with dots between.
  ///
  /// A key that begins with `whsec_` is the base64 after it; any other is its UTF-8 bytes. So is
  /// one that `fault(in:)` refuses today and that was sealed before. Source: Standard Webhooks,
  /// “Signature scheme”.
  package static func standard(
    id: String, timestampSeconds: Int64, body: [UInt8], key: String
  ) -> String {
    standardPrefix + base64(code(signed(id, String(timestampSeconds), body), secret(key)))
  }

  /// Why a key cannot be what it says it is, in half a sentence that holds none of it; nil where it
  /// can.
  package static func fault(in key: String) -> String? {
    guard key.hasPrefix(prefix), decoded(key) == nil else { return nil }
    return
      "after \(prefix) there has to be base64 with its padding; any other key is taken as it is"
  }

  /// Checks a received `Elements-Webhook-Signature` against the body.
  package static func isElements(_ header: String, of body: [UInt8], key: String) -> Bool {
    isCode(header, prefix: elementsPrefix, of: body, Array(key.utf8))
  }

  /// Checks that one of the signatures in a received `webhook-signature` is right, and its time
  /// near.
  ///
  /// - Parameters:
  ///   - header: One signature or several with blanks between, as while a key is being changed.
  ///   - timestamp: The received `webhook-timestamp`, as it came.
  ///   - now: The receiver's time; nil to check something kept, whatever its age.
  ///   - tolerance: How far the time may be off, either way.
  package static func isStandard(
    _ header: String, id: String, timestamp: String, body: [UInt8], key: String, now: Moment?,
    tolerance: Duration = .seconds(300)
  ) -> Bool {
    if let now {
      let (present, slack) = (now.milliseconds / 1_000, tolerance.components.seconds)
      guard let seconds = Int64(timestamp),
        (present - slack...present + slack).contains(seconds)
      else { return false }
    }
    let content = signed(id, timestamp, body)
    return header.split(separator: " ").contains {
      isCode(String($0), prefix: standardPrefix, of: content, secret(key))
    }
  }

  /// The mark of a key that is base64.
  private static let prefix = "whsec_"
  private static let elementsPrefix = "sha256="
  private static let standardPrefix = "v1,"

  private static func signed(_ id: String, _ timestamp: String, _ body: [UInt8]) -> [UInt8] {
    Array("\(id).\(timestamp).".utf8) + body
  }

  private static func secret(_ key: String) -> [UInt8] {
    key.hasPrefix(prefix) ? decoded(key) ?? Array(key.utf8) : Array(key.utf8)
  }

  /// The bytes behind the prefix; nil where those are none or not base64.
  private static func decoded(_ key: String) -> [UInt8]? {
    guard let secret = Data(base64Encoded: String(key.dropFirst(prefix.count))), !secret.isEmpty
    else { return nil }
    return Array(secret)
  }

  private static func code(_ content: [UInt8], _ secret: [UInt8]) -> [UInt8] {
    Array(HMAC<SHA256>.authenticationCode(for: content, using: SymmetricKey(data: secret)))
  }

  private static func isCode(
    _ text: String, prefix: String, of content: [UInt8], _ secret: [UInt8]
  ) -> Bool {
    guard text.hasPrefix(prefix),
      let received = Data(base64Encoded: String(text.dropFirst(prefix.count)))
    else { return false }
    return HMAC<SHA256>.isValidAuthenticationCode(
      received, authenticating: content, using: SymmetricKey(data: secret))
  }
}
