/// Positions as a person reads them, those that follow each other as one range.
///
///     18, 22..24, 40
///     18, 22..24, 40, … 9311 in all
package struct FrozenSelection: Sendable {
  package private(set) var ranges: [ClosedRange<Int64>] = []

  /// True once there are more ranges than are told.
  package var isFull: Bool { ranges.count > Limits.rangesToldMax }

  package init() {}

  /// Takes one more position, which is past all those before.
  package mutating func add(_ position: Int64) {
    if let last = ranges.last, last.upperBound + 1 == position {
      ranges[ranges.count - 1] = last.lowerBound...position
    } else {
      ranges.append(position...position)
    }
  }

  /// - Parameter count: How many positions there are, told where not all of them are.
  package func text(of count: Int) -> String {
    let told = ranges.prefix(Limits.rangesToldMax).map { range in
      range.lowerBound == range.upperBound
        ? "\(range.lowerBound)" : "\(range.lowerBound)..\(range.upperBound)"
    }
    return told.joined(separator: ", ") + (isFull ? ", … \(count) in all" : "")
  }
}
