import Crypto
import Events
import RawJSON

extension JournalReader {
  /// Hashes all payloads, and names those that are not what they were. For a reader of its own.
  ///
  /// A recipe over what was removed is gone with it.
  ///
  /// - Returns: One sentence each, at most a hundred.
  func checkPayloads(without removed: RemovedPayloads) async -> Result<[String], JournalError> {
    var problems: [String] = []
    do {
      try connection.map(0)
      try connection.keepPages(kilobytes: Bounds.verifyingCacheKilobytes)
      var after: Int64 = 0
      while let last = try checkPayloads(after: after, removed, &problems) {
        after = last
        if Task.isCancelled { return .failure(.stopped) }
        await Task.yield()
      }
      return .success(problems)
    } catch {
      return .failure(error)
    }
  }

  /// A page of payloads, over one view of the file.
  ///
  /// - Returns: The number of the last; nil where there is none.
  private func checkPayloads(
    after: Int64, _ removed: RemovedPayloads, _ problems: inout [String]
  ) throws(JournalError) -> Int64? {
    try connection.snapshot { () throws(JournalError) in
      let query = try connection.statement(SQL.listPayloads)
      defer { query.reset() }
      try query.bind("after", .integer(after))
      try query.bind("limit", .integer(Int64(Bounds.pageRows)))
      var last: Int64?
      while try query.step() {
        last = query.integer(0)
        guard problems.count < 100 else { continue }
        if let problem = try self.problem(query, removed) { problems.append(problem) }
      }
      return last
    }
  }

  /// The sentence about a payload that is not what it was; nil for a whole one.
  private func problem(
    _ row: Statement, _ removed: RemovedPayloads
  ) throws(JournalError) -> String? {
    do {
      try check(row)
      return nil
    } catch {
      switch error {
      case .alteredPayload(let name): return "payload \(name): its bytes are not the original"
      case .noPayload(let name, _):
        if removed.expunger(of: name) != nil { return nil }
        let digest = hexadecimal(row.bytes(1))
        return "payload \(digest): a recipe over \(name), which is not kept"
      default: throw error
      }
    }
  }

  private func check(_ row: Statement) throws(JournalError) {
    let digest = row.bytes(1)
    var hash = SHA256()
    hash.update(bufferPointer: row.blobThere(2))
    if row.text(3) == "bytes" {
      hash.update(bufferPointer: row.blobThere(4))
    } else {
      try connection.hash(
        recipe: row.blobThere(4), of: digest, length: row.integer(5), into: &hash)
    }
    guard hash.finalize().elementsEqual(digest) else {
      throw .alteredPayload(digest: hexadecimal(digest))
    }
  }
}

extension Connection {
  /// Hashes what a recipe makes, piece by piece.
  fileprivate func hash(
    recipe: UnsafeRawBufferPointer, of digest: [UInt8], length: Int64, into hash: inout SHA256
  ) throws(JournalError) {
    var room = RecipeRoom()
    var left = length
    var pieces: [JSONWalk.Value] = []
    var isWhole = false
    if !recipe.isEmpty {
      var walk = JSONWalk(recipe)
      isWhole = walk.elements { pieces.append($0) } && walk.isAtEnd()
    }
    guard isWhole else { throw .alteredPayload(digest: hexadecimal(digest)) }
    for piece in pieces {
      if piece.kind == .text {
        if !piece.hasEscapes {
          hash.update(bufferPointer: piece.bytes)
          left -= Int64(piece.bytes.count)
          continue
        }
        guard let plain = piece.unescaped() else { break }
        hash.update(data: plain)
        left -= Int64(plain.count)
      } else {
        guard
          let part = try? BodyDecoder(value: piece).decode(RecipePart.self),
          case .payload(let name) = part, let inner = bytesOf(hexadecimal: name), room.take(),
          left >= 0
        else { throw .alteredPayload(digest: hexadecimal(digest)) }
        left -= try hashInner(inner, &room, into: &hash)
      }
    }
  }

  /// Plain bytes are hashed where they stand; they have a turn of their own to be checked by.
  ///
  /// - Returns: How many bytes there were.
  private func hashInner(
    _ digest: [UInt8], _ room: inout RecipeRoom, into hash: inout SHA256
  ) throws(JournalError) -> Int64 {
    let query = try statement(SQL.loadPayload)
    try query.bind("digest", .bytes(digest))
    guard try query.step() else { throw .noPayload(digest: hexadecimal(digest)) }
    if query.text(2) == "bytes" {
      let bytes = query.blobThere(4)
      hash.update(bufferPointer: bytes)
      defer { query.reset() }
      return Int64(bytes.count)
    }
    query.reset()
    let whole = try payload(digest, depth: 1, &room)
    hash.update(data: whole)
    return Int64(whole.count)
  }
}
