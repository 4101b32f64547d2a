import Crypto
import Events

/// The chain of digests: each event's covers the one before it and every column of its own row.
///
///     digest(n) = SHA-256( digest(n-1)            32 bytes; of position 1: 32 zero bytes
///                        ‖ position               8 bytes, most significant first
///                        ‖ length ‖ stream        length: 8 bytes; text: UTF-8
///                        ‖ version                8 bytes
///                        ‖ length ‖ type
///                        ‖ revision               8 bytes
///                        ‖ recorded_at_ms         8 bytes, two’s complement
///                        ‖ cause                  8 bytes; 0 where null
///                        ‖ length + 1 ‖ key       where null: eight zero bytes alone
///                        ‖ length ‖ body )
///
/// Anyone can recompute it without this code: Journal/README.md shows how. An unkeyed chain proves
/// nothing against somebody who can rewrite all of it; a head kept elsewhere does.
package enum Chain {
  /// Stands before position 1.
  static let start = [UInt8](repeating: 0, count: 32)

  /// One row written out as its digest covers it. It is written over for the next row, so that
  /// nothing is allocated, and a row can be stored from where it was hashed.
  struct Link {
    private(set) var bytes: [UInt8] = []
    /// Where the texts of the row stand.
    private(set) var stream = 0..<0
    private(set) var type = 0..<0
    private(set) var key: Range<Int>?
    private(set) var body = 0..<0

    /// - Parameter previous: The digest of the row before.
    mutating func write(_ row: RecordedEvent, after previous: [UInt8]) {
      begin(after: previous, position: row.position)
      stream = append(row.stream.text)
      append(UInt64(bitPattern: row.version))
      type = append(row.type)
      append(UInt64(bitPattern: Int64(row.revision)))
      append(UInt64(bitPattern: row.recordedAt.milliseconds))
      append(UInt64(bitPattern: row.cause ?? 0))
      key = row.key.map { append($0, nullable: 1) }
      if key == nil { append(0) }
      body = append(row.body)
    }

    /// The same for the row that a statement stands at, its columns in the order of the table.
    mutating func write(_ row: Statement, after previous: [UInt8]) {
      begin(after: previous, position: row.integer(0))
      stream = append(row.there(1))
      append(UInt64(bitPattern: row.integer(2)))
      type = append(row.there(3))
      append(UInt64(bitPattern: row.integer(4)))
      append(UInt64(bitPattern: row.integer(5)))
      append(UInt64(bitPattern: row.optionalInteger(6) ?? 0))
      key = row.isNull(7) ? nil : append(row.there(7), nullable: 1)
      if key == nil { append(0) }
      body = append(row.there(8))
    }

    private mutating func begin(after previous: [UInt8], position: Int64) {
      bytes.removeAll(keepingCapacity: true)
      bytes += previous
      append(UInt64(bitPattern: position))
    }

    /// SHA-256 of the digest before it and of the row as it stands here: what its own has to be.
    var digest: [UInt8] {
      bytes.withUnsafeBytes { bytes in
        var hash = SHA256()
        hash.update(bufferPointer: bytes)
        return hash.finalize().withUnsafeBytes { [UInt8]($0) }
      }
    }

    private mutating func append(_ number: UInt64) {
      withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }

    private mutating func append(
      _ text: UnsafeRawBufferPointer, nullable: UInt64 = 0
    ) -> Range<Int> {
      append(UInt64(text.count) + nullable)
      let start = bytes.count
      bytes.append(contentsOf: text)
      return start..<bytes.count
    }

    private mutating func append(_ text: String, nullable: UInt64 = 0) -> Range<Int> {
      append(UInt64(text.utf8.count) + nullable)
      let start = bytes.count
      bytes.append(contentsOf: text.utf8)
      return start..<bytes.count
    }
  }
}

extension Chain {
  /// Identifies what a fact leads to: the same fact and place always give the same 32 bytes.
  package static func identity(of digest: [UInt8], place: Int) -> [UInt8] {
    let bytes = withUnsafeBytes(of: UInt64(place).bigEndian) { digest + $0 }
    return Array(SHA256.hash(data: bytes))
  }
}
