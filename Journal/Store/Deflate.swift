import CZlib

/// Bytes in the form of zlib. Source: RFC 1950 and 1951.
enum Deflate {
  /// As few bytes as zlib makes of them.
  static func deflated(_ bytes: [UInt8]) -> [UInt8] {
    var length = compressBound(uLong(bytes.count))
    var made = [UInt8](repeating: 0, count: Int(length))
    let code = compress2(&made, &length, bytes, uLong(bytes.count), Z_BEST_COMPRESSION)
    // There is room for the longest that can come of it, and nothing else can go wrong.
    precondition(code == Z_OK, "zlib answers \(code)")
    return Array(made.prefix(Int(length)))
  }

  /// - Parameter length: How many bytes there were.
  /// - Returns: nil where they do not make so many.
  static func inflated(_ bytes: [UInt8], length: Int) -> [UInt8]? {
    var made = [UInt8](repeating: 0, count: max(1, length))
    var count = uLong(made.count)
    let code = uncompress(&made, &count, bytes, uLong(bytes.count))
    guard code == Z_OK, Int(count) == length else { return nil }
    if made.count > length { made.removeLast(made.count - length) }
    return made
  }
}
