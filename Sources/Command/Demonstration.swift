import Daybook
import DaybookLive
import Glibc
import GoogleFake
import REPL
import RawJSON
import Sandbox

/// The main job, end to end, in a folder of its own: every line that it prints after `$` is a
/// command, and what follows is that command’s output.
@MainActor
struct Demonstration {
  private let settings: Settings

  init(_ settings: Settings) { self.settings = settings }

  func run(opensREPL: Bool, keeps: Bool) async throws {
    let server = SandboxServer(seed: 1, now: { LiveClock.now() })
    let port = try await start(server)
    let stage = try Stage(server, port: port, settings)
    stage.say("# A stand-in for Google and a receiver of callbacks, on loopback")
    stage.say("$ daybook sandbox --port \(port) &\n\(stage.sandbox)")
    stage.say("$ export \(stage.exports)")
    let session = Session(stage.settings, extra: Live())
    try await play(stage, session)
    if opensREPL {
      session.close()
      stage.say("\n# The journal is yours to explore")
      var settings = stage.settings
      settings.environment["PAGER"] = self.settings.environment["PAGER"]
      let explored = Session(settings, extra: Live())
      _ = await Conversation(explored).run()
      explored.close()
      leave(stage.folder, keeps: keeps)
    }
    session.close()
    try await server.stop()
  }

  /// Removes the folder, or says where it is.
  private func leave(_ folder: String, keeps: Bool) {
    if keeps {
      return Console.complain(
        "The demonstration stays in \(folder); `daybook --journal \(folder)/demo.journal` opens it")
    }
    if let stream = opendir(folder) {
      while let entry = readdir(stream) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
          String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        // Folders, which it made none of, stay.
        unlink("\(folder)/\(name)")
      }
      closedir(stream)
    }
    rmdir(folder)
    Console.complain("\(folder) is removed; `demo --keep` keeps it")
  }

  /// The usual port, or any other where that one is taken.
  private func start(_ server: SandboxServer) async throws -> Int {
    do {
      return try await server.start(port: 18_095)
    } catch {
      return try await server.start(port: 0)
    }
  }

  private func play(_ stage: Stage, _ session: Session) async throws {
    stage.say("\n# An authorization code, and an instance from the JSON of the platform's own page")
    let code = try await stage.code()
    try stage.writeInstance(code: code)
    try await stage.run("instance create \(stage.file)", session)
    stage.say("\n# The first poll learns what is there and announces nothing")
    try await stage.run("poll run", session)
    stage.say("\n# Events are created, moved and cancelled")
    let planning = try await stage.create("Planning", "09:00")
    let review = try await stage.create("Review", "11:00")
    _ = try await stage.create("Retrospective", "15:00")
    try await stage.run("poll run 1 calendars/primary/changed-events", session)
    try await stage.move(planning)
    try await stage.cancel(review)
    try await stage.run("poll run 1 calendars/primary/changed-events", session)
    try await stage.run("changes", session)
    stage.say("\n# The receiver refuses the first notification; it is tried again")
    try await stage.refuseOnce()
    try await stage.run("deliver --until-idle --for 30s", session, mayBePartly: true)
    try await stage.run("deliveries", session)
    stage.say("\n# History, sent again to another URL: first what it would be, then for real")
    let replay = "replay 1..head --to \(stage.sandbox)/receiver/other"
    try await stage.run(replay, session)
    try await stage.run("\(replay) --execute", session)
    stage.say("\n# Why was a notification sent that tells of a move?")
    try await stage.run("trace \(try await stage.notificationOfMove(session))", session)
    stage.say("\n# Nothing was changed, lost or cut off")
    try await stage.run("verify", session)
    try await stage.run("rebuild --check", session)
  }
}

/// Where the demonstration plays: a folder, the sandbox’s address, the settings.
@MainActor
private struct Stage {
  let sandbox: String
  let folder: String
  let settings: Settings
  private let server: SandboxServer

  var file: String { "\(folder)/instance.json" }
  var exports: String {
    "DAYBOOK_JOURNAL=\(folder)/demo.journal DAYBOOK_GOOGLE_URL=\(sandbox) "
      + "DAYBOOK_ALLOW_CALLBACKS=127.0.0.1 DAYBOOK_RETRY=1s,5s,5m "
      + "DAYBOOK_CONCURRENCY=1"
  }

