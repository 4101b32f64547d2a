import Crypto
import Events

/// Bytes kept beside the log, exactly as received or sent.
package struct Payload: Sendable, Equatable {
  /// The use that it has: folds need state, and only people need evidence.
  package enum Kind: String, Sendable { case state, evidence }

  package let digest: [UInt8]
  let salt: [UInt8]
  let kind: Kind
  let form: String
  let length: Int
  let content: [UInt8]

  /// Keeps the bytes as they are.
  ///
  /// - Parameter salt: 16 bytes of chance, so that what is forgotten cannot be guessed back.
  package init(_ bytes: [UInt8], kind: Kind, salt: [UInt8]) {
    precondition(salt.count == 16, "a salt has 16 bytes, not \(salt.count)")
    self.salt = salt
    self.kind = kind
    form = "bytes"
    length = bytes.count
    content = bytes
    digest = Payload.digest(salt: salt, bytes)
  }

  /// Keeps a recipe: bytes that stand elsewhere in the journal are named, not stored again.
  ///
  ///     ["{\"message\":…", {"payload": "9f86…"}, "…}"]
  ///
  /// - Parameters:
  ///   - pieces: In order; texts are UTF-8.
  ///   - whole: What the pieces make; the digest covers it, so that a wrong recipe shows.
  package init(recipe pieces: [Piece], whole: [UInt8], salt: [UInt8]) {
    precondition(salt.count == 16, "a salt has 16 bytes, not \(salt.count)")
    self.salt = salt
    kind = .evidence
    form = "recipe"
    length = whole.count
    content = Payload.encoded(pieces)
    digest = Payload.digest(salt: salt, whole)
  }

  /// A piece of a recipe.
  package enum Piece: Sendable, Equatable {
    case text([UInt8])
    case payload(digest: [UInt8])
  }

  /// Bytes that it takes in the journal.
  package var bytesKept: Int { content.count }

  /// The digest as it stands in bodies of events.
  package var name: String { hexadecimal(digest) }

  /// SHA-256 of bytes that are not kept, hexadecimal: who has them can tell that they are the same.
  package static func plainDigest(of bytes: [UInt8]) -> String {
    hexadecimal(Array(SHA256.hash(data: bytes)))
  }

  static func digest(salt: [UInt8], _ bytes: [UInt8]) -> [UInt8] {
    var hash = SHA256()
    hash.update(data: salt)
    hash.update(data: bytes)
    return Array(hash.finalize())
  }

  private static func encoded(_ pieces: [Piece]) -> [UInt8] {
    var parts: [RecipePart] = []
    for piece in pieces {
      switch piece {
      case .text(let bytes): parts.append(.text(String(decoding: bytes, as: UTF8.self)))
      case .payload(let digest): parts.append(.payload(hexadecimal(digest)))
      }
    }
    do {
      return Array(try BodyEncoder.text(of: parts).utf8)
    } catch {
      preconditionFailure("a recipe that JSON cannot hold: \(error)")
    }
  }
}

/// The bytes of a payload, and what its digest covers before them.
package struct KeptPayload: Sendable {
  package let digest: [UInt8]
  package let salt: [UInt8]
  package let bytes: [UInt8]
}

/// One element of a recipe's JSON: a string, or `{"payload": digest}`.
enum RecipePart: Codable {
  case text(String)
  case payload(String)

  private struct Reference: Codable { let payload: String }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let text = try? container.decode(String.self) {
      self = .text(text)
    } else {
      self = .payload(try container.decode(Reference.self).payload)
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .text(let text): try container.encode(text)
    case .payload(let digest): try container.encode(Reference(payload: digest))
    }
  }
}

/// How many payloads a recipe and those within it may still name: also empty ones take time.
struct RecipeRoom {
  /// More than the objects of a page, thrice over.
  private var left = 100_000

  mutating func take() -> Bool {
    left -= 1
    return left >= 0
  }
}

extension Connection {
  /// The bytes kept under a digest, a recipe carried out, checked against the digest.
  ///
  /// - Throws: `noPayload` where they are not kept, with the event that removed them;
  ///   `alteredPayload` where they are not the original.
  package func payload(_ digest: [UInt8]) throws(JournalError) -> [UInt8] {
    var room = RecipeRoom()
    return try payload(digest, depth: 0, &room)
  }

  func payload(
    _ digest: [UInt8], depth: Int, _ room: inout RecipeRoom
  ) throws(JournalError) -> [UInt8] {
    let query = try statement(SQL.loadPayload)
    try query.bind("digest", .bytes(digest))
    guard try query.step() else { throw try missing(digest) }
    let salt = query.bytes(0)
    let form = query.text(2)
    let length = Int(clamping: query.integer(3))
    let content = query.bytes(4)
    query.reset()
    let whole =
      form == "bytes"
      ? content : try carryOut(content, named: digest, length: length, depth: depth, &room)
    guard Payload.digest(salt: salt, whole) == digest else {
      throw .alteredPayload(digest: hexadecimal(digest))
    }
    return whole
  }

  /// The error about bytes that are not kept.
  private func missing(_ digest: [UInt8]) throws(JournalError) -> JournalError {
    let name = hexadecimal(digest)
    return .noPayload(digest: name, expungedBy: try expunger(of: name))
  }

  /// The position of the event that removed a payload; nil where none did.
  func expunger(of digest: String) throws(JournalError) -> Int64? {
    let query = try statement(SQL.expungedBy)
    defer { query.reset() }
    try query.bind("digest", .text(digest))
    return try query.step() ? query.integer(0) : nil
  }

  private func carryOut(
    _ recipe: [UInt8], named digest: [UInt8], length: Int, depth: Int, _ room: inout RecipeRoom
  ) throws(JournalError) -> [UInt8] {
    // Recipes name plain payloads only; two levels leave room for a body made of kept pages.
    let parts = try? recipe.withUnsafeBytes { try BodyDecoder.decode([RecipePart].self, from: $0) }
    guard depth < 3, let parts else { throw .alteredPayload(digest: hexadecimal(digest)) }
    var whole: [UInt8] = []
    for part in parts {
      switch part {
      case .text(let text): whole.append(contentsOf: text.utf8)
      case .payload(let name):
        guard let inner = bytesOf(hexadecimal: name), room.take() else {
          throw .alteredPayload(digest: hexadecimal(digest))
        }
        whole.append(contentsOf: try payload(inner, depth: depth + 1, &room))
      }
      // It says how long it gets; a few bytes could make any number of them.
      guard whole.count <= length else { throw .alteredPayload(digest: hexadecimal(digest)) }
    }
    return whole
  }

  func add(_ payload: Payload) throws(JournalError) {
    try statement(SQL.addPayload).run([
      "digest": .bytes(payload.digest), "salt": .bytes(payload.salt),
      "kind": .text(payload.kind.rawValue), "form": .text(payload.form),
      "length_bytes": .integer(Int64(payload.length)), "content": .bytes(payload.content),
    ])
  }

  func stage(_ payload: Payload, pollID: Int64) throws(JournalError) {
    try statement(SQL.stagePayload).run([
      "ticket": .integer(pollID), "digest": .bytes(payload.digest), "salt": .bytes(payload.salt),
      "kind": .text(payload.kind.rawValue), "form": .text(payload.form),
      "length_bytes": .integer(Int64(payload.length)), "content": .bytes(payload.content),
    ])
  }
}
