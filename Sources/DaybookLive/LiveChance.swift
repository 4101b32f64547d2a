/// Chance from the system’s generator, fit for keys and tokens.
package enum LiveChance {
  /// Any of the 2⁶⁴ numbers, each as likely.
  package static func number() -> UInt64 {
    var generator = SystemRandomNumberGenerator()
    return generator.next()
  }

  /// That many bytes, each drawn on its own.
  package static func bytes(_ count: Int) -> [UInt8] {
    precondition(count >= 0, "a count of bytes is not negative, as \(count) is")
    var generator = SystemRandomNumberGenerator()
    return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
  }
}
