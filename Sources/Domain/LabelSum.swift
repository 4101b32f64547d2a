/// The labels of an object, such as a message's, as a sum in which their order does not
/// count, so that a listing label by label can add it up.
///
///     8123 5f3a90c2b1d4     revision 8123 of the provider, with the sum of the labels
///     - 5f3a90c2b1d4        seen in a listing, which shows no revision
package enum LabelSum {
  /// One label: 48 bits, so that thousands of them stay below 2^63.
  /// Source: Fowler, Noll, Vo, FNV-1a, 64 bits, its upper part folded in.
  package static func of(_ label: String) -> Int64 {
    let mark = label.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01B3
    }
    return Int64((mark ^ (mark >> 48)) & 0xFFFF_FFFF_FFFF)
  }

  /// All of an object's labels.
  package static func of(_ labels: some Sequence<String>) -> Int64 {
    Set(labels).reduce(0) { $0 + of($1) }
  }

  /// The revision as it is kept.
  ///
  /// - Parameter own: The provider's; nil where a listing did not show it.
  package static func revision(_ own: String?, sum: Int64) -> String {
    "\(own ?? "-") \(String(sum, radix: 16))"
  }

  /// The sum in a revision; nil where it holds none.
  package static func sum(of revision: String) -> Int64? {
    revision.split(separator: " ").last.flatMap { Int64($0, radix: 16) }
  }

  /// Tells if a revision is from a listing: the sum alone.
  package static func isOfListing(_ revision: String) -> Bool { revision.hasPrefix("- ") }

  /// Tells if two revisions are of the same state: the provider’s own are the same, or one is not
  /// known and the labels are.
  package static func isSame(_ one: String, _ other: String) -> Bool {
    let (mine, theirs) = (one.split(separator: " "), other.split(separator: " "))
    guard mine.count == 2, theirs.count == 2 else { return one == other }
    if mine[0] == "-" || theirs[0] == "-" { return mine[1] == theirs[1] }
    return mine[0] == theirs[0]
  }
}
