import Glibc

/// The mark that some editors put before text in UTF-8.
let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

/// The bytes of a file, or of standard input for `-`, without a byte order mark.
///
/// - Throws: `Failure` that names the file, where it cannot be read or has more bytes than allowed;
///   and where the program is to stop, which a pipe that nobody writes to does not hold up.
package func readInput(_ name: String, most: Int) throws(Failure) -> [UInt8] {
  let descriptor = name == "-" ? 0 : InputBell.open(name)
  guard descriptor >= 0 else {
    throw .failed("\(visible(name)): \(String(cString: strerror(errno)))")
  }
  defer { if descriptor != 0 { Glibc.close(descriptor) } }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    guard InputBell.waits(for: descriptor) else { throw Failure(CancellationError()) }
    let count = read(descriptor, &buffer, buffer.count)
    if count < 0 {
      if errno == EINTR || errno == EAGAIN { continue }
      throw .failed("\(visible(name)): \(String(cString: strerror(errno)))")
    }
    if count == 0 {
      if bytes.starts(with: byteOrderMark) { bytes.removeFirst(byteOrderMark.count) }
      return bytes
    }
    bytes += buffer[..<count]
    guard bytes.count <= most else {
      throw .failed("\(visible(name)): more than \(most) bytes")
    }
  }
}
