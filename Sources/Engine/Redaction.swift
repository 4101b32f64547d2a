import Domain
import Events
import FoundationEssentials
import Journal
import RawJSON
import Webhook

/// Takes an instance's secrets out of what others answer, before any of it is recorded: receivers
/// echo headers, and servers quote tokens.
struct Redaction: Sendable {
  /// What a secret can look like, the longest first.
  private let needles: [[UInt8]]

  /// Of anything shorter too much else would be taken out.
  private static let bytesMin = 4
  private static let mask = Array("********".utf8)

  init(_ secrets: Secrets) {
    var texts: Set<String> = []
    for (name, value) in secrets.values {
      switch name {
      case "event.notification.callback.headers":
        for header in (try? Headers.extra(value)) ?? [] {
          texts.insert(header.value)
          // What follows the scheme of an authorization is the secret of it.
          if let word = header.value.split(separator: " ").last { texts.insert(String(word)) }
        }
      // Who it is, is no secret by itself.
      case "event.notification.basic.username", "oauth.api.key": continue
      default: texts.insert(value)
      }
    }
    let username = secrets["event.notification.basic.username"] ?? ""
    let password = secrets["event.notification.basic.password"] ?? ""
    if !username.isEmpty || !password.isEmpty {
      texts.insert(Redaction.base64(Array("\(username):\(password)".utf8)))
    }
    let forms = texts.flatMap(Redaction.forms).filter { $0.count >= Redaction.bytesMin }
    needles = Set(forms).sorted { $0.count > $1.count }
  }

  /// The bytes with every secret masked.
  ///
  /// - Parameter isCut: Whether more followed: then a secret may have begun at the end.
  func clean(_ bytes: [UInt8], isCut: Bool = false) -> [UInt8] {
    var clean = bytes
    for needle in needles where clean.count >= needle.count {
      guard clean.firstRange(of: needle) != nil else { continue }
      clean = clean.replacing(needle, with: Redaction.mask)
    }
    guard isCut else { return clean }
    let begun = needles.compactMap { needle in
      (Redaction.bytesMin..<max(needle.count, Redaction.bytesMin)).last { count in
        clean.count >= count && clean.suffix(count).elementsEqual(needle.prefix(count))
      }
    }
    guard let longest = begun.max() else { return clean }
    return clean.dropLast(longest) + Redaction.mask
  }

  /// The reply with every secret masked, in its headers and its body.
  func clean(_ reply: Reply) -> Reply {
    var reply = reply
    reply.headers = reply.headers.map { Header($0.name, clean($0.value)) }
    reply.body = clean(reply.body, isCut: reply.bodyBytes > reply.body.count)
    return reply
  }

  /// The text with every secret masked.
  func clean(_ text: String) -> String {
    String(decoding: clean(Array(text.utf8)), as: UTF8.self)
  }

  /// As it is, as JSON has it, percent-encoded, in base64 and in hexadecimal digits.
  private static func forms(_ text: String) -> [[UInt8]] {
    let bytes = Array(text.utf8)
    let json = Array(quoted(text).utf8.dropFirst().dropLast())
    let digits = [false, true].flatMap { isUpper in
      [percentEncoded(bytes, isUpper), bytes.flatMap { hexadecimal($0, isUpper) }]
    }
    return [bytes, json, Array(base64(bytes).utf8)] + digits
  }

  private static func percentEncoded(_ bytes: [UInt8], _ isUpper: Bool) -> [UInt8] {
    bytes.flatMap { byte in
      let scalar = UnicodeScalar(byte)
      let isPlain =
        scalar.isASCII && scalar.properties.isAlphabetic
        || ("0"..."9").contains(scalar) || "-._~".unicodeScalars.contains(scalar)
      return isPlain ? [byte] : [UInt8(ascii: "%")] + hexadecimal(byte, isUpper)
    }
  }

  private static func hexadecimal(_ byte: UInt8, _ isUpper: Bool) -> [UInt8] {
    let digits = Array(String(byte, radix: 16, uppercase: isUpper).utf8)
    return digits.count == 2 ? digits : [UInt8(ascii: "0")] + digits
  }

  private static func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
}

extension Runner {
  /// What has to be taken out of answers that concern an instance.
  func redaction(of instance: Int64) async throws(LogError) -> Redaction {
    Redaction(try await book.secrets(of: instance))
  }
}
