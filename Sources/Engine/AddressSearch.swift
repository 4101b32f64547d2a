import FoundationEssentials

/// Looks for an address in bytes as they came: JSON, mail in it, parts of either.
///
/// Letters count as the same in either case. What stands next to it must not be part of a longer
/// address: `ann@example.com` is not in `joann@example.com`, nor in `ann@example.com.au`. Found is
/// what stands there as it is, behind JSON's escapes, with `%40`, or in base64 of either alphabet,
/// as mail bodies have it. Not found is what another encoding hides, such as a name in place of the
/// address, or an attachment that is packed.
struct AddressSearch: Sendable {
  private let address: [UInt8]
  private let escaped: [UInt8]

  /// - Parameter address: Without blanks at its ends.
  init(_ address: String) {
    let lower = address.lowercased()
    self.address = Array(lower.utf8)
    escaped = Array(lower.replacing("@", with: "%40").utf8)
  }

  /// True where the bytes hold it.
  func isIn(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let plain = Self.unescaped(bytes)
    if holds(plain.map(Self.lowered)) { return true }
    return Self.encodedRuns(in: plain).contains { run in
      Self.decoded(plain[run]).map { holds($0.map(Self.lowered)) } ?? false
    }
  }

  private func holds(_ lower: [UInt8]) -> Bool {
    Self.find(address, in: lower) || Self.find(escaped, in: lower)
  }

  /// Finds a word whose neighbours do not belong to it.
  private static func find(_ word: [UInt8], in bytes: [UInt8]) -> Bool {
    guard let first = word.first, bytes.count >= word.count else { return false }
    var place = 0
    while let start = bytes[place...].firstIndex(of: first), start + word.count <= bytes.count {
      place = start + 1
      let end = start + word.count
      guard bytes[start..<end].elementsEqual(word) else { continue }
      if start > 0, isOfLocalPart(bytes[start - 1]) { continue }
      if end < bytes.count, isOfDomain(bytes[end]) { continue }
      // A full stop ends a sentence, or goes on with a longer domain.
      if end + 1 < bytes.count, bytes[end] == UInt8(ascii: "."), isOfDomain(bytes[end + 1]) {
        continue
      }
      return true
    }
    return false
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...:
      true
    default: false
    }
  }

  private static func isOfLocalPart(_ byte: UInt8) -> Bool {
    isAlphanumeric(byte) || "._%+-".utf8.contains(byte)
  }

  private static func isOfDomain(_ byte: UInt8) -> Bool {
    isAlphanumeric(byte) || byte == UInt8(ascii: "-")
  }

  /// JSON's escapes as what they stand for; those past ASCII are a blank.
  static func unescaped(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    var plain: [UInt8] = []
    plain.reserveCapacity(bytes.count)
    var place = 0
    while place < bytes.count {
      let byte = bytes[place]
      place += 1
      guard byte == UInt8(ascii: "\\"), place < bytes.count else {
        plain.append(byte)
        continue
      }
      let kind = bytes[place]
      place += 1
      guard kind == UInt8(ascii: "u"), place + 4 <= bytes.count else {
        plain.append("\"\\/".utf8.contains(kind) ? kind : UInt8(ascii: " "))
        continue
      }
      let digits = String(decoding: bytes[place..<place + 4], as: UTF8.self)
      place += 4
      let code = UInt16(digits, radix: 16) ?? 0x20
      plain.append(code < 0x80 ? UInt8(code) : UInt8(ascii: " "))
    }
    return plain
  }

  private static func lowered(_ byte: UInt8) -> UInt8 {
    byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
  }

  /// Stretches that may be base64, long enough for an address.
  private static func encodedRuns(in bytes: [UInt8]) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    var start: Int?
    for (place, byte) in bytes.enumerated() {
      let isCode = byte < 0x80 && (isAlphanumeric(byte) || "-_+/".utf8.contains(byte))
      if isCode {
        start = start ?? place
      } else if let begin = start {
        if place - begin >= 12 { runs.append(begin..<place) }
        start = nil
      }
    }
    if let start, bytes.count - start >= 12 { runs.append(start..<bytes.count) }
    return runs
  }

  private static func decoded(_ run: ArraySlice<UInt8>) -> [UInt8]? {
    var text = run.map { byte -> UInt8 in
      switch byte {
      case UInt8(ascii: "-"): UInt8(ascii: "+")
      case UInt8(ascii: "_"): UInt8(ascii: "/")
      default: byte
      }
    }
    // Of a last quantum that is cut the whole ones.
    if text.count % 4 == 1 { text.removeLast() }
    text += [UInt8](repeating: UInt8(ascii: "="), count: (4 - text.count % 4) % 4)
    return Data(base64Encoded: Data(text)).map(Array.init)
  }
}

/// Looks for ids of objects, each as a whole JSON string or the end of a name such as
/// `contactGroups/ID`.
struct IDSearch: Sendable {
  private let ids: Set<[UInt8]>

  init(_ ids: some Sequence<String>) { self.ids = Set(ids.map { Array($0.utf8) }) }

  func isIn(_ bytes: UnsafeRawBufferPointer) -> Bool {
    // In a recipe the quotes of the text are escaped.
    let plain = AddressSearch.unescaped(bytes)
    return plain.split(separator: UInt8(ascii: "\"")).contains { text in
      if ids.contains(Array(text)) { return true }
      guard let slash = text.lastIndex(of: UInt8(ascii: "/")) else { return false }
      return ids.contains(Array(text[(slash + 1)...]))
    }
  }
}
