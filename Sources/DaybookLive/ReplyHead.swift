import Domain

/// The status line and headers of a reply, collected line by line as libcurl hands them over.
///
///     HTTP/1.1 100 Continue          forgotten, since a final status follows
///                                    (blank)
///     HTTP/1.1 200 OK                status 200
///     Content-Type: text/plain       one header
///                                    (blank) complete; what still comes are trailers, ignored
struct ReplyHead {
  /// 0 before the first status line.
  private(set) var status = 0
  private(set) var headers: [Header] = []
  /// True once a final status and all of its headers have come; interim ones do not count.
  private(set) var isComplete = false
  private var bytes = 0

  /// Bytes of all lines, interim replies and trailers too; real replies need a few thousand.
  static let bytesMax = 64 * 1_024

  /// Takes the next line, with its line break.
  ///
  /// - Returns: False where the lines pass their bound, and reading has to end.
  mutating func add(_ line: UnsafeRawBufferPointer) -> Bool {
    bytes += line.count
    guard bytes <= Self.bytesMax else { return false }
    if isComplete { return true }
    let text = trimmed(line)
    if text.isEmpty {
      isComplete = status >= 200
    } else if text.hasPrefix("HTTP/") {
      status = Int(text.split(separator: " ").dropFirst().first ?? "") ?? 0
      headers = []
    } else if line.first == 32 || line.first == 9, let last = headers.popLast() {
      headers.append(Header(last.name, last.value + " " + text))
    } else if let colon = text.firstIndex(of: ":") {
      let value = trimmed(text[text.index(after: colon)...].utf8)
      headers.append(Header(String(text[..<colon]), value))
    }
    return true
  }
}

/// The text without the blanks, tabs and line breaks at both ends.
private func trimmed(_ bytes: some BidirectionalCollection<UInt8>) -> String {
  let isBlank: (UInt8) -> Bool = { $0 == 32 || $0 == 9 || $0 == 10 || $0 == 13 }
  let tail = bytes.drop(while: isBlank)
  guard let end = tail.lastIndex(where: { !isBlank($0) }) else { return "" }
  return String(decoding: tail[...end], as: UTF8.self)
}
