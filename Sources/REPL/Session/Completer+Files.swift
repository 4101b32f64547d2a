import Glibc

extension Completer {
  /// Entries of a folder that are looked at: past it, typing on is quicker.
  private static let entriesMax = 5_000

  /// Files and folders whose path begins so, in the order of their names.
  static func files(beginning typed: String) -> [Completion] {
    let slash = typed.lastIndex(of: "/").map { typed.index(after: $0) }
    let folder = String(typed[..<(slash ?? typed.startIndex)])
    let start = String(typed[(slash ?? typed.startIndex)...])
    guard let stream = opendir(folder.isEmpty ? "." : folder) else { return [] }
    defer { closedir(stream) }
    var found: [Completion] = []
    for _ in 0..<entriesMax {
      guard let entry = readdir(stream) else { break }
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard name.hasPrefix(start), name != ".", name != "..",
        !name.hasPrefix(".") || start.hasPrefix(".")
      else { continue }
      var facts = stat()
      let isFolder = stat(folder + name, &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
      let note = isFolder ? "a folder" : "\(facts.st_size) bytes"
      found.append(
        Completion(folder + name + (isFolder ? "/" : ""), note: note, isPartial: isFolder))
    }
    return found.sorted { $0.text < $1.text }
  }
}
