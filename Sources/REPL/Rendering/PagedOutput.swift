// An optimised build takes `sigset_t` for one of CEdit, whose header includes it.
import CEdit
import Glibc

/// Standard output that goes through a pager where a person would otherwise lose the beginning.
///
/// Into a file or pipe it writes at once. On a terminal it holds text back until more than a screen
/// is there; only then the pager starts. The pager is `$PAGER` run by `sh`, else `less -FRSX` where
/// `PATH` has it; an empty `PAGER` or `cat` means none. Where it cannot be run, or fails, what it
/// was given is printed without it.
///
/// `write` and `finish` block while a person reads, so they belong on a thread that may.
package final class PagedOutput {
  private let file: OutputFile
  private let destination: Destination
  private let environment: [String: String]
  private let command: String?
  private var phase: Phase
  private var held = ""
  private var heldRows = 0

  private enum Phase {
    case holding
    case direct
    case paging(Pager)
  }

  /// - Parameter descriptor: Where text goes that needs no pager; it stays open.
  package init(descriptor: Int32 = 1, destination: Destination, environment: [String: String]) {
    file = OutputFile(descriptor: descriptor)
    self.destination = destination
    // What is printed is UTF-8 whatever the locale; less would show its bytes as <E6><97><A5>.
    self.environment = environment.merging(
      ["LESSCHARSET": "utf-8"], uniquingKeysWith: { given, _ in given })
    command = destination.isTerminal ? pagerCommand(environment) : nil
    phase = command == nil ? .direct : .holding
  }

  /// True once a pager has taken over.
  package var isPaging: Bool {
    if case .paging = phase { true } else { false }
  }

  /// Prints text, now or when it is known whether it fits.
  ///
  /// - Throws: `OutputError.closed` when the person has left the pager; `finish` is not needed
  ///   then.
  package func write(_ text: String) throws(OutputError) {
    switch phase {
    case .direct: try file.write(text)
    case .paging(let pager): try use(pager) { pager throws(OutputError) in try pager.write(text) }
    case .holding:
      held += text
      heldRows += rows(of: text)
      if heldRows >= destination.rows ?? 24 { try startPager() }
    }
  }

  /// Prints at once what was written, for who waits for more; what is held back for a pager stays.
  package func flush() throws(OutputError) {
    switch phase {
    case .direct: try file.flush()
    case .paging(let pager): try use(pager) { pager throws(OutputError) in try pager.flush() }
    case .holding: break
    }
  }

  /// Prints what is left and waits until the pager has ended.
  package func finish() throws(OutputError) {
    switch phase {
    case .direct: try file.flush()
    case .holding:
      try file.write(held)
      held = ""
      try file.flush()
    case .paging(let pager):
      phase = .direct
      try use(pager) { pager throws(OutputError) in try pager.finish() }
      try file.flush()
    }
  }

  /// Goes on without a pager that failed, from the beginning.
  private func use(
    _ pager: Pager, _ body: (Pager) throws(OutputError) -> Void
  ) throws(OutputError) {
    do throws(OutputError) {
      try body(pager)
      guard pager.hasFailed else { return }
    } catch {
      guard error == .closed else { throw error }
      pager.end()
      guard pager.hasFailed else { throw error }
    }
    phase = .direct
    try file.write(pager.kept ?? "")
  }

  private func startPager() throws(OutputError) {
    let text = held
    held = ""
    if let command, let pager = Pager(command: command, environment: environment) {
      phase = .paging(pager)
      try use(pager) { pager throws(OutputError) in try pager.write(text) }
    } else {
      phase = .direct
      try file.write(text)
    }
  }

  /// Rows of the screen that a text takes, wrapped lines counted; styles count as text.
  private func rows(of text: String) -> Int {
    let columns = max(1, destination.columns ?? 80)
    return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().reduce(0) {
      $0 + max(1, (displayWidth(String($1)) + columns - 1) / columns)
    }
  }
}

/// The pager's command line, nil where none is wanted or found.
func pagerCommand(_ environment: [String: String]) -> String? {
  if let asked = environment["PAGER"] {
    let isNone = asked.allSatisfy { $0 == " " } || asked == "cat"
    return isNone ? nil : asked
  }
  let folders = (environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":")
  return folders.contains { access("\($0)/less", X_OK) == 0 } ? "less -FRSX" : nil
}

/// A child process that reads what is written.
private final class Pager {
  private let process: pid_t
  private let descriptor: Int32
  private let file: OutputFile
  private var isRunning = true
  /// All that it was given; nil once that is more than it can have left unread.
  private(set) var kept: String? = ""
  /// It ended by itself with another status than 0, before it had taken much.
  private(set) var hasFailed = false

  /// Nil where the child could not be started; printing without it is the way out.
  init?(command: String, environment: [String: String]) {
    guard let (reader, writer) = makePipe(isBlocking: true) else { return nil }
    let child = spawnShell(command, environment: environment, input: reader)
    close(reader)
    guard let child else {
      close(writer)
      return nil
    }
    process = child
    descriptor = writer
    file = OutputFile(descriptor: writer)
  }

  func write(_ text: String) throws(OutputError) {
    kept? += text
    if kept?.utf8.count ?? 0 > TerminalLimits.pagerBytesKept { kept = nil }
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
    // Whom a signal ended was sent away by a person.
    let isByItself = status & 0x7f == 0
    hasFailed = isByItself && status != 0 && kept != nil
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
