import Domain
import EventStore
import Events
import FoundationEssentials
import RawJSON
import Webhook

/// Takes an instance's secrets out of what others answer, before any of it is recorded: receivers
/// echo headers, and servers quote tokens.
struct Redaction: Sendable {
  /// Every form that a secret can have, the longest first.
  private let needles: [[UInt8]]

  /// Bytes of the shortest text that is taken out: with shorter ones too much else would go.
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
      case _
      where ConfigurationForm.isUnknown(name) && !SecretNames.isToken(name)
        && !SecretNames.previousSignatureKeys.contains(name):
        texts.formUnion(Redaction.words(ofUnknown: value))
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

  /// Parts of an extra header that may be a secret: long values, and what follows the scheme of an
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
    let words = [header.value, String(parts[1])]
    // Some write it without padding.
    let padding = String(repeating: "=", count: (4 - words[1].utf8.count % 4) % 4)
    guard parts[0].lowercased() == "basic", let pair = Data(base64Encoded: words[1] + padding)
    else { return words }
    let text = String(decoding: pair, as: UTF8.self)
    guard let colon = text.firstIndex(of: ":") else { return words + [text] }
    return words + [text, String(text[text.index(after: colon)...])]
  }

  /// Parts of a setting that nobody knows that may be a secret: long values, also inside. Of short
  /// ones, such as `true`, every answer is full.
  private static func words(ofUnknown value: String) -> [String] {
    guard value.utf8.count >= 8 else { return [] }
    guard let inner = try? JSON.parse(Array(value.utf8)) else { return [value] }
    return [value] + texts(in: inner).filter { $0.utf8.count >= 8 }
  }

  private static func texts(in value: JSON) -> [String] {
    if let text = value.text { return [text] }
    if let elements = value.elements { return elements.flatMap(texts) }
    return (value.members ?? Members()).flatMap { texts(in: $0.value) }
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
    reply.body = clean(reply.body, isCut: reply.isCut)
    return reply
  }

  /// The text with every secret masked; after a text that ends with `…` more followed.
  func clean(_ text: String) -> String {
    let isCut = text.hasSuffix("…")
    let bytes = Array((isCut ? text.dropLast() : text[...]).utf8)
    return String(decoding: clean(bytes, isCut: isCut), as: UTF8.self) + (isCut ? "…" : "")
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

  /// As it is, as writers of JSON have it, percent-encoded (a blank also as `+`, as in forms), in
  /// base64 and in hexadecimal digits.
  ///
  /// Made for each attempt, so that no secret outlives it: of bytes, and only what differs.
  private static func forms(_ text: String) -> [[UInt8]] {
    let bytes = Array(text.utf8)
    let padded = Data(bytes).base64EncodedString()
    let bare = Array(padded.utf8.prefix { $0 != UInt8(ascii: "=") })
    let url = bare.map { byte in
      switch byte {
      case UInt8(ascii: "+"): UInt8(ascii: "-")
      case UInt8(ascii: "/"): UInt8(ascii: "_")
      default: byte
      }
    }
    let hex = hexadecimal(bytes)
    return [bytes, bare, url, Array(hex.utf8), Array(hex.uppercased().utf8)]
      + plainMarks.flatMap { marks in
        [lowerDigits, upperDigits].flatMap { digits in
          let encoded = percentEncoded(bytes, besides: marks, digits)
          return [encoded, encoded.replacing("%20".utf8, with: "+".utf8)]
        }
      }
      + jsonForms(text) + jsonForms(padded)
  }

  /// A way to write JSON: the marks that it escapes beyond those that it has to.
  private struct Writer: Sendable {
    var escapes: @Sendable (UInt16) -> Bool
    var escapesSlashes = false
    var digits = Redaction.lowerDigits

    static let all = [
      // PHP, in two ways.
      Writer(escapes: { $0 > 0x7F }, escapesSlashes: true),
      Writer(escapes: { _ in false }, escapesSlashes: true),
      // Python.
      Writer { $0 > 0x7F },
      // Gson.
      Writer { isMarkup($0) },
      // .NET.
      Writer(escapes: { $0 > 0x7F || isMarkup($0) }, digits: Redaction.upperDigits),
    ]

    private static func isMarkup(_ unit: UInt16) -> Bool { "+=&<>'`".utf16.contains(unit) }
  }

  private static func jsonForms(_ text: String) -> [[UInt8]] {
    let json = String(quoted(text).dropFirst().dropLast())
    let hasSlash = json.utf8.contains(UInt8(ascii: "/"))
    let units = Array(json.utf16)
    let others = Writer.all.filter { writer in
      writer.escapesSlashes && hasSlash || units.contains(where: writer.escapes)
    }
    return [Array(json.utf8)]
      + others.map { writer in
        Array(json.unicodeScalars.map { written($0, by: writer) }.joined())
      }
  }

  private static func written(_ scalar: UnicodeScalar, by writer: Writer) -> [UInt8] {
    if scalar == "/", writer.escapesSlashes { return Array("\\/".utf8) }
    let units = Array(String(scalar).utf16)
    guard units.contains(where: writer.escapes) else { return Array(String(scalar).utf8) }
    return units.flatMap { unit in
      Array("\\u".utf8) + pair(UInt8(unit >> 8), writer.digits)
        + pair(UInt8(unit & 0xFF), writer.digits)
    }
  }

  /// Marks that writers of URLs leave as they are besides letters and digits: RFC 3986,
  /// JavaScript's `encodeURIComponent`, and forms.
  private static let plainMarks = ["-._~", "-._~!'()*", "-._*"].map { Array($0.utf8) }

  private static func percentEncoded(
    _ bytes: [UInt8], besides marks: [UInt8], _ digits: [UInt8]
  ) -> [UInt8] {
    bytes.flatMap { byte in
      let isPlain =
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || marks.contains(byte)
      return isPlain ? [byte] : [UInt8(ascii: "%")] + pair(byte, digits)
    }
  }

  private static let lowerDigits = Array("0123456789abcdef".utf8)
  private static let upperDigits = Array("0123456789ABCDEF".utf8)

  private static func pair(_ byte: UInt8, _ digits: [UInt8]) -> [UInt8] {
    [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
  }
}

extension Repository {
  /// Collects what has to be taken out of answers that concern an instance.
  func redaction(of instance: InstanceID) async throws(JournalError) -> Redaction {
    Redaction(try await secrets(of: instance))
  }
}
