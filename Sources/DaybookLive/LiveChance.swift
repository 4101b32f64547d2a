import Glibc
import Synchronization

/// Chance from the system’s generator, fit for keys and tokens.
package enum LiveChance {
  /// Numbers drawn and not yet given out: an attempt takes five, and asking the system for each
  /// costs more than the rest of it.
  private static let drawn = Mutex<[UInt64]>([])
  /// 256 bytes: what `getentropy` gives at most.
  private static let drawnMax = 32

  /// Any of the 2⁶⁴ numbers, each as likely; given out once, and not kept.
  package static func number() -> UInt64 {
    drawn.withLock { drawn in
      if drawn.isEmpty { drawn = fresh() }
      let last = drawn.count - 1
      // A secret may be made of it.
      defer { drawn[last] = 0; drawn.removeLast() }
      return drawn[last]
    }
  }

  private static func fresh() -> [UInt64] {
    [UInt64](unsafeUninitializedCapacity: drawnMax) { buffer, count in
      let bytes = UnsafeMutableRawBufferPointer(buffer)
      guard let start = bytes.baseAddress, getentropy(start, bytes.count) == 0 else {
        preconditionFailure("the system gives no random bytes: error \(errno)")
      }
      count = drawnMax
    }
  }

  /// That many bytes, each drawn on its own.
  package static func bytes(_ count: Int) -> [UInt8] {
    precondition(count >= 0, "a count of bytes is not negative, as \(count) is")
    var generator = SystemRandomNumberGenerator()
    return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
  }
}
