import ArgumentParser
import Daybook
import Events
import Glibc

struct ExportCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Writes the log into a file that others can read and check.",
    discussion: """
      Lines of JSON: every event, the bytes that events name, and a manifest with the head. \
      Positions and digests stay as they are. Sealed secrets are not in it. `import` takes it in; \
      docs/check_export.py checks it without Daybook. A file that is there already is not written \
      over.

      EXAMPLE
        daybook export log.jsonl
      """)

  @OptionGroup var shared: SharedOptions
  @Argument(help: "The file to make; without one, standard output.") var file: OutputPath?
  @Option(help: "Only what follows an event.") var after: EventPlace?

  @MainActor func perform(_ session: Session) async throws {
    var first: Int64 = 0
    if let after { first = try await session.position(after.text, flag: "--after") }
    let journal = try session.journal()
    guard let path = file?.text, path != "-" else {
      let output = OutputFile(descriptor: 1)
      _ = try await journal.export(after: first) { @MainActor lines in
        try output.write(lines)
      }
      return try output.flush()
    }
    try session.checkResults(path)
    let draft = try DraftFile(path)
    let moved = try await journal.export(after: first) { @MainActor lines in
      try draft.write(lines)
    }
    try draft.finish()
    try await session.showOne([
      "file": .text(path), "events": .integer(moved.events), "payloads": .integer(moved.payloads),
      "head": .integer(moved.head), "digest": .text(moved.digest),
    ])
  }
}

struct ImportCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Takes in a log that `export` wrote.",
    discussion: """
      A whole log becomes a new journal; one that goes on after an event continues the journal \
      that ends there or later. All of it is checked before anything is written. Secrets are not \
      in an export: what polls and sends needs them given anew, by `instance update`.

      EXAMPLE
        daybook --journal copy.journal import log.jsonl
      """)

  @OptionGroup var shared: SharedOptions
  @Argument(help: "The file, or - for standard input.") var file: InputFile

  var writes: Bool { true }

  @MainActor func perform(_ session: Session) async throws {
    let spool = file.text == "-" ? try SpooledInput(beside: session.settings.journal) : nil
    defer { spool?.remove() }
    let moved = try await session.writing().importLog(from: spool?.path ?? file.text)
    try await session.showOne([
      "events": .integer(moved.events), "payloads": .integer(moved.payloads),
      "head": .integer(moved.head), "digest": .text(moved.digest),
    ])
  }
}

/// A file that stands at its path once it is whole, mode 0600.
@MainActor
final class DraftFile {
  private let path: String
  private let draft: String
  private let descriptor: Int32
  private let file: OutputFile
  private var isFinished = false

  /// - Throws: `Failure` where there is a file already, or none can be made.
  init(_ path: String) throws(Failure) {
    guard access(path, F_OK) != 0 else {
      throw .failed("\(visible(path)) is there already; name another file, or remove it")
    }
    self.path = path
    // A name that nobody else has: what stands there already is somebody's.
    draft = "\(path).\(getpid()).part"
    descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw .failed("\(visible(path)): \(String(cString: strerror(errno)))")
    }
    file = OutputFile(descriptor: descriptor)
  }

  isolated deinit {
    close(descriptor)
    if !isFinished { unlink(draft) }
  }

  func write(_ bytes: [UInt8]) throws(OutputError) { try file.write(bytes) }

  /// Brings it to the disk, and under its name.
  func finish() throws {
    try file.flush()
    guard fsync(descriptor) == 0, link(draft, path) == 0 else {
      throw Failure.failed("\(visible(path)): \(String(cString: strerror(errno)))")
    }
    unlink(draft)
    isFinished = true
    _ = OwnFile.sync(descriptor, at: path)
  }
}

/// Standard input, kept in a file of its own where it has to be read twice.
@MainActor
struct SpooledInput {
  let path: String

  init(beside journal: String) throws(Failure) {
    path = "\(journal).\(getpid()).input"
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw .failed("\(visible(path)): \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    do {
      try Self.copyInput(to: OutputFile(descriptor: descriptor))
    } catch {
      remove()
      throw Failure(error)
    }
  }

  /// - Throws: `CancellationError` where the program is to stop.
  private static func copyInput(to file: OutputFile) throws {
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      guard InputBell.waits(for: 0) else { throw CancellationError() }
      let count = read(0, &piece, piece.count)
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      guard count >= 0 else {
        throw Failure.failed("standard input: \(String(cString: strerror(errno)))")
      }
      guard count > 0 else { return try file.flush() }
      try file.write(Array(piece[..<count]))
    }
  }

  func remove() { unlink(path) }
}

@MainActor
private func cannotMake(_ path: String) -> Failure {
  .failed("\(visible(path)): \(String(cString: strerror(errno)))")
}
