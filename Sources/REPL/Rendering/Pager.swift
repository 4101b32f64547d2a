// An optimised build takes `sigset_t` for one of CEdit, whose header includes it.
import CEdit
import Glibc

/// The pager's command line, nil where none is wanted or found.
func pagerCommand(_ environment: [String: String]) -> String? {
  if let asked = environment["PAGER"] {
    let isNone = asked.allSatisfy { $0 == " " } || asked == "cat"
    return isNone ? nil : asked
  }
  return isFound("less", environment) ? "less -FRX" : nil
}

/// False where the program is none of those that `PATH` has; of what only a shell understands that
/// is for the shell to find out.
func isFound(_ command: String, _ environment: [String: String]) -> Bool {
  guard let name = command.split(separator: " ").first,
    name.allSatisfy({ $0.isLetter || $0.isNumber || "/._+-".contains($0) })
  else { return true }
  if name.contains("/") { return access(String(name), X_OK) == 0 }
  if ["exec", "command", "eval", "exit", "read", "test", "true", "false"].contains(name) {
    return true
  }
  let folders = (environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":")
  return folders.contains { access("\($0)/\(name)", X_OK) == 0 }
}

/// A child process that reads what is written.
final class Pager {
  let command: String
  private let process: pid_t
  private let descriptor: Int32
  private let file: OutputFile
  private var isRunning = true
  /// All that it was given.
  let kept: Spool
  /// How it ended, where that was no person's doing: `ended with status 127`.
  private(set) var failure: String?

  /// Nil where the child could not be started; printing without it is the way out.
  init?(command: String, environment: [String: String]) {
    guard let (reader, writer) = makePipe(isBlocking: true) else { return nil }
    let child = spawnShell(command, environment: environment, input: reader)
    close(reader)
    guard let child else {
      close(writer)
      return nil
    }
    self.command = command
    process = child
    descriptor = writer
    file = OutputFile(descriptor: writer)
    kept = Spool(folder: environment["TMPDIR"] ?? "/tmp")
  }

  func write(_ text: String) throws(OutputError) {
    kept.add(text)
    try file.write(text)
  }

  func flush() throws(OutputError) {
    try file.flush()
  }

  func finish() throws(OutputError) {
    defer { end() }
    try file.flush()
  }

  /// A pager that was left is waited for as well, or it would stay a zombie.
  deinit {
    end()
  }

  /// Waits until it has ended.
  func end() {
    guard isRunning else { return }
    isRunning = false
    close(descriptor)
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    let signal = status & 0x7f
    let code = status >> 8 & 0xff
    // Ctrl-C goes to the pager too, and a terminal that is closed; a shell tells of it by 128.
    if [SIGINT, SIGHUP].contains(signal) || [SIGINT, SIGHUP].contains(code - 128) { return }
    if signal != 0 {
      failure = "was ended by signal \(signal)"
    } else if code != 0 {
      failure = "ended with status \(code)"
    }
  }
}

/// Text that may have to be printed once more: in memory at first, past a bound in a file without a
/// name.
final class Spool {
  private var memory: [UInt8] = []
  private var descriptor: Int32 = -1
  private let folder: String

  init(folder: String) { self.folder = folder }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  func add(_ text: String) {
    memory += text.utf8
    guard memory.count >= TerminalLimits.pagerBytesKept else { return }
    if descriptor < 0 { descriptor = nameless() }
    // Where no file can be had, memory has to do.
    guard descriptor >= 0 else { return }
    var rest = memory[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      guard written > 0 || errno == EINTR else { break }
      rest = rest.dropFirst(max(0, written))
    }
    memory = Array(rest)
  }

  /// Writes all that was added, in its order.
  func write(to file: OutputFile) throws(OutputError) {
    if descriptor >= 0 {
      lseek(descriptor, 0, SEEK_SET)
      var buffer = [UInt8](repeating: 0, count: TerminalLimits.outputBytesGathered)
      while case let count = read(descriptor, &buffer, buffer.count), count > 0 {
        try file.write(buffer[..<count])
      }
    }
    try file.write(memory[...])
  }

  private func nameless() -> Int32 {
    var path = Array("\(folder)/daybook-pager-XXXXXX".utf8CString)
    let descriptor = mkstemp(&path)
    if descriptor >= 0 {
      unlink(path)
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }
    return descriptor
  }
}

/// Starts `sh -c command` with its own signals as they are by default.
///
/// - Parameter parameters: `$1` and those that follow.
func spawnShell(
  _ command: String, _ parameters: [String] = [], environment: [String: String], input: Int32
) -> pid_t? {
  var actions = posix_spawn_file_actions_t()
  var attributes = posix_spawnattr_t()
  posix_spawn_file_actions_init(&actions)
  posix_spawnattr_init(&attributes)
  defer {
    posix_spawn_file_actions_destroy(&actions)
    posix_spawnattr_destroy(&attributes)
  }
  posix_spawn_file_actions_adddup2(&actions, input, 0)
  var signals = sigset_t()
  sigemptyset(&signals)
  posix_spawnattr_setsigmask(&attributes, &signals)
  sigaddset(&signals, SIGPIPE)
  sigaddset(&signals, SIGINT)
  sigaddset(&signals, SIGQUIT)
  posix_spawnattr_setsigdefault(&attributes, &signals)
  posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
  let words: [String] = ["sh", "-c", command, "sh"] + parameters
  var arguments: [UnsafeMutablePointer<CChar>?] = words.map { word in strdup(word) }
  arguments.append(nil)
  var variables: [UnsafeMutablePointer<CChar>?] = environment.map {
    strdup("\($0.key)=\($0.value)")
  }
  variables.append(nil)
  defer { (arguments + variables).forEach { free($0) } }
  var process: pid_t = 0
  let status = posix_spawn(&process, "/bin/sh", &actions, &attributes, arguments, variables)
  return status == 0 ? process : nil
}
