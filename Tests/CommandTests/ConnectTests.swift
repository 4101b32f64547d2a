import Foundation
import Glibc
import RawJSON
import Testing

/// A person authorizes Daybook at the stand-in for Google; the test is the browser.
@Suite(.serialized)
struct ConnectTests {
  private static let auth = "https://www.googleapis.com/auth/"
  private static let secret = "GOCSPX-canary+secret/7q"

  // MARK: The person and the browser

  /// Starts `connect`, with the secret in a file.
  private func connect(
    _ stage: Stage, _ more: String..., environment: [String: String] = [:]
  ) throws -> Program {
    let file = try stage.write(Self.secret + "\n", to: "client-secret")
    defer { chmod(file, 0o600) }
    return try stage.start(
      [
        "connect", "googlesuite", "--client-id", "canary-client", "--client-secret-file", file,
        "--callback", stage.url + "/receiver/hook",
      ] + more, environment: environment, seconds: 60)
  }

  /// The address that it asks to open.
  private func address(_ program: Program) async throws -> String {
    var found: String?
    try await wait("the address") {
      found = Self.address(in: program.complained)
      return found != nil || !program.isRunning
    }
    return try #require(found, "\(program.complained)")
  }

  private static func address(in text: String) -> String? {
    text.split(whereSeparator: \.isNewline).dropLast(text.hasSuffix("\n") ? 0 : 1)
      .first { $0.hasPrefix("http://127.0.0.1:") }.map(String.init)
  }

