import Glibc

/// Finds a name among a fixed set by its bytes, without making a text of it.
///
/// Each name has a slot of its own: the multiplier is searched for when the table is made.
struct NameTable: Sendable {
  private let names: [[UInt8]]
  private let multiplier: UInt64
  /// The place of the name of each slot, counted from 1; 0: none.
  private let slots: [UInt8]

  private static let bits: UInt64 = 11

  init(_ texts: [String]) {
    precondition(texts.count < 256, "a table has room for 255 names, not \(texts.count)")
    names = texts.map { Array($0.utf8) }
    var multiplier: UInt64 = 0x9e37_79b9_7f4a_7c15
    while true {
      var slots = [UInt8](repeating: 0, count: 1 << Int(Self.bits))
      var isFree = true
      for (place, name) in names.enumerated() {
        let slot = name.withUnsafeBytes { Self.slot($0, multiplier) }
        guard slots[slot] == 0 else {
          isFree = false
          break
        }
        slots[slot] = UInt8(place + 1)
      }
      if isFree {
        self.slots = slots
        self.multiplier = multiplier
        return
      }
      multiplier &+= 0x5851_f42d_4c95_7f2e
    }
  }

  /// The place of a name in the order in which they were given.
  func place(of name: UnsafeRawBufferPointer) -> Int? {
    let place = Int(slots[Self.slot(name, multiplier)]) - 1
    guard place >= 0 else { return nil }
    let isSame = names[place].withUnsafeBytes { same($0, name) }
    return isSame ? place : nil
  }

  /// The length, the first eight bytes and the last eight tell names apart.
  private static func slot(_ name: UnsafeRawBufferPointer, _ multiplier: UInt64) -> Int {
    var first = UInt64(name.count)
    var last: UInt64 = 0
    if name.count >= 8 {
      first = name.loadUnaligned(as: UInt64.self)
      last = name.loadUnaligned(fromByteOffset: name.count - 8, as: UInt64.self)
    } else {
      for byte in name { first = first << 8 | UInt64(byte) }
    }
    let mixed = ((first ^ first >> 29) &* multiplier ^ last &* 0xff51_afd7_ed55_8ccd) &* multiplier
    return Int(mixed >> (64 - bits))
  }
}

/// Compares two stretches of bytes.
func same(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
  guard left.count == right.count else { return false }
  guard let first = left.baseAddress, let second = right.baseAddress else { return true }
  return memcmp(first, second, left.count) == 0
}
