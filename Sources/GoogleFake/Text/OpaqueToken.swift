import FoundationEssentials

/// Numbers behind a text that callers can only hand back: page tokens and sync tokens.
///
/// The numbers are written seven bits a byte, followed by four bytes that tell a changed text, all
/// in Base64 with its padding; so a token may hold `+`, `/` and `=`, as Google's do.
enum OpaqueToken {
  static func text(_ numbers: [Int64]) -> String {
    var bytes: [UInt8] = []
    for number in numbers {
      var rest = UInt64(bitPattern: number << 1 ^ number >> 63)
      while rest >= 128 {
        bytes.append(UInt8(rest & 127 | 128))
        rest >>= 7
      }
      bytes.append(UInt8(rest))
    }
    let check = UInt32(truncatingIfNeeded: fingerprint(bytes))
    for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: check >> shift)) }
    return Data(bytes).base64EncodedString()
  }

  /// The numbers of a token of ours; nil for every other text.
  static func numbers(_ text: String) -> [Int64]? {
    guard let data = Data(base64Encoded: text), data.count > 4, data.count < 256 else { return nil }
    let bytes = Array(data.dropLast(4))
    let check = data.suffix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    guard check == UInt32(truncatingIfNeeded: fingerprint(bytes)) else { return nil }
    var numbers: [Int64] = []
    var value: UInt64 = 0
    var shift: UInt64 = 0
    for byte in bytes {
      value |= UInt64(byte & 127) << shift
      shift += 7
      guard byte < 128 else { continue }
      numbers.append(Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1))
      (value, shift) = (0, 0)
    }
    return shift == 0 ? numbers : nil
  }

  /// FNV-1a, 64 bits: tells texts apart, keeps no secret.
  static func fingerprint(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(14_695_981_039_346_656_037) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
  }
}

/// Chance from a seed, so that a run can be had again. Source: Steele, Lea, Flood: SplitMix64.
package struct FakeRandom: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64) {
    state = seed
  }

  /// The next number of a SplitMix64 sequence.
  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }

  /// Letters and digits that nobody guesses by accident.
  mutating func word(_ length: Int) -> String {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
    var word: [UInt8] = []
    for _ in 0..<length { word.append(letters[Int(next() % UInt64(letters.count))]) }
    return String(decoding: word, as: UTF8.self)
  }
}
