import FoundationEssentials

/// A message taken apart as far as Gmail shows it: headers, bodies and parts.
///
///     Subject: Plans⏎
///     Content-Type: text/plain; charset=utf-8⏎
///     ⏎
///     The text, whose transfer encoding is undone.
struct MailText: Sendable {
  var headers: [(name: String, value: String)] = []
  var mimeType = "text/plain"
  var filename = ""
  var body: [UInt8] = []
  var parts: [MailText] = []

  init(_ raw: [UInt8], depth: Int = 0) {
    let lines = MailText.lines(raw)
    var index = 0
    while index < lines.count, !lines[index].isEmpty {
      let line = String(decoding: lines[index], as: UTF8.self)
      if line.first == " " || line.first == "\t", !headers.isEmpty {
        headers[headers.count - 1].value += " " + MailText.trimmed(line)
      } else if let colon = line.firstIndex(of: ":") {
        let value = MailText.trimmed(String(line[line.index(after: colon)...]))
        headers.append((String(line[..<colon]), value))
      }
      index += 1
    }
    let type = self["Content-Type"] ?? "text/plain"
    mimeType = MailText.trimmed(String(type.prefix { $0 != ";" })).lowercased()
    filename = MailText.parameter("filename", of: self["Content-Disposition"] ?? "") ?? ""
    let rest = Array(lines.dropFirst(index + 1))
    if mimeType.hasPrefix("multipart/"), depth < 8,
      let boundary = MailText.parameter("boundary", of: type)
    {
      parts = MailText.parts(rest, boundary: boundary, depth: depth + 1)
    } else {
      body = decoded(rest)
    }
  }

  /// The first value of a header, its name compared without case.
  subscript(name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }

  /// The first text of the message.
  var text: String {
    if mimeType.hasPrefix("text/") { return String(decoding: body, as: UTF8.self) }
    return parts.lazy.map(\.text).first { !$0.isEmpty } ?? ""
  }

  /// The beginning of the text on one line.
  var snippet: String {
    let words = text.split { $0 == " " || $0.isNewline || $0 == "\t" }
    return String(words.joined(separator: " ").prefix(200))
  }

  /// A message with nothing special about it.
  static func plain(subject: String, number: Int) -> [UInt8] {
    let text =
      "From: guest@example.com\r\nTo: team@example.com\r\nSubject: \(subject)\r\n"
      + "Message-ID: <\(number).\(subject.utf8.count)@example.com>\r\n\r\n\(subject)\r\n"
    return Array(text.utf8)
  }

  /// The bytes of Base64 as Gmail writes it, with or without padding.
  static func base64(_ text: String) -> [UInt8]? {
    var plain = text.replacing("-", with: "+").replacing("_", with: "/").filter {
      !$0.isWhitespace && $0 != "="
    }
    plain += String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4)
    return Data(base64Encoded: plain).map(Array.init)
  }

  static func base64(_ bytes: [UInt8]) -> String {
    Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
  }

  private static func lines(_ raw: [UInt8]) -> [ArraySlice<UInt8>] {
    raw.split(separator: 10, omittingEmptySubsequences: false).map { line in
      line.last == 13 ? line.dropLast() : line
    }
  }

  private static func trimmed(_ text: String) -> String {
    let start = text.drop { $0 == " " || $0 == "\t" }
    return String(start.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
  }

  /// A parameter of a header, such as `boundary`, without its quotes.
  private static func parameter(_ name: String, of header: String) -> String? {
    for part in header.split(separator: ";").dropFirst() {
      let halves = part.split(separator: "=", maxSplits: 1).map { trimmed(String($0)) }
      guard halves.count == 2, halves[0].lowercased() == name else { continue }
      return halves[1].filter { $0 != "\"" }
    }
    return nil
  }

  private static func parts(
    _ lines: [ArraySlice<UInt8>], boundary: String, depth: Int
  ) -> [MailText] {
    var parts: [[UInt8]] = []
    for line in lines {
      if line.starts(with: "--\(boundary)--".utf8) { break }
      if line.starts(with: "--\(boundary)".utf8) {
        parts.append([])
      } else if !parts.isEmpty {
        parts[parts.count - 1] += line + [10]
      }
    }
    return parts.prefix(100).map { MailText($0, depth: depth) }
  }

  private func decoded(_ lines: [ArraySlice<UInt8>]) -> [UInt8] {
    let bytes = Array(lines.joined(separator: [13, 10]))
    switch self["Content-Transfer-Encoding"]?.lowercased() {
    case "base64": return MailText.base64(String(decoding: bytes, as: UTF8.self)) ?? bytes
    case "quoted-printable":
      let text = String(decoding: bytes, as: UTF8.self).replacing("=\r\n", with: "")
        .replacing("%", with: "%25").replacing("=", with: "%")
      return Array(Target.decoded(text.utf8, plusIsBlank: false).utf8)
    default: return bytes
    }
  }
}
