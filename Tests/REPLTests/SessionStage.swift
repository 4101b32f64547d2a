import Daybook
import Foundation
import Glibc

@testable import REPL

/// What came of a line: its exit status, what it printed, and the sentence that says why.
struct Ended {
  let status: Int32
  let output: String
  let message: String
}

/// A sitting with a journal of an earlier format, in this process and without a terminal.
///
/// Results are kept in a file; the journal is a copy, and the home folder is the scratch folder.
@MainActor
final class SessionStage {
  let folder: String
  let session: Session
  private let results: Int32

  var journal: String { folder + "/daybook.journal" }

  /// - Parameter fixture: The journal in `Tests/Fixtures`; nil: none yet.
  init(_ fixture: String? = "format-0-probes", isReadOnly: Bool = false) throws {
    let manager = FileManager.default
    folder = manager.temporaryDirectory.appendingPathComponent("daybook-\(UUID())").path
    try manager.createDirectory(atPath: folder, withIntermediateDirectories: false)
    if let fixture {
      let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures")
      try manager.copyItem(
        atPath: fixtures.appending(path: fixture + ".sqlite").path,
        toPath: folder + "/daybook.journal")
    }
    var flags = Settings.Flags()
    flags.values["--journal"] = folder + "/daybook.journal"
    flags.isReadOnly = isReadOnly
    let environment = ["HOME": folder, "PATH": "/usr/bin:/bin", "PAGER": ""]
    session = Session(
      try Settings(flags, environment: environment, file: nil), extra: NoExtraCommands())
    results = open(folder + "/results", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    session.descriptor = results
  }

  isolated deinit {
    session.close()
    close(results)
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// Carries out what was typed.
  func run(_ line: String) async -> Ended {
    await ended { () throws(Failure) in try await Interpreter(session).run(line: line) }
  }

  /// Carries out one command given as words.
  func run(_ words: [String]) async -> Ended {
    await ended { () throws(Failure) in try await Interpreter(session).run(words) }
  }

  private func ended(_ work: () async throws(Failure) -> Void) async -> Ended {
    ftruncate(results, 0)
    lseek(results, 0, SEEK_SET)
    var failure: Failure?
    do throws(Failure) { try await work() } catch { failure = error }
    let bytes = FileManager.default.contents(atPath: folder + "/results") ?? Data()
    return Ended(
      status: failure?.status ?? 0, output: String(decoding: bytes, as: UTF8.self),
      message: failure?.message ?? "")
  }

  /// Names and contents of what lies in the folder, but for what a look leaves behind.
  func contents() throws -> [String: Data] {
    let manager = FileManager.default
    var found: [String: Data] = [:]
    for name in try manager.subpathsOfDirectory(atPath: folder)
    where name != "results" && !name.hasSuffix("-shm") {
      found[name] = manager.contents(atPath: folder + "/" + name) ?? Data()
    }
    return found
  }
}

/// Commands of the executable, which is not there.
private struct NoExtraCommands: ExtraCommands {
  private let absent = Failure.failed("this needs the executable")

  func sandbox(port: Int, seed: UInt64) async throws { throw absent }
  func demo(_ session: Session, opensREPL: Bool, keeps: Bool) async throws { throw absent }
  func serve(_ order: ServeOrder) async throws { throw absent }
  func redirect(
    within wait: Duration,
    _ begin:
      @MainActor (_ port: Int) async throws -> @Sendable (_ target: String) -> Connecting.Redirect
  ) async throws -> Connecting.Redirect? { throw absent }
  var libraries: [(name: String, value: String)] { [] }
}
