import EventStore
import Events
import Testing

@testable import EventStore

@Suite struct MerkleTreeTests {
  /// The leaves of Certificate Transparency’s own test, and the roots over the first of them.
  /// Source: google/certificate-transparency, merkle_tree_test, as RFC 6962 defines the tree.
  private static let leaves = [
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
  ].map { bytesOf(hexadecimal: $0) ?? [] }

  @Test func `the hashes are those of RFC 6962`() {
    let hashes = Self.leaves.map(MerkleTree.leaf)
    #expect(
      hexadecimal(MerkleTree.empty)
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(
      hexadecimal(hashes[0]) == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")
    #expect(
      hexadecimal(MerkleBlocks.root(hashes[...]))
        == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")
  }

  private func digests(_ count: Int) -> [[UInt8]] {
    (0..<count).map { [UInt8](repeating: UInt8($0 % 251), count: 31) + [UInt8($0 / 251)] }
  }

  @Test func `blocks give the same roots as all leaves`() {
    for size in [1, 2, 255, 256, 257, 300, 511, 512, 513, 1_000, 1_025] {
      let digests = digests(size)
      var blocks = MerkleBlocks()
      for digest in digests { blocks.append(digest) }
      let whole = MerkleBlocks.root(digests.map(MerkleTree.leaf)[...])
      let root = blocks.hash(of: 0..<size) { leaves in Array(digests[leaves]) }
      #expect(root == whole, "\(size) leaves")
    }
  }

  @Test func `each leaf leads to the root by its path`() {
    for size in 1...40 {
      let hashes = digests(size).map(MerkleTree.leaf)
      let root = MerkleBlocks.root(hashes[...])
      for leaf in 0..<size {
        var above = hashes[leaf]
        for subtree in MerkleTree.inclusion(of: leaf, in: 0..<size) {
          let other = MerkleBlocks.root(hashes[subtree])
          above =
            subtree.lowerBound > leaf
            ? MerkleTree.node(above, other) : MerkleTree.node(other, above)
        }
        #expect(above == root, "leaf \(leaf) of \(size)")
      }
    }
  }
}
