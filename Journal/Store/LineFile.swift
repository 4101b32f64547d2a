import Glibc

/// A file read line by line; who reads it twice opens it twice.
///
/// Not `Sendable`: it belongs to who opened it.
package final class LineFile {
  private let descriptor: Int32
  private let path: String
  private var bytes: [UInt8] = []
  private var start = 0
  /// The line that was given last, counted from 1.
  package private(set) var number = 0

  /// - Throws: `cannotOpen`; also for what is no ordinary file, which cannot be read twice.
  package init(_ path: String) throws(JournalError) {
    self.path = path
    // A pipe that nobody writes to would hold up its opening.
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw .cannotOpen(path: path, why: String(cString: strerror(errno)))
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw .cannotOpen(path: path, why: "it is no ordinary file")
    }
  }

  deinit { close(descriptor) }

  /// The next line without its end; nil at the end of the file. What follows the last end of a line
  /// is no line.
  ///
  /// - Throws: `tooLarge` for a line that is longer than any of ours.
  package func next() throws(JournalError) -> ArraySlice<UInt8>? {
    var searched = start
    while true {
      if let end = bytes[searched...].firstIndex(of: 10) {
        defer { start = end + 1 }
        number += 1
        return bytes[start..<end]
      }
      bytes.removeFirst(start)
      start = 0
      searched = bytes.count
      guard bytes.count <= Bounds.lineBytesMax else {
        throw .tooLarge(
          what: "line \(number + 1) of \(path)", bytes: bytes.count,
          most: Bounds.lineBytesMax)
      }
      guard try fill() else { return nil }
    }
  }

  private func fill() throws(JournalError) -> Bool {
    var piece = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let count = read(descriptor, &piece, piece.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        throw .cannotOpen(path: path, why: String(cString: strerror(errno)))
      }
      bytes += piece[..<count]
      return count > 0
    }
  }
}
