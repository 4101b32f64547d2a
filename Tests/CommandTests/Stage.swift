import Foundation
import Glibc
import RawJSON
import Testing

/// A scratch folder with a journal in it, a sandbox of its own, and the executable.
struct Stage: Sendable {
  let folder: String
  let port: UInt16
  let sandbox: Program
  /// What every command gets; HOME is the scratch folder.
  var environment: [String: String]

  var journal: String { folder + "/daybook.journal" }
  var url: String { "http://127.0.0.1:\(port)" }
  static let calendar: JSON = [
    "url": "/hubs/general/calendars/primary/changed-events", "idField": "",
    "datesConfiguration": ["updatedDateField": "updated"],
  ]
  static let resource = "calendars/primary/changed-events"

  /// Runs a command to its end.
  func daybook(
    _ arguments: String..., input: String? = nil, environment more: [String: String] = [:],
    seconds: Double = 120
  ) async throws -> Finished {
    try await start(arguments, input: input, environment: more, seconds: seconds).end()
  }

  /// Runs a command that has to succeed.
  @discardableResult
  func done(
    _ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation
  )
    async throws -> Finished
  {
    let finished = try await start(arguments).end()
    try #require(
      finished.status == 0, "\(arguments): \(finished.status) \(finished.errors)",
      sourceLocation: sourceLocation)
    return finished
  }

  /// The rows of a command that has to succeed.
  func rows(
    _ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation
  )
    async throws -> [JSON]
  {
    let finished = try await start(["--output", "jsonl"] + arguments).end()
    try #require(
      finished.status == 0, "\(arguments): \(finished.status) \(finished.errors)",
      sourceLocation: sourceLocation)
    return try finished.rows()
  }

  func start(
    _ arguments: [String], input: String? = nil, environment more: [String: String] = [:],
    seconds: Double = 120
  ) throws -> Program {
    try Program(
      daybookPath(), arguments, environment: environment.merging(more) { $1 }, input: input,
      seconds: seconds)
  }

  /// Tells the sandbox something.
  @discardableResult
  func tell(_ method: String, _ path: String, _ body: String? = nil) async throws -> JSON {
    let answer = try await ask(port, method, path, body)
    return answer.isEmpty ? .null : try JSON.parse(answer)
  }

  /// Makes an event in the primary calendar.
  ///
  /// - Returns: Its id.
  func createEvent(_ title: String) async throws -> String {
    let body =
      #"{"summary":"\#(title)","start":{"dateTime":"2026-12-07T09:00:00Z"},"#
      + #""end":{"dateTime":"2026-12-07T10:00:00Z"}}"#
    let event = try await tell("POST", "/sandbox/calendars/primary/events", body)
    return try #require(event["id"]?.text)
  }

  func rename(_ event: String, _ title: String) async throws {
    try await tell(
      "PATCH", "/sandbox/calendars/primary/events/\(event)", #"{"summary":"\#(title)"}"#)
  }

  func cancel(_ event: String) async throws {
    try await tell("DELETE", "/sandbox/calendars/primary/events/\(event)")
  }

  /// What arrived at a path of the receiver, oldest first.
  func received(_ path: String = "/receiver/hook", after: Int = 0) async throws -> [JSON] {
    let answer = try await tell(
      "GET", "/sandbox/receiver?path=\(path)&after=\(after)&limit=10000")
    return answer["deliveries"]?.elements ?? []
  }

  /// The body of `POST /instances` for one calendar.
  func form(_ changes: [String: JSON] = [:], code: String? = nil) async throws -> String {
    let fresh = try await tell("POST", "/sandbox/codes", "{}")["code"]?.text
    var configuration = Members([
      ("oauth.api.key", "sandbox-client"), ("oauth.api.secret", "sandbox-secret"),
      ("oauth.callback.url", "http://127.0.0.1/"), ("event.notification.enabled", true),
      ("event.notification.callback.url", .string(url + "/receiver/hook")),
      ("event.notification.signature.key", "an-example-signature-key"),
      ("event.poller.refresh_interval", "15"),
      ("event.poller.configuration", ["\(Stage.resource)": Stage.calendar]),
    ])
    for (name, value) in changes { configuration[name] = value }
    let form: JSON = [
      "element": ["key": "googlesuite"], "name": "Team", "tags": ["Docs"],
      "providerData": ["code": .string(code ?? fresh ?? "")],
      "configuration": .object(configuration),
    ]
    return String(decoding: form.bytes(), as: UTF8.self)
  }

  /// Writes a file into the scratch folder.
  ///
  /// - Returns: Its path.
  func write(_ text: String, to name: String) throws -> String {
    let path = folder + "/" + name
    try text.write(toFile: path, atomically: false, encoding: .utf8)
    return path
  }

  /// Makes an instance and takes its baseline.
  func prepare(_ changes: [String: JSON] = [:]) async throws {
    let file = try write(try await form(changes), to: "instance.json")
    try await done("instance", "create", file)
    try await done("poll", "run", "1", Stage.resource)
  }

  /// Three changes, polled and delivered.
  func prepareHistory() async throws {
    try await prepare()
    let planning = try await createEvent("Planning")
    let review = try await createEvent("Review")
    try await done("poll", "run", "1", Stage.resource)
    try await rename(planning, "Plans")
    try await cancel(review)
    try await done("poll", "run", "1", Stage.resource)
    try await done("deliver", "--until-idle", "--for", "30s")
  }

  /// Compiles what ends a process at a chosen system call.
  ///
  /// - Returns: The library to be loaded into the process, as `LD_PRELOAD`.
  func killswitch() async throws -> String { try await library("killswitch") }

  /// Compiles what watches a process work on the files of one folder.
  ///
  /// - Returns: The library to be loaded into the process, as `LD_PRELOAD`.
  func watcher() async throws -> String { try await library("watch") }

  /// Compiles what records a process at work, so that a power cut can be acted out.
  ///
  /// - Returns: The library to be loaded into the process, as `LD_PRELOAD`.
  func powerCut() async throws -> String { try await library("powercut") }

  private func library(_ name: String) async throws -> String {
    let library = folder + "/\(name).so"
    let source = URL(filePath: #filePath).deletingLastPathComponent().path + "/\(name).c"
    let compiled = try await Program(
      "/usr/bin/cc", ["-shared", "-fPIC", "-o", library, source, "-ldl"],
      environment: environment
    ).end()
    try #require(compiled.status == 0, "\(compiled.errors)")
    return library
  }

  /// The paths and contents of everything in the scratch folder, to compare.
  func contents() throws -> [String: Data] {
    var found: [String: Data] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
      found[name] = FileManager.default.contents(atPath: folder + "/" + name) ?? Data()
    }
    return found
  }
}

