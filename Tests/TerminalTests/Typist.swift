import Foundation
import Glibc
import Testing

/// A person at a pseudo-terminal, before whom the probe runs.
final class Typist {
  private(set) var screen: Screen
  /// A home of its own, with the probe's history and news in it.
  let home: String
  private let terminal: Int32
  private let process: pid_t
  private let news: Int32

  /// Starts the probe in the C locale, where non-ASCII letters are hardest.
  init(
    columns: Int = 60, rows: Int = 24, home given: String? = nil, editrc: String? = nil,
    environment: [String] = []
  ) throws {
    let home = try given ?? makeHome()
    self.home = home
    if let editrc {
      try editrc.write(toFile: "\(home)/.editrc", atomically: true, encoding: .utf8)
    }
    let (terminal, path) = try openTerminal()
    self.terminal = terminal
    screen = Screen(columns: columns, rows: rows)
    setWindow(terminal, columns: columns, rows: rows)
    _ = mkfifo("\(home)/news", 0o600)
    news = open("\(home)/news", O_RDWR | O_CLOEXEC)
    process = try start(
      terminal: path,
      environment: [
        "HOME=\(home)", "TERM=xterm", "LC_ALL=C", "PROBE_HISTORY=\(home)/history",
        "PROBE_NEWS=\(home)/news",
        // As the sanitizer of this process is told.
        "ASAN_OPTIONS=\(ProcessInfo.processInfo.environment["ASAN_OPTIONS"] ?? "")",
      ] + environment)
    try look(until: prompt)
  }

  deinit {
    close(terminal)
    close(news)
    kill(process, SIGKILL)
    waitpid(process, nil, 0)
  }

  /// Waits for the empty prompt on the last row, and that pastes are expected.
  func prompt(_ screen: Screen) -> Bool {
    screen.lines.last == "probe>" && screen.isPasteBracketed
  }

  func type(_ text: String) {
    let bytes = Array(text.utf8)
    _ = bytes.withUnsafeBytes { write(terminal, $0.baseAddress, $0.count) }
  }

  func type(bytes: [UInt8]) {
    _ = bytes.withUnsafeBytes { write(terminal, $0.baseAddress, $0.count) }
  }

  func announce(_ text: String) {
    let bytes = Array((text + "\n").utf8)
    _ = bytes.withUnsafeBytes { write(news, $0.baseAddress, $0.count) }
  }

  func resize(columns: Int) {
    screen.resize(columns: columns)
    setWindow(terminal, columns: columns, rows: 24)
  }

  /// Reads what the probe shows until the screen is as expected.
  func look(until isExpected: (Screen) -> Bool) throws {
    while !isExpected(screen) {
      var entry = pollfd(fd: terminal, events: Int16(POLLIN), revents: 0)
      let isReadable = poll(&entry, 1, 20_000) > 0
      try #require(isReadable, "nothing came; the screen: \(screen.lines)")
      var bytes = [UInt8](repeating: 0, count: 4_096)
      let count = bytes.withUnsafeMutableBytes { read(terminal, $0.baseAddress, $0.count) }
      try #require(count > 0, "the probe ended; the screen: \(screen.lines)")
      for byte in bytes[..<count] { screen.take(byte) }
    }
  }

  /// Waits until these are the last lines of the screen.
  func see(_ lines: String...) throws {
    try look { Array($0.lines.suffix(lines.count)) == lines }
  }

  /// Types a line and waits for what the probe says of it, and for its next prompt.
  func enter(_ text: String, said: String) throws {
    type(text + "\r")
    try look { Array($0.lines.suffix(2)) == [said, "probe>"] && $0.isPasteBracketed }
  }

  /// Whether the terminal is as it is outside of an editor.
  var isCooked: Bool {
    var settings = termios()
    let all = tcflag_t(ICANON | ECHO | ISIG)
    return tcgetattr(terminal, &settings) == 0 && settings.c_lflag & all == all
  }

  var history: [String] {
    let text = try? String(contentsOfFile: "\(home)/history", encoding: .utf8)
    return (text ?? "").split(separator: "\n").map(String.init)
  }
}

/// An empty folder.
func makeHome() throws -> String {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("probe-\(UUID())")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
  return folder.path
}

/// The probe stands beside the tests' own program.
func probePath() throws -> String {
  let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
  return (own as NSString).deletingLastPathComponent + "/LineEditorProbe"
}

/// The person's end, and the path of the program's.
private func openTerminal() throws -> (descriptor: Int32, path: String) {
  var own: Int32 = -1
  var other: Int32 = -1
  var name = [CChar](repeating: 0, count: 128)
  try #require(openpty(&own, &other, &name, nil, nil) == 0)
  _ = fcntl(own, F_SETFD, FD_CLOEXEC)
  close(other)
  let path = name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
  return (own, String(decoding: path, as: UTF8.self))
}

private func setWindow(_ terminal: Int32, columns: Int, rows: Int) {
  var window = winsize(
    ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
  _ = ioctl(terminal, UInt(TIOCSWINSZ), &window)
}

/// Starts the probe as the leader of a session, whose terminal becomes the one it opens first.
private func start(terminal: String, environment: [String]) throws -> pid_t {
  var actions = posix_spawn_file_actions_t()
  var attributes = posix_spawnattr_t()
  posix_spawn_file_actions_init(&actions)
  posix_spawnattr_init(&attributes)
  defer {
    posix_spawn_file_actions_destroy(&actions)
    posix_spawnattr_destroy(&attributes)
  }
  posix_spawn_file_actions_addopen(&actions, 0, terminal, O_RDWR, 0)
  posix_spawn_file_actions_adddup2(&actions, 0, 1)
  posix_spawn_file_actions_adddup2(&actions, 0, 2)
  let asSessionLeader: Int16 = 0x80  // POSIX_SPAWN_SETSID, which needs _GNU_SOURCE
  posix_spawnattr_setflags(&attributes, asSessionLeader)
  var arguments: [UnsafeMutablePointer<CChar>?] = [strdup(try probePath()), nil]
  var variables: [UnsafeMutablePointer<CChar>?] = environment.map { variable in strdup(variable) }
  variables.append(nil)
  defer { (arguments + variables).forEach { free($0) } }
  var process: pid_t = 0
  let status = posix_spawn(&process, try probePath(), &actions, &attributes, &arguments, &variables)
  try #require(status == 0, "the probe could not be started: \(status)")
  return process
}
