extension JournalReader {
  /// The tree over the digests of the log up to an event, to be asked for any number of hashes.
  ///
  /// It reads every digest once, page by page; nothing is held open between two pages.
  ///
  /// - Parameters:
  ///   - size: The position of the last event that it covers.
  ///   - progress: Told how far it is.
  /// - Throws: `stopped` where the task was cancelled.
  package func tree(
    of size: Int64, progress: @Sendable (Int64) -> Void = { _ in }
  ) async throws(JournalError) -> MerkleBlocks {
    var blocks = MerkleBlocks()
    var after: Int64 = 0
    while after < size {
      let until = min(size, after + Int64(Bounds.pageRows))
      for digest in try digests(after: after, until: until) { blocks.append(digest) }
      after = until
      progress(after)
      if Task.isCancelled { throw .stopped }
      await Task.yield()
    }
    return blocks
  }

  /// The hashes of subtrees; leaf 0 is position 1.
  package func hashes(
    of subtrees: [Range<Int>], in blocks: MerkleBlocks
  ) throws(JournalError) -> [[UInt8]] {
    var hashes: [[UInt8]] = []
    for subtree in subtrees {
      hashes.append(
        try blocks.hash(of: subtree) { leaves throws(JournalError) in
          try digests(after: Int64(leaves.lowerBound), until: Int64(leaves.upperBound))
        })
    }
    return hashes
  }

  private func digests(after: Int64, until: Int64) throws(JournalError) -> [[UInt8]] {
    let digests = try connection.snapshot { () throws(JournalError) in
      let query = try connection.statement(SQL.listDigests)
      defer { query.reset() }
      try query.bind("after", .integer(after))
      try query.bind("until", .integer(until))
      var digests: [[UInt8]] = []
      while try query.step() { digests.append(query.bytes(0)) }
      return digests
    }
    guard digests.count == until - after else {
      throw .damaged(path: path, why: "events are missing between \(after) and \(until)")
    }
    return digests
  }
}
