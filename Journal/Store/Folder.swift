import Glibc

/// Folders, whose entries have to reach the disk by themselves: a synced file whose name was not
/// synced is gone after a power cut. Source: fsync(2), “Notes”.
package enum Folder {
  /// Writes the entries of the folder that holds a file to the disk.
  ///
  /// - Returns: The number of the error; 0 where it is done, or where this kind of folder knows
  ///   nothing of syncing or may not be opened, as with SQLite.
  package static func sync(holding path: String) -> Int32 {
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { path[..<$0].isEmpty ? "/" : String(path[..<$0]) } ?? "."
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return errno == EACCES ? 0 : errno }
    defer { close(descriptor) }
    return synced(descriptor)
  }

  /// Writes a new file and its name to the disk.
  ///
  /// - Returns: The number of the error; 0 where it is done.
  package static func sync(_ descriptor: Int32, at path: String) -> Int32 {
    let number = synced(descriptor)
    return number == 0 ? sync(holding: path) : number
  }

  /// Makes the folders that a file needs, for the owner alone, each with a name that lasts; where
  /// that does not work, opening the file tells.
  package static func make(for path: String) {
    for index in path.indices.dropFirst() where path[index] == "/" {
      let folder = String(path[..<index])
      if mkdir(folder, 0o700) == 0 { _ = sync(holding: folder) }
    }
  }

  private static func synced(_ descriptor: Int32) -> Int32 {
    guard fsync(descriptor) != 0 else { return 0 }
    return [EINVAL, ENOTSUP, EROFS].contains(errno) ? 0 : errno
  }
}

/// A file, whatever its names: another one at the same path is told from it.
struct FileIdentity: Equatable, Sendable {
  private let device: UInt64
  private let number: UInt64

  /// The file at a path; nil where there is none that may be looked at.
  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  /// The file that is open.
  init?(_ descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    self.init(status)
  }

  /// The beginning of a message about a path where another file stands, or none.
  static func told(_ path: String) -> String {
    FileIdentity(path) == nil
      ? "\(path) was renamed or removed while this process works on it"
      : "another file was put in the place of \(path) while this process works on the one before"
  }

  private init(_ status: stat) {
    device = UInt64(status.st_dev)
    number = UInt64(status.st_ino)
  }
}
