import Foundation
import Testing

/// A folder of a stage in which a process is watched at work, call by call.
struct Watch {
  let stage: Stage
  let library: String
  let folder: String

  var journal: String { folder + "/daybook.journal" }
  var key: String { journal + ".key" }

  init(_ stage: Stage) async throws {
    self.stage = stage
    library = try await stage.watcher()
    folder = stage.folder + "/kept"
    try empty()
  }

  /// Takes everything out of the folder.
  func empty() throws {
    try? FileManager.default.removeItem(atPath: folder)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
  }

  /// What stands in the folder.
  var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: folder).sorted() }
  }

  /// Runs a command on the journal of the folder, unwatched.
  func daybook(_ arguments: String...) async throws -> Finished {
    try await stage.start(arguments, environment: ["DAYBOOK_JOURNAL": journal]).end()
  }

  /// Runs a command that is watched.
  ///
  /// - Parameters:
  ///   - kill: At which call that changes something it is ended, counted from 1.
  ///   - isLate: After that call instead of before it.
  ///   - fail: Which call fails: `call:ending:errno:n`.
  /// - Returns: What it came to, and its calls.
  func watched(
    _ arguments: [String], kill: Int? = nil, isLate: Bool = false, fail: String? = nil,
    environment more: [String: String] = [:]
  ) async throws -> (ended: Finished, calls: [Call]) {
    let log = stage.folder + "/calls"
    try? FileManager.default.removeItem(atPath: log)
    var environment = [
      "DAYBOOK_JOURNAL": journal, "LD_PRELOAD": library, "WATCH_UNDER": folder, "WATCH_LOG": log,
    ].merging(more) { $1 }
    environment["WATCH_KILL"] = kill.map { "\($0)" }
    environment["WATCH_LATE"] = isLate ? "1" : nil
    environment["WATCH_FAIL"] = fail
    let ended = try await stage.start(arguments, environment: environment).end()
    let text = String(decoding: FileManager.default.contents(atPath: log) ?? Data(), as: UTF8.self)
    let calls = text.split(separator: "\n").map { Call($0, in: folder) }
    return (ended, calls)
  }

  /// Creates an instance under watch.
  func create(
    kill: Int? = nil, isLate: Bool = false, fail: String? = nil
  ) async throws -> (ended: Finished, calls: [Call]) {
    let file = try stage.write(try await stage.form(), to: "instance.json")
    return try await watched(["instance", "create", file], kill: kill, isLate: isLate, fail: fail)
  }
}

/// One system call: its name and the file, without the folder; the folder itself is a dot.
struct Call: Equatable, CustomStringConvertible {
  var name: String
  var file: String

  var description: String { "\(name) \(file)" }

  init(_ name: String, _ file: String) {
    self.name = name
    self.file = file
  }

  init(_ line: Substring, in folder: String) {
    let words = line.split(separator: " ")
    name = String(words[0])
    // Of a link the name that it makes.
    let path = words.last.map(String.init) ?? ""
    file = path == folder ? "." : String(path.dropFirst(folder.count + 1))
  }

  /// Whether it changes something, so that a process can be ended at it.
  var isChange: Bool { !["open", "read", "lock", "unlock"].contains(name) }
}

extension [Call] {
  func first(_ name: String, _ file: String, after place: Int = -1) -> Int? {
    indices.first { $0 > place && self[$0] == Call(name, file) }
  }

  func last(_ name: String, _ file: String) -> Int? { lastIndex(of: Call(name, file)) }
}
