import EventStore

/// Files of a person’s own beside the journal’s, such as marks: kept as safely as the journal.
package enum OwnFile {
  /// Makes the folders that a file needs, for the owner alone; where that does not work, opening
  /// the file tells.
  package static func makeFolders(for path: String) { Folder.make(for: path) }

  /// Writes an open file and its name to the disk.
  ///
  /// - Returns: The number of the error; 0 where it is done.
  package static func sync(_ descriptor: Int32, at path: String) -> Int32 {
    Folder.sync(descriptor, at: path)
  }
}
