import ArgumentParser
import Daybook
import Events
import Glibc

/// Filters of the lists, as flags.
struct FilterOptions: ParsableArguments {
  @Option(
    name: .customLong("type"), parsing: .upToNextOption,
    help: "Types, such as poll.completed; for changes CREATED, UPDATED, DELETED.")
  var types: [String] = []
  @Option(help: "An instance's id.") var instance: Int64?
  @Option(help: "A resource, as in the configuration.") var resource: String?
  @Option(help: "An objectId.") var object: String?
  @Option(
    parsing: .unconditional, help: "Recorded then or later: a time such as 2026-11-23, today, -2h.")
  var since: String?
  @Option(parsing: .unconditional, help: "Recorded before then.") var until: String?
  @Option(parsing: .unconditional, help: "After that position.") var after: String?
  @Option(parsing: .unconditional, help: "Before that position.") var before: String?
  @Option(help: "At most so many.") var limit: Int?
  @Flag(help: "Newest first.") var reverse = false

  /// The part of a list that the flags make.
  @MainActor func part(of table: RowTable, in session: Session) async throws -> Selection {
    var part = Selection()
    part.types = table == .changes ? types.map { $0.uppercased() } : types
    if table != .deliveries { try check(part.types, of: table) }
    part.instance = instance
    part.resource = resource
    part.object = object
    if let since { part.since = try session.moment(since, flag: "--since") }
    if let until { part.until = try session.moment(until, flag: "--until") }
    if let after { part.after = try await session.position(after, flag: "--after") }
    if let before { part.before = try await session.position(before, flag: "--before") }
    if let limit, limit < 0 { throw Failure.usage("--limit: \(limit) is below 0") }
    part.limit = limit
    part.isReversed = reverse
    if table == .deliveries, !types.isEmpty {
      throw Failure.usage(
        "--type: deliveries have states and no types; --status names them, and `events --type`"
          + " lists their events")
    }
    if let first = part.filter(unknownTo: table) {
      throw Failure.usage("\(table.name) cannot be filtered by \(first)")
    }
    return part
  }

  private func check(_ types: [String], of table: RowTable) throws(Failure) {
    let known =
      table == .changes ? ChangeKind.allCases.map(\.rawValue) : Event.readers.keys.sorted()
    for type in types where !known.contains(type) {
      let hint = suggestion(for: type, among: known).map { "; did you mean \($0)?" } ?? ""
      throw .usage("--type: there is no type \(visible(type))\(hint)")
    }
  }
}

extension Session {
  /// A time as it was typed: RFC 3339, a date, `today`, `-2h`.
  func moment(_ text: String, flag: String) throws(Failure) -> Moment {
    if let moment = time(text) { return moment }
    throw .usage(
      "\(flag): \(visible(text)) is no time; use 2026-11-23T09:05:00Z, 2026-11-23, today or -2h")
  }

  /// Reads a time; nil where the text is none.
  func time(_ text: String) -> Moment? {
    if let moment = Moment(rfc3339: text) { return moment }
    if let moment = Moment(rfc3339: text + "T00:00:00Z") { return moment }
    let now = world.now()
    if text == "now" { return now }
    if text == "today" {
      let day: Int64 = 86_400_000
      return Moment(milliseconds: now.milliseconds - now.milliseconds % day)
    }
    if text.hasPrefix("-"), let duration = Duration(unit: text.dropFirst()) {
      return now - duration
    }
    return nil
  }

  /// A position as it was typed: a number, `head`, `head-3`, a mark, or a time.
  ///
  /// - Parameter other: The journal that it is of, in place of the one where the session stands.
  func position(_ text: String, flag: String, in other: Journal? = nil) async throws -> Int64 {
    if let number = Int64(text), number >= 0 { return number }
    let journal = try other ?? self.journal()
    let head = try await journal.head()
    if text.hasPrefix("head") {
      let last = journal.asOf ?? head
      if text == "head" { return last }
      let digits = text.dropFirst(5)
      if text.hasPrefix("head-"), digits.first?.isNumber == true, let back = Int64(digits) {
        return max(1, last - back)
      }
    }
    if let marked = marks.load()[text] { return marked }
    if let moment = time(text) { return try await journal.events.position(at: moment) }
    throw Failure.usage(
      "\(flag): \(visible(text)) is no position; use a number, head, head-3, a mark, or a time")
  }

  var marks: Marks { Marks(environment: settings.environment, journal: settings.journal) }
}

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

  /// Lines `name position`.
  func load() -> [String: Int64] {
    guard let path, let bytes = try? readInput(path, most: Marks.bytesMax) else { return [:] }
    var marks: [String: Int64] = [:]
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count == 2, let position = Int64(words[1]) { marks[String(words[0])] = position }
    }
    return marks
  }

  func add(_ name: String, _ position: Int64) throws(Failure) {
    guard let path else { throw .failed("there is no home folder to keep marks in") }
    OwnFile.makeFolders(for: path)
    let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw .failed("\(path): \(String(cString: strerror(errno)))") }
    defer { close(file) }
    let line = Array("\(name) \(position)\n".utf8)
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
