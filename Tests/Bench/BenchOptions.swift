/// What the command line asks for.
struct BenchOptions: Sendable {
  /// How long the log is that is read.
  var events = 1_000_000
  var rounds = 5
  /// How long a loop runs that is timed.
  var milliseconds = 800
  var only: [String] = []
  /// Everything is written here: it has to be on the disk to be measured.
  var folder = ".build/bench"
  /// Where the C programs are; nil where they are not to be run.
  var limits: String?
  /// A journal that is folded and verified beside those that are made; only copies of it are
  /// written.
  var journal: String?
  /// The executable whose cold start is measured.
  var daybook = ".build/release/daybook"

  init(_ arguments: some Sequence<String>) throws {
    var words = Array(arguments).makeIterator()
    func number(after flag: String) throws -> Int {
      guard let word = words.next(), let number = Int(word), number > 0 else {
        throw Usage(text: "\(flag) wants a number above 0")
      }
      return number
    }
    func text(after flag: String) throws -> String {
      guard let word = words.next(), !word.isEmpty else {
        throw Usage(text: "\(flag) wants a value")
      }
      return word
    }
    while let flag = words.next() {
      switch flag {
      case "--events": events = try number(after: flag)
      case "--rounds": rounds = try number(after: flag)
      case "--ms": milliseconds = try number(after: flag)
      case "--only": only.append(try text(after: flag))
      case "--dir": folder = try text(after: flag)
      case "--limits": limits = try text(after: flag)
      case "--journal": journal = try text(after: flag)
      case "--daybook": daybook = try text(after: flag)
      default: throw Usage(text: "there is no \(flag)")
      }
    }
  }

  /// Whether a run of this name, or of this name's first part, is wanted.
  func includes(_ name: String) -> Bool {
    only.isEmpty || only.contains { name == $0 || name.hasPrefix($0 + ".") }
  }

  /// What is wrong with the command line.
  struct Usage: Error {
    let text: String
  }
}
