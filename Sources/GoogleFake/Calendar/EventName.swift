/// An event's id. Those that the stand-in draws itself take 16 bytes instead of a text.
///
/// Drawn ids are 26 digits of base32hex, the first of them below 8: `4k3m0q7v1s2t5n8r6p9o0lhj2c`.
enum EventName: Hashable, Sendable {
  case drawn(UInt128)
  case given(String)

  init(_ text: String) {
    self = EventName.number(text).map(EventName.drawn) ?? .given(text)
  }

  init(drawnFrom random: inout FakeRandom) {
    self = .drawn(UInt128(random.next()) << 64 | UInt128(random.next()))
  }

  var text: String {
    switch self {
    case .given(let text): return text
    case .drawn(let number):
      var digits: [UInt8] = []
      digits.reserveCapacity(26)
      for place in stride(from: 125, through: 0, by: -5) {
        let digit = UInt8(truncatingIfNeeded: number >> UInt128(place)) & 31
        digits.append(digit < 10 ? 48 + digit : 87 + digit)
      }
      return String(decoding: digits, as: UTF8.self)
    }
  }

  /// Google takes an id that the caller chose if it is 5 to 1,024 letters from a to v and digits.
  /// Source: Calendar API v3, `Event.id`.
  static func isAllowed(_ text: String) -> Bool {
    (5...1_024).contains(text.utf8.count)
      && text.utf8.allSatisfy { (48...57).contains($0) || (97...118).contains($0) }
  }

  private static func number(_ text: String) -> UInt128? {
    guard text.utf8.count == 26, let first = text.utf8.first, first < 56 else { return nil }
    var number: UInt128 = 0
    for byte in text.utf8 {
      switch byte {
      case 48...57: number = number << 5 | UInt128(byte - 48)
      case 97...118: number = number << 5 | UInt128(byte - 87)
      default: return nil
      }
    }
    return number
  }
}
