import Events
import Glibc

/// Copies of archives, which go along with a copy of their journal.
package enum ArchiveCopy {
  /// Brings the archives of a journal to the folder of its copy: each whole or not at all, on the
  /// disk with its name. One that is there already stays.
  ///
  /// - Throws: `noArchive` where one that the copy needs is not at hand.
  package static func bring(
    from journal: String, to copy: String
  ) throws(JournalError) {
    let connection = try Connection(path: copy, access: .readOnly)
    guard try connection.integer("PRAGMA user_version") == JournalFile.formatArchived else {
      return
    }
    let (source, target) = (ArchiveName.folder(of: journal), ArchiveName.folder(of: copy))
    var present: [ClosedRange<Int64>] = []
    var absent: [JournalArchived] = []
    for body in try connection.archived() where body.first <= body.last {
      let name = ArchiveName.plain(body.file)
      if ArchiveFile.isThere(target + name) {
        present.append(body.first...body.last)
      } else if ArchiveFile.isThere(source + name) {
        try copyFile(source + name, to: target + name)
        present.append(body.first...body.last)
      } else {
        absent.append(body)
      }
    }
    // An event that was taken in from another copy may name a file that this one never had.
    for body in absent where !present.contains(where: { $0.contains(body.first...body.last) }) {
      let kept = try connection.countKept(body.first, body.last)
      guard kept < body.last - body.first + 1 else { continue }
      throw .noArchive(
        path: source + ArchiveName.plain(body.file), first: body.first, last: body.last)
    }
  }

  private static func copyFile(_ source: String, to target: String) throws(JournalError) {
    let part = target + ".part"
    unlink(part)
    let input = open(source, O_RDONLY | O_CLOEXEC)
    guard input >= 0 else {
      throw .cannotOpen(path: source, why: String(cString: strerror(errno)))
    }
    defer { close(input) }
    let output = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o400)
    guard output >= 0 else {
      throw .cannotOpen(path: part, why: String(cString: strerror(errno)))
    }
    var number = pour(input, into: output)
    if number == 0, fsync(output) != 0 { number = errno }
    close(output)
    if number == 0, rename(part, target) != 0 { number = errno }
    if number == 0 { number = Folder.sync(holding: target) }
    guard number == 0 else {
      unlink(part)
      throw .disk(path: target, what: "the archive could not be copied", errno: number)
    }
  }

  /// - Returns: The number of the error; 0 where all of it was written.
  private static func pour(_ input: Int32, into output: Int32) -> Int32 {
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = read(input, &bytes, bytes.count)
      guard count > 0 else { return count == 0 ? 0 : errno }
      var done = 0
      while done < count {
        let written = bytes[done..<count].withUnsafeBytes {
          Glibc.write(output, $0.baseAddress, $0.count)
        }
        guard written > 0 else { return errno }
        done += written
      }
    }
  }
}

extension Connection {
  /// Archives as the log names them, the newest first.
  fileprivate func archived() throws(JournalError) -> [JournalArchived] {
    let query = try statement(SQL.listArchives)
    defer { query.reset() }
    var bodies: [JournalArchived] = []
    while try query.step() {
      if case .journalArchived(let body) = try RecordedEvent(query).event() { bodies.append(body) }
    }
    return bodies
  }
}
