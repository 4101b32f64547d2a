/// Why bytes are not the JSON that was asked for, and where.
///
///     line 3, column 14: expected a comma or a closing brace
package struct JSONFault: Error, Sendable, Equatable, CustomStringConvertible {
  /// The first byte that does not fit, counted from 0.
  package var offset: Int
  /// Counted from 1; lines end with LF.
  package var line: Int
  /// Characters (Unicode scalars) from the beginning of the line, counted from 1.
  package var column: Int
  /// What was expected or refused, in words, without the content.
  package var message: String

  /// A fault at an offset; line and column are counted here, once.
  package init(_ message: String, at offset: Int, in bytes: [UInt8]) {
    self.offset = offset
    self.message = message
    line = 1
    column = 1
    for byte in bytes[..<min(offset, bytes.count)] {
      if byte == UInt8(ascii: "\n") {
        line += 1
        column = 1
      } else if byte & 0xC0 != 0x80 {
        column += 1
      }
    }
  }

  /// The place and the sentence, as a person reads them.
  package var description: String { "line \(line), column \(column): \(message)" }
}
