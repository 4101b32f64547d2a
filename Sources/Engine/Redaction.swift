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
          texts.formUnion(Redaction.words(of: header))
        }
      // Who it is, is no secret by itself.
      case "event.notification.basic.username", "oauth.api.key": continue
      default:
        texts.insert(value)
        if value.hasPrefix("whsec_") { texts.insert(String(value.dropFirst(6))) }
      }
    }
    let username = secrets["event.notification.basic.username"] ?? ""
    let password = secrets["event.notification.basic.password"] ?? ""
    if !username.isEmpty || !password.isEmpty {
      texts.insert(Data("\(username):\(password)".utf8).base64EncodedString())
    }
    let usable = texts.filter { $0.utf8.count >= Redaction.bytesMin }
    needles = Set(usable.flatMap(Redaction.forms)).sorted { $0.count > $1.count }
  }

  /// What of an extra header may be a secret: long values, and what follows the scheme of an
  /// authorization. Of short ones, such as `true`, every answer is full.
  private static func words(of header: Header) -> [String] {
    let name = header.name.lowercased()
    guard !name.hasPrefix("accept"), name != "cache-control", header.value.utf8.count >= 8 else {
      return []
    }
    let parts = header.value.split(separator: " ")
    guard parts.count == 2, ["basic", "bearer", "token"].contains(parts[0].lowercased()) else {
      return [header.value]
    }
    return [header.value, String(parts[1])]
  }

  /// The bytes with every secret masked.
  ///
  /// - Parameter isCut: Whether more followed: then a secret may have begun at the end.
  func clean(_ bytes: [UInt8], isCut: Bool = false) -> [UInt8] {
    var clean = bytes
    for needle in needles where Redaction.holds(clean, needle) {
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

  /// Looks only where the first byte stands, as nearly no answer holds any of them.
  private static func holds(_ bytes: [UInt8], _ needle: [UInt8]) -> Bool {
    bytes.withUnsafeBufferPointer { bytes in
      let first = needle[0]
      var place = 0
      while place <= bytes.count - needle.count {
        if bytes[place] == first, bytes[place..<place + needle.count].elementsEqual(needle) {
          return true
        }
        place += 1
      }
      return false
    }
  }

  /// As it is, as writers of JSON have it, percent-encoded, in base64 and in hexadecimal digits.
  private static func forms(_ text: String) -> [[UInt8]] {
    let bytes = Array(text.utf8)
    let padded = Data(bytes).base64EncodedString()
    let bare = padded.replacing("=", with: "")
    let url = bare.replacing("+", with: "-").replacing("/", with: "_")
    let json = String(quoted(text).dropFirst().dropLast())
    let texts = [padded, bare, url] + [text, padded].flatMap { escaped(in: $0) } + [json]
    let digits = [false, true].flatMap { isUpper in
      [percentEncoded(bytes, isUpper), bytes.flatMap { hexadecimal($0, isUpper) }]
    }
    return [bytes] + texts.map { Array($0.utf8) } + digits
  }

  /// As PHP, Python, .NET and Gson write it into JSON: more escapes than there have to be.
  private static func escaped(in text: String) -> [String] {
    let json = String(quoted(text).dropFirst().dropLast())
    let slashed = json.replacing("/", with: "\\/")
    return [slashed]
      + [false, true].flatMap { isUpper in
        [json, slashed].map { unicodeEscaped($0, isUpper) } + [asciiEscaped(json, isUpper)]
      }
  }

  /// With `\u` for what is no ASCII.
  private static func unicodeEscaped(_ json: String, _ isUpper: Bool) -> String {
    escaped(json, isUpper) { $0 > 0x7F }
  }

  /// With `\u` also for what HTML could read.
  private static func asciiEscaped(_ json: String, _ isUpper: Bool) -> String {
    escaped(json, isUpper) { $0 > 0x7F || "+=&<>'`".utf16.contains($0) }
  }

  private static func escaped(
    _ json: String, _ isUpper: Bool, _ isTold: (UInt16) -> Bool
  ) -> String {
    json.utf16.map { unit in
      guard isTold(unit) else { return String(decoding: [unit], as: UTF16.self) }
      let digits = String(unit, radix: 16, uppercase: isUpper)
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }.joined()
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
}

extension Runner {
  /// What has to be taken out of answers that concern an instance.
  func redaction(of instance: Int64) async throws(LogError) -> Redaction {
    Redaction(try await book.secrets(of: instance))
  }
}
