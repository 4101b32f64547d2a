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

  /// The digest that a row has to have after the one before it.
  static func digest(after previous: [UInt8], _ row: Recorded) -> [UInt8] {
    var bytes = previous
    bytes.reserveCapacity(160 + row.body.utf8.count)
    append(UInt64(bitPattern: row.position), to: &bytes)
    append(row.stream, to: &bytes)
    append(UInt64(bitPattern: row.version), to: &bytes)
    append(row.type, to: &bytes)
    append(UInt64(row.revision), to: &bytes)
    append(UInt64(bitPattern: row.recordedAt.milliseconds), to: &bytes)
    append(UInt64(bitPattern: row.cause ?? 0), to: &bytes)
    if let key = row.key {
      append(UInt64(key.utf8.count + 1), to: &bytes)
      bytes.append(contentsOf: key.utf8)
    } else {
      append(0, to: &bytes)
    }
    append(row.body, to: &bytes)
    return Array(SHA256.hash(data: bytes))
  }

  private static func append(_ number: UInt64, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
  }

  private static func append(_ text: String, to bytes: inout [UInt8]) {
    append(UInt64(text.utf8.count), to: &bytes)
    bytes.append(contentsOf: text.utf8)
  }
}

extension Chain {
  /// Identifies what a fact leads to: the same fact and place always give the same 32 bytes.
  package static func identity(of digest: [UInt8], place: Int) -> [UInt8] {
    var bytes = digest
    append(UInt64(place), to: &bytes)
    return Array(SHA256.hash(data: bytes))
  }
}
