import Daybook
import Glibc

/// Names that a person gave to positions; kept in the user's own state, not in the journal.
struct Marks {
  /// The longest file that is read; it has room for thousands of marks.
  private static let bytesMax = 1 << 20
  private let path: String?

  init(environment: [String: String], journal: String) {
    let home = environment["XDG_STATE_HOME"] ?? environment["HOME"].map { "\($0)/.local/state" }
    let full = realpath(journal, nil).map { pointer in
      defer { free(pointer) }
      return String(cString: pointer)
    }
    path = home.map { "\($0)/daybook/marks-\(Marks.hash(full ?? journal))" }
  }

  /// FNV-1a: tells journals apart in a file name, nothing more.
  private static func hash(_ text: String) -> String {
    let value = text.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { hash, byte in
      (hash ^ UInt64(byte)) &* 0x100_0000_01b3
    }
    return String(value, radix: 16)
  }

  /// Lines `name position`, the later one of a name in force; `name -` where it was removed.
  func load() -> [String: Int64] {
    guard let path, let bytes = try? readInput(path, most: Marks.bytesMax) else { return [:] }
    var marks: [String: Int64] = [:]
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count == 2 { marks[String(words[0])] = Int64(words[1]) }
    }
    return marks
  }

  func add(_ name: String, _ position: Int64) throws(Failure) {
    try append("\(name) \(position)")
  }

  /// Removes a mark: a line without a position takes those above it back.
  func remove(_ name: String) throws(Failure) {
    let known = load()
    guard known[name] != nil else {
      let hint = suggestion(for: name, among: known.keys.sorted()).map { "did you mean \($0)? " }
      throw .failed("there is no mark \(visible(name)); \(hint ?? "")`marks` lists them")
    }
    try append("\(name) -")
  }

  private func append(_ text: String) throws(Failure) {
    guard let path else { throw .failed("there is no home folder to keep marks in") }
    OwnFile.makeFolders(for: path)
    let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw .failed("\(path): \(String(cString: strerror(errno)))") }
    defer { close(file) }
    let line = Array("\(text)\n".utf8)
    guard lseek(file, 0, SEEK_END) + line.count <= Marks.bytesMax else {
      throw .failed("\(path) is full of marks; take out lines that are not needed any more")
    }
    guard write(file, line, line.count) == line.count else {
      throw .failed("\(path): \(String(cString: strerror(errno)))")
    }
    let number = OwnFile.sync(file, at: path)
    guard number == 0 else { throw .failed("\(path): \(String(cString: strerror(number)))") }
  }
}
