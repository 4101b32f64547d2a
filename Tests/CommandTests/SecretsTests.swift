import Foundation
import Glibc
import RawJSON
import Testing

/// Ten secrets, each with a canary of its own, that must be nowhere that anybody can read.
@Suite(.serialized)
struct SecretsTests {
  @Test func `no secret is found in any file, line or answer`() async throws {
    try await withStage { stage in
      let canaries = (0..<7).map { "canary/\($0)+kqZ7?w" + String(repeating: "\($0)x", count: 6) }
      var secrets: [(name: String, value: String)] = [
        ("client secret", canaries[0]), ("signature key", canaries[1]),
        ("callback password", canaries[2]), ("callback header", canaries[3]),
        ("client id", canaries[4]), ("callback user", canaries[5]),
      ]
      let key = JSON.string(canaries[4])
      let client: JSON = ["id": key, "secret": .string(canaries[0])]
      try await stage.tell(
        "POST", "/sandbox/clients", String(decoding: client.bytes(), as: UTF8.self))
      let wish: JSON = ["client_id": key, "redirect_uri": "http://127.0.0.1/"]
      let code = try #require(
        try await stage.tell(
          "POST", "/sandbox/codes", String(decoding: wish.bytes(), as: UTF8.self))["code"]?.text)
      secrets.append(("code", code))
      let body = try await stage.form(
        [
          "oauth.api.key": key, "oauth.api.secret": .string(canaries[0]),
          "event.notification.signature.key": .string(canaries[1]),
          "event.notification.basic.username": .string(canaries[5]),
          "event.notification.basic.password": .string(canaries[2]),
          "event.notification.callback.headers": .string("X-Key: \(canaries[3])"),
        ], code: code)
      let file = try stage.write(body, to: "instance.json")
      let created = try await stage.done("instance", "create", file)
      secrets.append(("element token", try #require(try created.json()["token"]?.text)))
      let again = try await stage.daybook("instance", "create", file)
      unlink(file)
      var said = try await work(stage)
      said["refused create"] = again
      let received = try await stage.received()
      let password = Data("\(canaries[5]):\(canaries[2])".utf8).base64EncodedString()
      #expect(header("authorization", of: received.first) == "Basic \(password)")
      #expect(header("x-key", of: received.first) == canaries[3])
      secrets.append(("authorization header", password))
      let state = String(
        decoding: try await ask(stage.port, "GET", "/sandbox/state"), as: UTF8.self)
      for token in tokens(in: state) { secrets.append(("token", token)) }
      #expect(secrets.count >= 9)
      try await search(stage, for: secrets, said)
    }
  }

  /// Access and refresh tokens, as the sandbox shows them.
  private func tokens(in state: String) -> [String] {
    state.split(separator: "\"").map(String.init).filter {
      $0.hasPrefix("ya29.") || $0.hasPrefix("1//")
    }
  }

  /// Everything that can be asked, so that everything that can be said was said.
  private func work(_ stage: Stage) async throws -> [String: Finished] {
    var said: [String: Finished] = [:]
    let commands = [
      "poll run 1", "deliver --until-idle --for 30s", "replay 1..head --to \(stage.url)/receiver/b",
      "replay 1..head --to \(stage.url)/receiver/b --execute --with-credentials",
      "instance show 1", "instance list", "events", "changes", "deliveries", "cursor list",
      "trace head", "notices", "verify", "rebuild --check", "diff 1 head", "show 2",
      "sql 'SELECT body FROM events ORDER BY position'", "tail -n 100", "callback list",
      "poll step 1 \(Stage.resource) --discard",
    ]
    try await stage.done("poll", "run", "1")
    _ = try await stage.createEvent("Planning")
    for command in commands {
      said[command] = try await stage.daybook(
        "-c", command, environment: ["DAYBOOK_LOG": "debug"])
    }
    for row in try await stage.rows("events") {
      let position = row["position"]?.integer ?? 0
      said["show \(position)"] = try await stage.daybook("show", "\(position)")
    }
    let running = try stage.start(["run"], environment: ["DAYBOOK_LOG": "debug"])
    try await wait("run.started") {
      try await !stage.rows("events", "--type", "run.started").isEmpty
    }
    _ = try await stage.createEvent("Review")
    said["poll beside run"] = try await stage.daybook("poll", "run", "1")
    let place = "/proc/\(running.process)"
    for name in ["cmdline", "environ"] {
      let bytes = FileManager.default.contents(atPath: "\(place)/\(name)") ?? Data()
      said[name] = Finished(status: 0, output: Array(bytes), errors: "", memoryPeakKiB: 0)
    }
    running.signal(SIGTERM)
    said["run"] = try await running.end()
    try await stage.tell("POST", "/sandbox/expire", #"{"what":"refreshTokens"}"#)
    try await stage.tell("POST", "/sandbox/expire", #"{"what":"accessTokens"}"#)
    said["refused refresh"] = try await stage.daybook("poll", "run", "1", "--force")
    said["notices"] = try await stage.daybook("notices")
    return said
  }

  private func search(
    _ stage: Stage, for secrets: [(name: String, value: String)], _ said: [String: Finished]
  ) async throws {
    let files = try stage.contents()
    #expect(files.keys.contains("daybook.journal"))
    for (name, value) in secrets {
      for form in forms(of: value) {
        let bytes = Data(form.utf8)
        for (file, content) in files {
          #expect(content.range(of: bytes) == nil, "\(name) as \(form) in \(file)")
        }
        for (command, finished) in said {
          #expect(
            Data(finished.output).range(of: bytes) == nil, "\(name) as \(form) from \(command)")
          #expect(!finished.errors.contains(form), "\(name) as \(form) in errors of \(command)")
        }
      }
    }
  }

  /// Raw, base64 in its two alphabets, percent-encoded, hexadecimal in both cases.
  private func forms(of secret: String) -> [String] {
    let bytes = Array(secret.utf8)
    let hexadecimal = bytes.map { String(format: "%02x", $0) }.joined()
    let unreserved = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-._~"))
    let percent = secret.addingPercentEncoding(withAllowedCharacters: unreserved) ?? secret
    var forms = [secret, hexadecimal, hexadecimal.uppercased(), percent, percent.lowercased()]
    // A secret inside a longer text begins at one of three places of base64.
    for offset in 0..<3 {
      let whole = Data(repeating: 0, count: offset) + Data(bytes)
      let text = whole.base64EncodedString().filter { $0 != "=" }
      let inner = String(text.dropFirst([0, 2, 3][offset]).dropLast(2))
      forms.append(inner)
      forms.append(inner.replacing("+", with: "-").replacing("/", with: "_"))
    }
    return forms.filter { $0.count >= 8 }
  }
}
