/// Chance that the same seed repeats: SplitMix64.
///
/// Source: Steele, Lea, Flood, “Fast Splittable Pseudorandom Number Generators”.
struct SeededRandom: RandomNumberGenerator, Sendable {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 ^ 0xD1B5_4A32_D192_ED03 }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }

  /// Whether something that happens so many times in a thousand happens now.
  mutating func happens(permille: Int) -> Bool { Int(next() % 1_000) < permille }

  mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

  mutating func pick<Element>(_ elements: [Element]) -> Element? {
    elements.randomElement(using: &self)
  }

  /// A generator of its own, so that what one part draws leaves the others alone.
  mutating func fork() -> SeededRandom { SeededRandom(seed: next()) }
}