  /// Where Google's page sends the browser.
  private func redirect(_ stage: Stage, from address: String) async throws -> Place {
    let path = String(address.dropFirst(stage.url.count))
    let port = stage.port
    let answer = try await onThread { try exchange(port, "GET", path, "") }
    let line = String(decoding: answer, as: UTF8.self).split(separator: "\r\n")
      .first { $0.hasPrefix("Location: ") }
    return try Place(String(try #require(line?.dropFirst(10))))
  }

  /// An address on loopback.
  private struct Place: Sendable {
    let port: UInt16
    let target: String

    init(_ url: String) throws {
      let match = try #require(url.firstMatch(of: /^http:\/\/127\.0\.0\.1:([0-9]+)(\/.*)$/))
      port = try #require(UInt16(match.1))
      target = String(match.2)
    }

    /// The status and the text that a browser gets.
    func visit(
      _ method: String = "GET", _ target: String? = nil, host: String? = nil
    ) async throws -> (status: String, text: String) {
      let target = target ?? self.target
      let host = host ?? "127.0.0.1:\(port)"
      let answer = try await onThread { [port] in
        try exchange(port, method, target, "", host: host)
      }
      let text = String(decoding: answer, as: UTF8.self)
      let page = text.firstRange(of: "\r\n\r\n").map { String(text[$0.upperBound...]) } ?? ""
      return (text.split(separator: " ").dropFirst().first.map(String.init) ?? "", page)
    }
  }

  private func grants(_ stage: Stage) async throws -> Int? {
    try await stage.tell("GET", "/sandbox/state")["refreshTokens"]?.integer
  }

  private func tick(_ stage: Stage, _ scopes: [String]) async throws {
    let list = JSON.array(scopes.map { .string(Self.auth + $0) })
    try await stage.tell(
      "POST", "/sandbox/consent",
      String(decoding: JSON.object(Members([("scopes", list)])).bytes(), as: UTF8.self))
  }

  // MARK: The whole way

  @Test func `a person agrees, and the instance is the one that the platform's page describes`()
    async throws
  {
    try await withStage { stage in
      let program = try connect(stage, "--interval", "5", "--name", "Team")
      let address = try await address(program)
      for scope in [
        "calendar.events.readonly", "calendar.calendarlist.readonly", "contacts.readonly",
        "gmail.readonly",
      ] {
        #expect(address.contains(scope), "\(address)")
      }
      #expect(address.contains("code_challenge_method=S256"))
      #expect(address.contains("access_type=offline&prompt=consent"))
      let place = try await redirect(stage, from: address)
      let page = try await place.visit()
      #expect(page.status == "200")
      #expect(page.text.contains("This window may be closed"))
      let ended = try await program.end()
      #expect(ended.status == 0, "\(ended.errors)")
      let object = try ended.json()
      #expect(object["name"]?.text == "Team")
      #expect((object["token"]?.text ?? "").count > 20)
      #expect(object["configuration"]?["oauth.api.secret"]?.text == "********")
      #expect(object["configuration"]?["event.poller.refresh_interval"]?.text == "5")
      let polls = try await stage.rows("poll", "run")
      #expect(polls.allSatisfy { $0["status"]?.text == "completed" }, "\(polls)")
      #expect(polls.count >= 4)
      try await expectTheDefault(stage)
      try expectNoSecret(stage, ended, place)
      #expect(throws: Missing.self) { try exchange(place.port, "GET", "/", "") }
    }
  }

  /// The same feeds as of an instance without a poller configuration of its own.
  private func expectTheDefault(_ stage: Stage) async throws {
    let form = try await stage.form(["event.poller.configuration": .null])
    try await stage.done("instance", "create", try stage.write(form, to: "plain.json"))
    func opened(_ instance: Int) async throws -> [JSON] {
      try await stage.rows("events", "--type", "feed.opened", "--instance", "\(instance)")
        .compactMap { row in
          guard var body = row["body"]?.members, body["roster"] == nil else { return nil }
          for name in ["feed", "instance", "interval_ms", "next_at_ms"] { body[name] = nil }
          return .object(body)
        }
    }
    let (connected, plain) = (try await opened(1), try await opened(2))
    #expect(connected.count == 4)
    #expect(connected == plain)
  }

  private func expectNoSecret(_ stage: Stage, _ ended: Finished, _ place: Place) throws {
    let code = try #require(place.target.firstMatch(of: /code=([^&]+)/)).1
    var files = try stage.contents()
    #expect(files.keys.contains("daybook.journal"))
    files["client-secret"] = nil
    files["standard output"] = Data(ended.output)
    files["standard error"] = Data(ended.errors.utf8)
    let decoded = code.removingPercentEncoding ?? String(code)
    for canary in [Self.secret, String(code), decoded, "1//sandbox-", "ya29.sandbox-"] {
      for (name, bytes) in files where bytes.range(of: Data(canary.utf8)) != nil {
        Issue.record("\(canary) is in \(name)")
      }
    }
    #expect(files["daybook.journal"]?.range(of: Data("canary-client".utf8)) == nil)
  }

  @Test func `only what is named is asked for and watched`() async throws {
    try await withStage { stage in
      let program = try connect(stage, "--resource", "changed-groups", Stage.resource)
      let address = try await address(program)
      #expect(address.contains("contacts.readonly"))
      #expect(!address.contains("gmail") && !address.contains("calendarlist"))
      _ = try await redirect(stage, from: address).visit()
      #expect(try await program.end().status == 0)
      let resources = try await stage.rows("cursor", "list").compactMap { $0["resource"]?.text }
      #expect(resources == ["changed-groups", Stage.resource])
    }
  }

  // MARK: What goes another way

  @Test func `a person who says no gets one clear error, and nothing is created`() async throws {
    try await withStage { stage in
      try await stage.tell("POST", "/sandbox/consent", #"{"denied":true}"#)
      let program = try connect(stage)
      let page = try await redirect(stage, from: try await address(program)).visit()
      #expect(page.status == "200")
      #expect(page.text.contains("Nothing was granted"))
      let ended = try await program.end()
      #expect(ended.status == 1)
      #expect(ended.output.isEmpty)
      #expect(
        ended.errors.split(separator: "\n").dropFirst(2)
          == ["daybook: the authorization was refused; nothing was created"])
      #expect(try Set(stage.contents().keys) == ["client-secret"])
    }
  }

  @Test func `what is not the redirect is turned away and does not end the wait`() async throws {
    try await withStage { stage in
      let program = try connect(stage)
      let place = try await redirect(stage, from: try await address(program))
      let state = try #require(place.target.firstMatch(of: /state=([^&]+)/)).1
      let made = place.target.replacing(state, with: String(state.reversed()))
      let long = "/?state=\(state)&code=x&a=" + String(repeating: "b", count: 20_000)
      for (method, target, host, status) in [
        ("GET", made, nil, "400"), ("GET", "/?error=access_denied", nil, "400"),
        ("GET", "/favicon.ico", nil, "404"), ("GET", "/", nil, "404"),
        ("POST", place.target, nil, "405"), ("HEAD", place.target, nil, "405"),
        ("GET", place.target, "example.com:\(place.port)", "400"),
        ("GET", place.target, "127.0.0.1", "400"), ("GET", long, nil, "400"),
        ("GET", "/" + String(repeating: "b", count: 200_000), nil, ""),
        ("BAD REQUEST", "", nil, ""),
      ] as [(String, String, String?, String)] {
        let answer = try? await place.visit(method, target, host: host)
        #expect(
          status.isEmpty ? answer?.status != "200" : answer?.status == status,
          "\(method) \(target.prefix(60)) \(host ?? "")")
        #expect(program.isRunning)
      }
      #expect(try await place.visit().status == "200")
      let ended = try await program.end()
      #expect(ended.status == 0, "\(ended.errors)")
    }
  }

  @Test func `what was not granted is left out and named`() async throws {
    try await withStage { stage in
      try await tick(stage, ["contacts.readonly", "calendar.calendarlist.readonly"])
      let program = try connect(stage)
      _ = try await redirect(stage, from: try await address(program)).visit()
      let ended = try await program.end()
      #expect(ended.status == 5)
      let named =
        "calendars/{calendarId}/changed-events, calendars/primary/changed-events, changed-messages"
      #expect(ended.errors.hasSuffix("was not granted: \(named)\n"))
      #expect(try ended.json()["id"]?.integer == 1)
      let resources = try await stage.rows("cursor", "list").compactMap { $0["resource"]?.text }
      #expect(resources == ["changed-groups"])
      #expect(try await stage.rows("poll", "run").first?["status"]?.text == "completed")
    }
  }

  @Test func `a grant that is good for nothing is refused and given back`() async throws {
    try await withStage { stage in
      try await tick(stage, ["contacts.readonly"])
      let program = try connect(stage, "--resource", "changed-messages")
      _ = try await redirect(stage, from: try await address(program)).visit()
      let ended = try await program.end()
      #expect(ended.status == 1)
      #expect(ended.errors.contains("nothing was granted of what the resources need"))
      #expect(!ended.errors.contains("may still be open"))
      #expect(try await grants(stage) == 0)
      #expect(try Set(stage.contents().keys) == ["client-secret"])
    }
  }

  @Test func `what is refused is not given back under another instance of the same client`()
    async throws
  {
    try await withStage { stage in
      let first = try connect(stage, "--resource", "changed-groups")
      _ = try await redirect(stage, from: try await address(first)).visit()
      #expect(try await first.end().status == 0)
      try await tick(stage, [])
      let second = try connect(stage)
      _ = try await redirect(stage, from: try await address(second)).visit()
      let ended = try await second.end()
      #expect(ended.status == 1)
      #expect(ended.errors.contains("may still be open: instance 1 uses the same client"))
      #expect(try await stage.rows("poll", "run").first?["status"]?.text == "completed")
      #expect(try await stage.rows("instance", "list").count == 1)
    }
  }

  @Test func `Ctrl-C ends the wait with 130, and a wait that is over fails`() async throws {
    try await withStage { stage in
      let browser = try stage.write("printf %s \"$1\" >\"$HOME/opened\"\n", to: "browser")
      let program = try connect(stage, environment: ["BROWSER": "sh \(browser)"])
      let address = try await address(program)
      let opened = stage.folder + "/opened"
      try await wait("the browser") {
        FileManager.default.contents(atPath: opened) == Data(address.utf8)
      }
      program.signal(SIGINT)
      #expect(try await program.end().status == 130)
      let late = try await connect(stage, "--for", "50ms").end()
      #expect(late.status == 1)
      #expect(late.errors.hasSuffix("no browser came back within 50ms; nothing was created\n"))
      #expect(try !stage.contents().keys.contains("daybook.journal"))
    }
  }

  @Test func `what cannot work is refused before anybody is asked`() async throws {
    try await withStage { stage in
      let words = [
        "connect", "googlesuite", "--client-id", "c", "--callback", stage.url + "/receiver/hook",
      ]
      let file = ["--client-secret-file", try stage.write("word", to: "client-secret")]
      let hook = ["--callback", "http://10.0.0.1/"]
      for (more, status, text) in [
        (file + ["--resource", "changed-nothing"], 1, "cannot be polled"),
        (file + ["--resource", "changed-groups", "changed-groups"], 1, "twice"),
        (file + ["--interval", "0"], 1, "refresh_interval"), (file + hook, 1, "callback"),
        (file + ["--for", "2h"], 2, "--for"), ([], 4, "--client-secret-file"),
        (["--client-secret-file", stage.folder + "/nothing"], 1, "nothing"),
      ] as [([String], Int32, String)] {
        let ended = try await stage.start(words + more).end()
        #expect(ended.status == status, "\(more) \(ended.errors)")
        #expect(ended.complaint?.contains(text) == true, "\(ended.errors)")
      }
      let other = try await stage.start(["connect", "nothing"] + words.dropFirst(2)).end()
      #expect(other.status == 2)
      let readOnly = try await stage.start(["--read-only"] + words + file).end()
      #expect(readOnly.status == 1)
      #expect(try !stage.contents().keys.contains("daybook.journal"))
    }
  }

  // MARK: The client's secret

  @Test func `the secret comes from standard input, or from the JSON of Google's console`()
    async throws
  {
    try await withStage { stage in
      try await stage.tell("POST", "/sandbox/clients", #"{"acceptNew":false}"#)
      let words = [
        "connect", "googlesuite", "--client-id", "sandbox-client", "--resource", "changed-groups",
        "--callback", stage.url + "/receiver/hook", "--client-secret-file", "-",
      ]
      for (input, status) in [
        ("sandbox-secret\n", 0), ("another-secret", 1),
        (#"{"installed":{"client_id":"c","client_secret":"sandbox-secret"}}"#, 0),
      ] as [(String, Int32)] {
        let program = try stage.start(words, input: input, seconds: 60)
        _ = try await redirect(stage, from: try await address(program)).visit()
        let ended = try await program.end()
        #expect(ended.status == status, "\(ended.errors)")
        if status == 1 { #expect(ended.errors.contains("invalid_client")) }
      }
      for input in ["", "\n", "two words", "{}", #"{"installed":{}}"#, "{"] {
        let ended = try await stage.start(words, input: input).end()
        #expect(ended.status == 1)
        #expect(ended.complaint?.contains("one word") == true, "\(ended.errors)")
      }
    }
  }

  @Test func `on a terminal the secret is asked for and not shown`() async throws {
    try await withStage { stage in
      let terminal = try Terminal()
      let program = try Program(
        daybookPath(),
        [
          "connect", "googlesuite", "--client-id", "canary-client", "--resource",
          "changed-groups", "--callback", stage.url + "/receiver/hook",
        ], environment: stage.environment.merging(["TERM": "xterm", "PAGER": "cat"]) { $1 },
        terminal: terminal.path, seconds: 60)
      try await wait("the question") { terminal.shown().contains("secret: ") }
      terminal.type(Self.secret + "\r")
      var address: String?
      try await wait("the address") {
        address = Self.address(in: terminal.shown())
        return address != nil || !program.isRunning
      }
      _ = try await redirect(stage, from: try #require(address, "\(terminal.shown())")).visit()
      let ended = try await program.end()
      #expect(ended.status == 0, "\(terminal.shown())")
      #expect(!terminal.shown().contains("canary+secret"))
      #expect(try await stage.rows("poll", "run").first?["status"]?.text == "completed")
    }
  }
}
