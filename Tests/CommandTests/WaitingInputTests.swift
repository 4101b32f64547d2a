import Foundation
import Glibc
import Testing

/// A pipe that nobody writes to holds up no end.
@Suite(.serialized)
struct WaitingInputTests {
  /// Runs a command with a pipe for `PIPE`, and for its standard input, that nobody writes to.
  private func ended(
    _ words: [String], in folder: String, by signal: Int32
  ) async throws -> Finished {
    let script = #"mkfifo "$0/pipe"; exec 3<>"$0/pipe"; exec "$@" <&3"#
    let words = words.map { $0 == "PIPE" ? folder + "/pipe" : $0 }
    let program = try Program(
      "/bin/sh",
      ["-c", script, folder, try daybookPath(), "--journal", folder + "/daybook.journal"] + words,
      environment: ["HOME": folder, "PATH": "/usr/bin:/bin"])
    defer { program.signal(SIGKILL) }
    try await wait("the program itself") { program.catches(signal) }
    program.signal(signal)
    return try await program.end()
  }

  @Test(arguments: [
    ["instance", "create", "PIPE"], ["instance", "create", "-"], ["import", "-"],
    ["signature", "rotate", "1", "--key-file", "PIPE"],
  ])
  func `one signal ends a command that waits for its input, and leaves nothing`(
    words: [String]
  ) async throws {
    for (signal, status) in [(SIGTERM, 0), (SIGINT, 130)] as [(Int32, Int32)] {
      let folder = try makeFolder()
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let ended = try await ended(words, in: folder, by: signal)
      #expect([status, 130].contains(ended.status), "\(words): \(ended.errors)")
      let left = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(!left.contains { $0.hasSuffix(".input") }, "\(left)")
    }
  }

  @Test func `a signal that comes as soon as it is caught is not lost`() async throws {
    // Signals sent at once, again and again from the first moment on: each program ends.
    for signal in [SIGTERM, SIGINT] {
      for _ in 0..<10 {
        let folder = try makeFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let program = try Program(
          daybookPath(), ["--journal", folder + "/daybook.journal", "run"],
          environment: ["HOME": folder, "PATH": "/usr/bin:/bin"])
        defer { program.signal(SIGKILL) }
        while program.isRunning, !program.catches(signal) { await Task.yield() }
        program.signal(signal)
        _ = try await program.end()
      }
    }
  }
}

extension Program {
  /// True once the process has a handler for a signal, as the kernel tells it.
  fileprivate func catches(_ signal: Int32) -> Bool {
    guard let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("SigCgt:") }),
      let mask = UInt64(line.dropFirst(7).trimmingCharacters(in: .whitespaces), radix: 16)
    else { return false }
    return mask & 1 << UInt64(signal - 1) != 0
  }
}
