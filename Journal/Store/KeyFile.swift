import Glibc

/// A file with one line that only its owner may read, made whole or not at all.
package enum KeyFile {
  /// Reads the line without its blanks, and makes the file where there is none.
  ///
  /// - Parameter fresh: The line of a new file; nil: none is made.
  /// - Returns: nil where there is none and none was to be made.
  package static func read(_ path: String, fresh: String?) throws(JournalError) -> String? {
    let path = JournalPath.followed(path)
    if access(path, F_OK) != 0 {
      guard errno == ENOENT else { throw refused(path, "it cannot be looked at", errno) }
      guard let fresh else { return nil }
      try make(path, fresh)
    }
    // A pipe that nobody writes to would hold up its opening.
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw refused(path, "it cannot be read", errno) }
    defer { Glibc.close(descriptor) }
    guard (facts(descriptor)?.st_mode ?? 0) & S_IFMT == S_IFREG else {
      throw .key(path: path, why: "it is no ordinary file")
    }
    var bytes = [UInt8](repeating: 0, count: lineBytesMax)
    let count = Glibc.read(descriptor, &bytes, bytes.count)
    guard count >= 0 else { throw refused(path, "it cannot be read", errno) }
    let line = String(decoding: bytes[..<count], as: UTF8.self).filter { !$0.isWhitespace }
    guard fresh != nil else { return line }
    // What is sealed from now on is lost with it. Whoever made it, this process or another that
    // was killed, may not have come to make its name last.
    let number = Folder.sync(descriptor, at: path)
    guard number == 0 else { throw refused(path, "it cannot be brought to the disk", number) }
    let draft = path + ".new"
    if let made = FileIdentity(draft), made == FileIdentity(descriptor) { unlink(draft) }
    return line
  }

  /// More than any key takes.
  private static let lineBytesMax = 512

  /// Puts another line in the place of the one that is there, at once: a crash leaves either.
  package static func replace(_ path: String, with line: String) throws(JournalError) {
    let path = JournalPath.followed(path)
    let draft = path + ".next"
    unlink(draft)
    let descriptor = Glibc.open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw refused(path, "it cannot be made", errno) }
    defer { Glibc.close(descriptor) }
    let bytes = Array((line + "\n").utf8)
    guard write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0,
      rename(draft, path) == 0
    else {
      let number = errno
      unlink(draft)
      throw refused(path, "it cannot be written", number)
    }
    let number = Folder.sync(holding: path)
    guard number == 0 else { throw refused(path, "it cannot be brought to the disk", number) }
  }

  /// Makes a file; one that another process made meanwhile stays.
  private static func make(_ path: String, _ line: String) throws(JournalError) {
    // Written whole under another name first: a crash leaves no half key, but a draft at most,
    // which the next one writes over.
    let draft = path + ".new"
    let descriptor = Glibc.open(
      draft, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
    guard descriptor >= 0 else { throw refused(draft, "it cannot be made", errno) }
    defer { Glibc.close(descriptor) }
    // What was there before may be another's, or read by others.
    guard let found = facts(descriptor), found.st_mode & S_IFMT == S_IFREG,
      found.st_uid == geteuid(), fchmod(descriptor, 0o600) == 0
    else { throw .key(path: draft, why: "somebody else's file is in its way; take it away") }
    // One at a time: the draft of another process may already be its key under both names.
    while flock(descriptor, LOCK_EX) != 0 {
      guard errno == EINTR else { throw refused(path, "it cannot be made", errno) }
    }
    guard access(path, F_OK) != 0 else {
      // One that was made anew after another process had taken its own away.
      if FileIdentity(descriptor) == FileIdentity(draft) { unlink(draft) }
      return
    }
    // A draft that failed was taken away: what is under its name now is somebody else's.
    guard FileIdentity(descriptor) == FileIdentity(draft) else { return try make(path, line) }
    let bytes = Array((line + "\n").utf8)
    guard ftruncate(descriptor, 0) == 0, write(descriptor, bytes, bytes.count) == bytes.count,
      fsync(descriptor) == 0, link(draft, path) == 0 || errno == EEXIST
    else {
      let number = errno
      unlink(draft)
      throw refused(path, "it cannot be written", number)
    }
    unlink(draft)
  }

  /// Adds text to a file that only its owner may read, and brings it to the disk.
  package static func append(_ text: String, to path: String) throws(JournalError) {
    let descriptor = Glibc.open(
      path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
    guard descriptor >= 0 else { throw refused(path, "it cannot be made", errno) }
    defer { Glibc.close(descriptor) }
    let bytes = Array(text.utf8)
    guard write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
      throw refused(path, "it cannot be written", errno)
    }
    let number = Folder.sync(holding: path)
    guard number == 0 else { throw refused(path, "it cannot be brought to the disk", number) }
  }

  private static func facts(_ descriptor: Int32) -> stat? {
    var found = stat()
    return fstat(descriptor, &found) == 0 ? found : nil
  }

  private static func refused(_ path: String, _ what: String, _ number: Int32) -> JournalError {
    .key(path: path, why: "\(what): \(String(cString: strerror(number)))")
  }
}
