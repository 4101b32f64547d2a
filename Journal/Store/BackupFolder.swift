import Events
import Glibc

/// The files of a continuous backup.
///
///     base.journal                        a backup, with which it began
///     000000000042-000000000100.jsonl     what follows event 42, up to event 100, as an export
///     secrets.jsonl                       all secrets as they are sealed
///     lock, next.part                     one process at a time writes, and each file whole
///
/// Segments may overlap: several small ones are put together into one, and go once that is there.
package struct BackupFolder: Sendable {
  package let path: String

  /// A piece of the log.
  package struct Segment: Sendable, Equatable {
    package let file: String
    /// The event that it goes on after.
    package let after: Int64
    /// Its last event.
    package let head: Int64
    package let bytes: Int64
  }

  package init(_ path: String) { self.path = path }

  /// The backup with which it began.
  package var base: String { path + "/base.journal" }
  /// The secrets as they are sealed.
  package var secrets: String { path + "/secrets.jsonl" }

  /// True where the path is a folder, by whatever name.
  package static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Makes the folder where there is none, and takes the right to write in it.
  ///
  /// - Throws: `cannotOpen`; `busy` where another process writes there.
  package func open() throws(JournalError) -> LockFile {
    try JournalPath.check(path)
    if mkdir(path, 0o700) == 0 {
      let number = Folder.sync(holding: path)
      guard number == 0 else {
        throw .disk(path: path, what: "its name could not be synced", errno: number)
      }
    }
    guard BackupFolder.isFolder(path) else {
      throw .cannotOpen(path: path, why: "it is no folder, and none can be made there")
    }
    let lock = try LockFile(path: path + "/lock")
    guard try lock.seize() else { throw .busy(path: path) }
    unlink(path + "/next.part")
    return lock
  }

  /// All segments, in the order of the log.
  package func segments() throws(JournalError) -> [Segment] {
    guard let folder = opendir(path) else {
      throw .cannotOpen(path: path, why: String(cString: strerror(errno)))
    }
    defer { closedir(folder) }
    var found: [Segment] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { place in
        place.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if let segment = segment(name) { found.append(segment) }
    }
    return found.sorted { ($0.after, $0.head) < ($1.after, $1.head) }
  }

  private func segment(_ name: String) -> Segment? {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[1] == "jsonl" else { return nil }
    let ends = parts[0].split(separator: "-")
    guard ends.count == 2, let after = Int64(ends[0]), let head = Int64(ends[1]), after < head
    else { return nil }
    var status = stat()
    guard stat("\(path)/\(name)", &status) == 0 else { return nil }
    return Segment(
      file: "\(path)/\(name)", after: after, head: head, bytes: Int64(status.st_size))
  }

  /// The segments that lead on from an event, each as far as one does.
  package func chain(from position: Int64) throws(JournalError) -> [Segment] {
    let all = try segments()
    var chain: [Segment] = []
    var reached = position
    while let next = all.filter({ $0.after <= reached && $0.head > reached })
      .max(by: { $0.head < $1.head })
    {
      chain.append(next)
      reached = next.head
    }
    return chain
  }

  /// The name of a segment.
  package func segmentPath(after: Int64, head: Int64) -> String {
    "\(path)/\(padded(after))-\(padded(head)).jsonl"
  }

  private func padded(_ position: Int64) -> String {
    let digits = String(position)
    return String(repeating: "0", count: max(0, 12 - digits.count)) + digits
  }

  /// Takes segments away that others hold as well.
  package func remove(_ segments: [Segment]) {
    guard !segments.isEmpty else { return }
    for segment in segments { unlink(segment.file) }
    _ = Folder.sync(holding: base)
  }

  /// A file on its way into the folder.
  package func draft() throws(JournalError) -> PartFile { try PartFile(path + "/next.part") }
}

/// A file that is written under another name first.
package actor PartFile {
  private let draft: String
  private let descriptor: Int32

  init(_ draft: String) throws(JournalError) {
    self.draft = draft
    descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else {
      throw .cannotOpen(path: draft, why: String(cString: strerror(errno)))
    }
  }

  deinit { close(descriptor) }

  /// Adds bytes at its end.
  package func write(_ bytes: [UInt8]) throws(JournalError) {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { all in
        Glibc.write(descriptor, all.baseAddress.map { $0 + done }, bytes.count - done)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        throw [ENOSPC, EDQUOT, EFBIG].contains(errno)
          ? .full(path: draft) : .disk(path: draft, what: "it could not be written", errno: errno)
      }
      done += count
    }
  }

  /// Brings it to the disk and puts it at its path, in the place of what is there.
  package func place(at path: String) throws(JournalError) {
    let number = fsync(descriptor) == 0 && rename(draft, path) == 0 ? 0 : errno
    guard number == 0 else {
      throw .disk(path: path, what: "it could not be brought to the disk", errno: number)
    }
    let folder = Folder.sync(holding: path)
    guard folder == 0 else {
      throw .disk(path: path, what: "its folder could not be synced", errno: folder)
    }
  }
}