extension Finished {
  /// Each line of standard output as JSON.
  func rows() throws -> [JSON] { try lines.map { try JSON.parse(Array($0.utf8)) } }

  /// All of standard output as JSON.
  func json() throws -> JSON { try JSON.parse(output) }
}

/// A long run in parts that have a stage of their own each.
func shares(of count: Int, each most: Int = 50) -> [Int] {
  stride(from: 0, to: count, by: most).map { min(most, count - $0) }
}

/// Runs with a stage, which is struck afterwards.
func withStage<Result>(
  seed: Int = 1, _ body: (Stage) async throws -> Result
) async throws -> Result {
  let folder = try makeFolder()
  defer { try? FileManager.default.removeItem(atPath: folder) }
  var environment = [
    "HOME": folder, "TMPDIR": folder, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8",
  ]
  // What `make tsan` and `make asan` tell the tests, for the processes that they start.
  for name in ["LD_PRELOAD", "ASAN_OPTIONS"] {
    environment[name] = ProcessInfo.processInfo.environment[name]
  }
  let sandbox = try Program(
    daybookPath(), ["sandbox", "--port", "0", "--seed", "\(seed)"], environment: environment,
    seconds: 1_800)
  defer { sandbox.signal(SIGKILL) }
  try await wait("the sandbox's address") { sandbox.printed.contains("\n") || !sandbox.isRunning }
  let address = sandbox.printed.split(separator: "\n").first ?? ""
  let port = try #require(address.split(separator: ":").last.flatMap { UInt16($0) })
  environment["DAYBOOK_JOURNAL"] = folder + "/daybook.journal"
  environment["DAYBOOK_GOOGLE_URL"] = "http://127.0.0.1:\(port)"
  environment["DAYBOOK_ALLOW_CALLBACKS"] = "127.0.0.1"
  environment["DAYBOOK_RETRY"] = "50ms,100ms,200ms,500ms,1s"
  // Receivers fail here as often as a test wants.
  environment["DAYBOOK_BREAKER"] = "50ms"
  let stage = Stage(folder: folder, port: port, sandbox: sandbox, environment: environment)
  return try await body(stage)
}
