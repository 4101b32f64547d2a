import ArgumentParser
import Daybook
import Events
import Glibc

struct WatchCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "A command again and again, redrawn in place.",
    discussion: """
      Flags of `watch` stand before the command. On a terminal the answer is redrawn in place \
      until Ctrl-C; elsewhere each answer is printed. --until-changes ends it with the first \
      answer that is another, --count after so many. What writes is refused.

      EXAMPLE
        daybook watch --count 2 --every 1s callback list
      """)

  static let isWork = true
  var waitsForOthers: Bool { true }

  @OptionGroup var shared: SharedOptions
  @Option(help: "How long to wait between two: 2s, 1m.") var every: DurationText = "2s"
  @Flag(help: "End with the first answer that is another.") var untilChanges = false
  @Option(help: "End after so many.") var count: Int?
  @Argument(parsing: .captureForPassthrough, help: "The command, with its flags.")
  var command: [FreeText] = []

  func validate() throws {
    // Whatever follows is the command's, and so would this be.
    if ["-h", "--help"].contains(command.first?.text) {
      throw CleanExit.helpRequest(WatchCommand.self)
    }
    if command.isEmpty { throw ValidationError("name the command to watch") }
    if let count, count < 1 { throw ValidationError("--count: at least 1") }
  }

  @MainActor func perform(_ session: Session) async throws {
    guard let wait = Duration(unit: every.text), wait >= .milliseconds(100) else {
      throw Failure.usage("--every: \(visible(every.text)) is no duration of 100ms or more")
    }
    let words = command.map(\.text)
    let interpreter = Interpreter(session)
    try interpreter.checkReading(words)
    let shared = (session.output, session.color, session.isLocal)
    var (first, last): ([UInt8]?, [UInt8]?)
    var round = 0
    while true {
      (session.output, session.color, session.isLocal) = shared
      let answer = try await session.captured { try await interpreter.run(nested: words) }
      round += 1
      session.present(answer, of: words, every: every.text, isSame: answer == last)
      if first == nil { first = answer }
      if untilChanges, answer != first { return }
      last = answer
      if let count, round >= count { return }
      await session.world.sleep(wait)
      if Task.isCancelled { throw Failure(status: 130, "") }
    }
  }
}

extension Session {
  /// Runs a command and keeps what it prints.
  fileprivate func captured(_ work: () async throws -> Void) async throws -> [UInt8] {
    let capture = try OutputCapture(in: settings.environment["TMPDIR"] ?? "/tmp")
    descriptor = capture.descriptor
    defer { descriptor = 1 }
    do {
      try await work()
    } catch let failure as Failure where failure.status == 5 {
      // Partly done, such as a replay that is under way: that is what is watched.
    }
    return capture.bytes()
  }

  /// Prints an answer: in place on a terminal, one after the other elsewhere.
  fileprivate func present(_ answer: [UInt8], of words: [String], every: String, isSame: Bool) {
    guard isTerminal, settings.environment["TERM"] != "dumb" else {
      return Console.show(answer)
    }
    let clock = (isLocal ? MomentStyle.local : .utc).text(world.now()).dropFirst(11).prefix(8)
    let line = words.map(Session.shellQuoted).joined(separator: " ")
    let heading = "\(clock) every \(visible(every)): \(visible(line))"
    let body = String(decoding: answer, as: UTF8.self)
    let lines =
      ([heading, ""]
        + body.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
    let shown = lines.prefix(max(2, height - 1))
    // Overwritten line by line, so that nothing flickers.
    Console.show(
      Array(("\u{1B}[H" + shown.map { $0 + "\u{1B}[K" }.joined(separator: "\n") + "\u{1B}[J").utf8))
  }
}

/// The output of a command, kept in a file that has no name.
private struct OutputCapture: ~Copyable {
  let descriptor: Int32

  init(in folder: String) throws {
    var name = Array("\(folder)/daybook-XXXXXX".utf8CString)
    descriptor = mkstemp(&name)
    guard descriptor >= 0 else {
      throw Failure.failed("a temporary file cannot be made: \(String(cString: strerror(errno)))")
    }
    unlink(name)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
  }

  deinit { close(descriptor) }

  func bytes() -> [UInt8] {
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = pread(descriptor, &buffer, buffer.count, off_t(all.count)), count > 0 {
      all += buffer[..<count]
    }
    return all
  }
}