  init(_ server: SandboxServer, port: Int, _ base: Settings) throws {
    self.server = server
    sandbox = "http://127.0.0.1:\(port)"
    // mkdtemp(3) puts letters of its own in place of these six, and makes the folder.
    let place = String(repeating: "X", count: 6)
    let parent = base.environment["TMPDIR"] ?? "/tmp"
    var template = Array("\(parent)/daybook-demo-\(place)".utf8CString)
    guard let made = mkdtemp(&template) else {
      throw Failure.failed("no folder for the demonstration: \(String(cString: strerror(errno)))")
    }
    folder = String(cString: made)
    var settings = base
    settings.journal = "\(folder)/demo.journal"
    settings.googleURL = sandbox
    settings.keyFile = nil
    settings.callbacks = try CallbackRules(allowing: ["127.0.0.1"])
    settings.retries = .waits([.seconds(1), .seconds(5), .seconds(300)])
    // One at a time, so that the first notification is the one that is refused.
    settings.concurrency = 1
    // It plays on: nobody is kept in a pager.
    settings.environment["PAGER"] = ""
    self.settings = settings
  }

  func say(_ text: String) {
    Console.say(text)
  }

  /// Shows a command line of Daybook, carries it out, and shows what it prints.
  func run(_ line: String, _ session: Session, mayBePartly: Bool = false) async throws {
    say("$ daybook \(line)")
    do {
      try await Interpreter(session).run(line: line)
    } catch {
      guard mayBePartly, error.status == 5 else { throw error }
    }
  }

  func writeInstance(code: String) throws {
    let text = Seed.instance(
      code: code, callback: "\(sandbox)/receiver/hook", redirect: "http://127.0.0.1/")
    let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    let bytes = Array(text.utf8)
    guard descriptor >= 0, write(descriptor, bytes, bytes.count) == bytes.count else {
      throw Failure.failed("\(file): \(String(cString: strerror(errno)))")
    }
    close(descriptor)
  }

  // MARK: The sandbox, by its own HTTP

  func code() async throws -> String {
    let answer = try await post("/sandbox/codes", "{}", shown: false)
    return answer["code"]?.text ?? ""
  }

  func create(_ title: String, _ time: String) async throws -> String {
    let hour = Int(time.prefix(2)) ?? 9
    let body =
      #"{"summary":"\#(title)","start":{"dateTime":"2026-12-07T\#(time):00Z"},"#
      + #""end":{"dateTime":"2026-12-07T\#(hour + 1):00:00Z"}}"#
    return try await post("/sandbox/calendars/primary/events", body)["id"]?.text ?? ""
  }

  func move(_ id: String) async throws {
    let body =
      #"{"start":{"dateTime":"2026-12-08T09:00:00Z"},"end":{"dateTime":"2026-12-08T10:00:00Z"}}"#
    try await send("PATCH", "/sandbox/calendars/primary/events/\(id)", body)
  }

  func cancel(_ id: String) async throws {
    try await send("DELETE", "/sandbox/calendars/primary/events/\(id)", nil)
  }

  func refuseOnce() async throws {
    let body = #"{"path":"/receiver/hook","answers":[503]}"#
    _ = try await post("/sandbox/receiver", body)
  }

  /// The second notification that was asked for: the first tells of what was created.
  func notificationOfMove(_ session: Session) async throws -> Int64 {
    try await session.positions(of: "delivery.requested", limit: 2).last ?? 1
  }

  private func post(_ path: String, _ body: String, shown: Bool = true) async throws -> JSON {
    try await send("POST", path, body, shown: shown)
  }

  /// Tells the sandbox something; the line shown does the same from outside.
  @discardableResult
  private func send(
    _ method: String, _ path: String, _ body: String?, shown: Bool = true
  ) async throws -> JSON {
    if shown {
      let verb = method == "POST" ? "" : "-X \(method) "
      let data = body.map { " -d '\($0)'" } ?? ""
      say("$ curl -s -o /dev/null \(verb)\(sandbox)\(path)\(data)")
    }
    let request = FakeRequest.json(method, path, body ?? "")
    let answer = server.withWorld { $0.answer(request, at: server.now) }
    guard answer.status < 300 else {
      throw Failure.failed("the sandbox answered \(answer.status) to \(method) \(path)")
    }
    return (try? JSON.parse(answer.body)) ?? .null
  }
}
