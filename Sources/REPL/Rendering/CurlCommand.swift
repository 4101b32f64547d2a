import Daybook
import Events

/// An attempt as a command for a shell that sends it again with curl.
///
///     # webhook-timestamp and webhook-signature are those of 2026-11-23T09:05:00.000Z
///     curl --globoff --path-as-is --request POST 'https://hooks.example.com/daybook' \
///       --header 'Content-Type: application/json' \
///       --header 'Authorization: <secret>' \
///       --data-binary '{"id":"4297861"}'
///
/// The body arrives byte by byte as it went. What a terminal would obey goes through `printf`, as
/// does what is too long for an argument.
struct CurlCommand {
  let exchange: RecordedExchange
  /// True where a person's terminal shows it.
  let isTerminal: Bool

  /// Fields that curl makes itself.
  private static let own: Set<String> = ["host", "content-length"]
  private static let signatures = [
    "elements-webhook-signature", "webhook-timestamp", "webhook-signature",
  ]

  /// The command; nil where its body is not kept any more.
  var text: String? {
    guard let body = exchange.body else { return nil }
    let url = isTerminal ? visible(exchange.url) : exchange.url
    var words = ["curl --globoff --path-as-is --request \(exchange.method) \(quoted(url))"]
    for field in exchange.headers ?? [] where !Self.own.contains(field.name.lowercased()) {
      // To curl a name and a semicolon is a field without a value.
      let line =
        field.value.isEmpty
        ? "\(field.name);" : "\(field.name): \(field.isMasked ? "<secret>" : field.value)"
      words.append("--header \(quoted(isTerminal ? visible(line) : line))")
    }
    let isArgument = mayBeArgument(body)
    words.append(
      "--data-binary " + (isArgument ? quoted(String(decoding: body, as: UTF8.self)) : "@-"))
    let command =
      (isArgument ? "" : "printf '\(Self.format(body))' | ")
      + words.joined(separator: " \\\n  ")
    return (notes + [command]).joined(separator: "\n") + "\n"
  }

  private var notes: [String] {
    let fields = exchange.headers ?? []
    var notes: [String] = []
    let masked = fields.filter(\.isMasked).map { visible($0.name) }
    if !masked.isEmpty {
      notes.append(
        "# not recorded, to be put in place of <secret>: \(masked.joined(separator: ", "))")
    }
    let signed = fields.map(\.name).filter { Self.signatures.contains($0.lowercased()) }
    if !signed.isEmpty {
      notes.append(
        "# \(signed.joined(separator: ", ")): those of \(exchange.sentAt.rfc3339); a receiver that"
          + " checks the time refuses them later")
    }
    if exchange.headers == nil { notes.append("# its header fields are not kept any more") }
    return notes
  }

  /// - Returns: False for what no argument can hold, what curl would take for a file's name, and
  ///   what a terminal would obey.
  private func mayBeArgument(_ body: [UInt8]) -> Bool {
    guard body.count <= TerminalLimits.argumentBytesMax, body.first != UInt8(ascii: "@"),
      !body.contains(0), let text = String(validating: body, as: UTF8.self)
    else { return false }
    return !isTerminal || !text.unicodeScalars.contains { $0.isHidden && $0 != "\n" }
  }

  /// A format for `printf` that prints the bytes.
  ///
  /// Source: POSIX, XCU, “File Format Notation”: a backslash and three octal digits are a byte.
  private static func format(_ bytes: [UInt8]) -> String {
    var format = ""
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "%"): format += "%%"
      case UInt8(ascii: "'"), UInt8(ascii: "\\"), 0..<0x20, 0x7F...:
        let digits = String(byte, radix: 8)
        format += "\\" + String(repeating: "0", count: 3 - digits.count) + digits
      default: format.unicodeScalars.append(UnicodeScalar(byte))
      }
    }
    return format
  }

  /// One word of a shell.
  private func quoted(_ text: String) -> String {
    "'" + text.replacing("'", with: #"'\''"#) + "'"
  }
}

extension RecordedExchange {
  /// Request and answer in the form of HTTP/1.1, the bodies byte by byte as they went, an empty
  /// line between the two.
  var rawBytes: [UInt8] {
    func block(_ first: String, _ fields: [Field], _ body: [UInt8]) -> [UInt8] {
      let head = [first] + fields.map { "\($0.name): \($0.value)" } + ["", ""]
      return Array(head.joined(separator: "\r\n").utf8) + body
    }
    let authority = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
    let path = authority.drop { !"/?#".contains($0) }.prefix { $0 != "#" }
    let target = path.hasPrefix("/") ? String(path) : "/\(path)"
    var bytes = block("\(method) \(target) HTTP/1.1", headers ?? [], body ?? [])
    if let answer = outcome?.answer {
      bytes += Array("\r\n\r\n".utf8)
      bytes += block("HTTP/1.1 \(statusLine(answer.status))", answer.headers, answer.body)
    }
    return bytes
  }
}
