import Dispatch
import Foundation
import Glibc
import Synchronization
import Testing

/// What a process came to.
struct Finished: Sendable {
  /// As a shell gives it: 128 and the signal where one ended the process.
  var status: Int32
  var output: [UInt8]
  var errors: String
  /// The most memory that it held at once, in KiB.
  var memoryPeakKiB: Int

  var text: String { String(decoding: output, as: UTF8.self) }

  var lines: [String] {
    text.split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
  }

  /// The one line on standard error; nil where there are none or more.
  var complaint: String? {
    let lines = errors.split(separator: "\n")
    return lines.count == 1 ? String(lines[0]) : nil
  }
}

/// A process with its streams in files, killed when its time is up: no test waits for ever.
final class Program: Sendable {
  let process: pid_t
  private let folder: String
  private let state: Mutex<State>
  private let ended = DispatchGroup()

  private struct State {
    var finished: Finished?
    var isEnded = false
  }

  /// - Parameters:
  ///   - terminal: The path of a pseudo-terminal to run on, in place of the files.
  ///   - seconds: After which it is killed.
  init(
    _ path: String, _ arguments: [String], environment: [String: String], input: String? = nil,
    terminal: String? = nil, seconds: Double = 120
  ) throws {
    folder = try makeFolder()
    state = Mutex(State())
    var inputPath = "/dev/null"
    if let input {
      inputPath = folder + "/input"
      try input.write(toFile: inputPath, atomically: false, encoding: .utf8)
    }
    let streams = [
      terminal ?? inputPath, terminal ?? folder + "/output", terminal ?? folder + "/errors",
    ]
    process = try spawn(
      path, arguments, environment, streams: streams, isSession: terminal != nil)
    watch(for: seconds)
  }

  private func watch(for seconds: Double) {
    ended.enter()
    DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { [weak self] in
      self?.signal(SIGKILL)
    }
    Thread.detachNewThread { [self] in
      var status: Int32 = 0
      var peak = 0
      while true {
        let answer = waitpid(process, &status, WNOHANG)
        if answer == process || answer < 0 && errno != EINTR { break }
        peak = max(peak, memoryPeak())
        usleep(5_000)
      }
      let code = status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
      state.withLock { state in
        state.isEnded = true
        state.finished = Finished(
          status: code, output: bytes("output"),
          errors: String(decoding: bytes("errors"), as: UTF8.self),
          memoryPeakKiB: peak)
      }
      try? FileManager.default.removeItem(atPath: folder)
      ended.leave()
    }
  }

  /// The most memory that it has held so far, in KiB; 0 once it has ended.
  ///
  /// What the kernel tells whoever waits for its end, `ru_maxrss`, begins with what the process
  /// held that started it. Source: Linux, fs/exec.c, `exec_mmap`.
  private func memoryPeak() -> Int {
    let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
    let line = status?.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
  }

  private func bytes(_ name: String) -> [UInt8] {
    Array(FileManager.default.contents(atPath: folder + "/" + name) ?? Data())
  }

  /// Sends a signal as long as there is such a process.
  func signal(_ number: Int32) {
    state.withLock { state in
      if !state.isEnded { _ = Glibc.kill(process, number) }
    }
  }

  var isRunning: Bool { state.withLock { !$0.isEnded } }

  /// What it has said on standard error up to now.
  var complained: String { String(decoding: bytes("errors"), as: UTF8.self) }

  /// What it has printed up to now.
  var printed: String { String(decoding: bytes("output"), as: UTF8.self) }

  /// Waits for its end, which comes at the latest when its time is up.
  func end() async throws -> Finished {
    await withCheckedContinuation { continuation in
      ended.notify(queue: .global()) { continuation.resume() }
    }
    return try #require(state.withLock { $0.finished })
  }
}

/// Starts a process whose three streams are these files.
private func spawn(
  _ path: String, _ words: [String], _ environment: [String: String], streams: [String],
  isSession: Bool
) throws -> pid_t {
  var actions = posix_spawn_file_actions_t()
  var attributes = posix_spawnattr_t()
  posix_spawn_file_actions_init(&actions)
  posix_spawnattr_init(&attributes)
  defer {
    posix_spawn_file_actions_destroy(&actions)
    posix_spawnattr_destroy(&attributes)
  }
  for (number, file) in streams.enumerated() {
    let flags = isSession ? O_RDWR : number == 0 ? O_RDONLY : O_WRONLY | O_CREAT | O_TRUNC
    posix_spawn_file_actions_addopen(&actions, Int32(number), file, flags, 0o600)
  }
  let asSessionLeader: Int16 = 0x80  // POSIX_SPAWN_SETSID, which needs _GNU_SOURCE
  if isSession { posix_spawnattr_setflags(&attributes, asSessionLeader) }
  var arguments: [UnsafeMutablePointer<CChar>?] = ([path] + words).map { strdup($0) }
  var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0)=\($1)") }
  arguments.append(nil)
  variables.append(nil)
  defer { (arguments + variables).forEach { free($0) } }
  var process: pid_t = 0
  let status = posix_spawn(&process, path, &actions, &attributes, &arguments, &variables)
  try #require(status == 0, "\(path) could not be started: \(status)")
  return process
}

/// An empty folder in the system's place for temporary ones.
func makeFolder() throws -> String {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("daybook-\(UUID())")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
  return folder.path
}

/// The executable stands beside the tests' own program; `DAYBOOK_BINARY` names another.
func daybookPath() throws -> String {
  if let path = ProcessInfo.processInfo.environment["DAYBOOK_BINARY"] { return path }
  let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
  for folder in [own] + CommandLine.arguments {
    var path = folder[...]
    while let slash = path.lastIndex(of: "/") {
      path = path[..<slash]
      if FileManager.default.isExecutableFile(atPath: path + "/daybook") {
        return path + "/daybook"
      }
    }
  }
  throw Missing("the executable daybook beside \(own)")
}

/// Something that a test needs is not there.
struct Missing: Error, CustomStringConvertible {
  let description: String

  init(_ what: String) { description = "missing: \(what)" }
}

/// Waits for a condition, at most so long that only what hangs does not meet it.
func wait(
  _ what: String, seconds: Double = 300, until isMet: () async throws -> Bool
) async throws {
  let deadline = ContinuousClock.now + .seconds(seconds)
  while try await !isMet() {
    try #require(ContinuousClock.now < deadline, "waited \(seconds) s for \(what)")
    try await Task.sleep(for: .milliseconds(5))
  }
}
