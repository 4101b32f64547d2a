import Crypto

/// The hashes of a Merkle tree, as RFC 6962, section 2.1, has it. The leaves are the digests of the
/// log: leaf 0 is that of position 1.
///
///     leaf(d)    = SHA-256( 00 ‖ d )
///     node(l, r) = SHA-256( 01 ‖ l ‖ r )
///     tree(1)    = leaf(d0);  tree(n) = node( tree of the first k, tree of the rest )
///                  k: the greatest power of two below n
///
/// So a root of 32 bytes stands for the whole log up to an event, and a dozen hashes show that one
/// event stands under it, or that a later root continues it, without showing anything else.
package enum MerkleTree {
  /// The root over nothing.
  package static let empty = [UInt8](SHA256.hash(data: [UInt8]()))

  /// The hash of a leaf, which stands for it in the nodes above.
  package static func leaf(_ bytes: [UInt8]) -> [UInt8] { hash(0, bytes, []) }

  static func node(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] { hash(1, left, right) }

  private static func hash(_ kind: UInt8, _ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
    SHA256.hash(data: [kind] + left + right).withUnsafeBytes { [UInt8]($0) }
  }

  /// The leaves of the first subtree of a tree with more than one.
  static func split(_ count: Int) -> Int {
    precondition(count > 1, "a tree of \(count) leaves is not split")
    return 1 << (Int.bitWidth - (count - 1).leadingZeroBitCount - 1)
  }

  /// The subtrees whose hashes lead from a leaf to the root, from the bottom.
  package static func inclusion(of leaf: Int, in tree: Range<Int>) -> [Range<Int>] {
    precondition(tree.contains(leaf), "leaf \(leaf) is not in \(tree)")
    guard tree.count > 1 else { return [] }
    let middle = tree.lowerBound + split(tree.count)
    let (first, rest) = (tree.lowerBound..<middle, middle..<tree.upperBound)
    return leaf < middle
      ? inclusion(of: leaf, in: first) + [rest] : inclusion(of: leaf, in: rest) + [first]
  }

  /// The subtrees whose hashes show that a tree continues that of its first leaves.
  ///
  /// - Parameter earlier: How many leaves that had; at least one.
  package static func consistency(from earlier: Int, to later: Int) -> [Range<Int>] {
    precondition(1...later ~= earlier, "a tree of \(later) leaves continues none of \(earlier)")
    return consistency(earlier, in: 0..<later, isKnown: true)
  }

  /// - Parameter isKnown: True where the whole of what is left is the earlier tree itself, whose
  ///   root the reader has.
  private static func consistency(
    _ earlier: Int, in tree: Range<Int>, isKnown: Bool
  ) -> [Range<Int>] {
    if earlier == tree.count { return isKnown ? [] : [tree] }
    let count = split(tree.count)
    let middle = tree.lowerBound + count
    let (first, rest) = (tree.lowerBound..<middle, middle..<tree.upperBound)
    return earlier <= count
      ? consistency(earlier, in: first, isKnown: isKnown) + [rest]
      : consistency(earlier - count, in: rest, isKnown: false) + [first]
  }
}

/// The hashes of complete blocks of leaves, from which those of all greater subtrees follow.
///
/// A block is 256 leaves, so that a million events are 4,000 hashes. Smaller subtrees are computed
/// from their leaves, which are asked for.
package struct MerkleBlocks {
  static let size = 256
  private var blocks: [[UInt8]] = []
  private var open: [[UInt8]] = []

  package init() {}

  /// Takes in the next digest of the log.
  mutating func append(_ digest: [UInt8]) {
    open.append(MerkleTree.leaf(digest))
    guard open.count == Self.size else { return }
    blocks.append(Self.root(open[...]))
    open.removeAll(keepingCapacity: true)
  }

  /// The root over hashes of leaves.
  static func root(_ leaves: ArraySlice<[UInt8]>) -> [UInt8] {
    guard leaves.count > 1 else { return leaves.first ?? MerkleTree.empty }
    let middle = leaves.startIndex + MerkleTree.split(leaves.count)
    return MerkleTree.node(root(leaves[..<middle]), root(leaves[middle...]))
  }

  /// The hash of a subtree.
  ///
  /// - Parameter digests: Asked for those of less than a block.
  func hash<Failure: Error>(
    of leaves: Range<Int>, _ digests: (Range<Int>) throws(Failure) -> [[UInt8]]
  ) throws(Failure) -> [UInt8] {
    if leaves.count == Self.size, leaves.lowerBound.isMultiple(of: Self.size) {
      return blocks[leaves.lowerBound / Self.size]
    }
    guard leaves.count > Self.size else {
      return Self.root(try digests(leaves).map(MerkleTree.leaf)[...])
    }
    let middle = leaves.lowerBound + MerkleTree.split(leaves.count)
    return MerkleTree.node(
      try hash(of: leaves.lowerBound..<middle, digests),
      try hash(of: middle..<leaves.upperBound, digests))
  }
}
