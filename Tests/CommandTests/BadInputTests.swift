import CSQLite
import Foundation
import Glibc
import RawJSON
import Testing

/// What is wrong with the input is said in one line that names what and where, and nothing changes.
@Suite(.serialized)
struct BadInputTests {
  /// Runs `instance create` with a body and holds the folder against what it was.
  private func refuse(
    _ stage: Stage, _ body: String, naming words: [String],
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let file = try stage.write(body, to: "bad.json")
    try await refuse(
      stage, ["instance", "create", file], naming: words, sourceLocation: sourceLocation)
  }

  private func refuse(
    _ stage: Stage, _ arguments: [String], naming words: [String],
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let before = try stage.contents()
    let ended = try await stage.start(arguments).end()
    #expect(ended.status != 0, "\(arguments)", sourceLocation: sourceLocation)
    #expect(ended.status < 128, "\(arguments)", sourceLocation: sourceLocation)
    // The answer of `verify` is that it is damaged.
    let isAnswer = arguments.last == "verify" && ended.text.contains(#""ok":false"#)
    #expect(ended.output.isEmpty || isAnswer, sourceLocation: sourceLocation)
    #expect(ended.complaint != nil, "\(ended.errors)", sourceLocation: sourceLocation)
    for word in words {
      #expect(ended.errors.contains(word), "\(ended.errors)", sourceLocation: sourceLocation)
    }
    let after = try stage.contents()
    // SQLite's own files may appear beside a journal that is looked at.
    let names = Set(before.keys).union(after.keys).filter {
      !$0.hasSuffix("-shm") && !($0.hasSuffix("-wal") && after[$0]?.isEmpty == true)
    }
    for name in names.sorted() {
      #expect(before[name] == after[name], "\(name)", sourceLocation: sourceLocation)
    }
  }

  @Test func `a body that cannot be used creates nothing`() async throws {
    try await withStage { stage in
      let good = try await stage.form()
      try await refuse(stage, "{\"element\": ", naming: ["JSON", "line 1"])
      try await refuse(stage, "", naming: ["JSON"])
      try await refuse(stage, "[]", naming: ["object"])
      try await refuse(
        stage, good.replacing("googlesuite", with: "other"), naming: ["element.key", "other"])
      try await refuse(
        stage, try await stage.form(code: ""), naming: ["providerData.code"])
      let urls = [
        "ftp://example.com/", "http://10.0.0.1/hook", "https://user:word@example.com/",
        "nonsense", "http://[::1]:1/", "http://169.254.169.254/",
      ]
      for url in urls {
        let body = try await stage.form(["event.notification.callback.url": .string(url)])
        try await refuse(stage, body, naming: ["event.notification.callback.url"])
      }
      for interval: JSON in ["0", "0.5", 0, "-1", "never", .number("1e9"), true] {
        let body = try await stage.form(["event.poller.refresh_interval": interval])
        try await refuse(stage, body, naming: ["event.poller.refresh_interval"])
      }
      try await refuse(
        stage, good.replacing("\"Team\"", with: "\"Te\\u001bam\""), naming: ["name", "control"])
      try await refuse(
        stage, try await stage.form(["event.poller.configuration": "nonsense"]),
        naming: ["event.poller.configuration"])
      for key in ["whsec_", "whsec_no base64", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS"] {
        try await refuse(
          stage, try await stage.form(["event.notification.signature.key": .string(key)]),
          naming: ["configuration.event.notification.signature.key", "whsec_", "base64"])
      }
      for headers in [
        "X-A=1", "X A: 1", "X-A: a\u{7}b", "Content-Type: text/plain", "webhook-id: 5",
      ] {
        try await refuse(
          stage, try await stage.form(["event.notification.callback.headers": .string(headers)]),
          naming: ["configuration.event.notification.callback.headers", "header"])
      }
      try await refuse(
        stage, try await stage.form(["oauth.api.secret": ""]), naming: ["oauth.api.secret"])
      try await refuse(
        stage, ["instance", "create", stage.folder + "/none.json"], naming: ["none"])
    }
  }

  @Test func `what is not there can be neither marked nor enabled`() async throws {
    try await withStage { stage in
      try await stage.prepare()
      // Reports are caught up with the log by whoever reads them first.
      try await stage.done("callback", "list")
      try await refuse(stage, ["mark", "x", "99999"], naming: ["there is no event 99999"])
      try await refuse(stage, ["mark", "2026-11-23", "1"], naming: ["2026-11-23"])
      try await refuse(stage, ["diff", "1", "99999"], naming: ["there is no event 99999"])
      try await refuse(
        stage, ["replay", "1..head", "--status", "nope", "--to", stage.url + "/other"],
        naming: ["--status", "nope"])
      try await refuse(
        stage, ["callback", "enable", stage.url + "/other"], naming: [stage.url + "/other"])
      try await refuse(stage, ["callback", "disable", "nonsense"], naming: ["nonsense", "http"])
      let update = try stage.write(
        #"{"configuration":{"event.notification.signature.key":"whsec_***"}}"#, to: "update.json")
      try await refuse(
        stage, ["instance", "update", "1", update],
        naming: ["event.notification.signature.key"])
    }
  }

  @Test func `a code that was used creates nothing and says so`() async throws {
    try await withStage { stage in
      let code = try #require(
        try await stage.tell("POST", "/sandbox/codes", "{}")["code"]?.text)
      let file = try stage.write(try await stage.form(code: code), to: "instance.json")
      try await stage.done("instance", "create", file)
      let other = stage.folder + "/other.journal"
      try await refuse(
        stage, ["--journal", other, "instance", "create", file], naming: ["code", "invalid_grant"])
      let events = try await stage.rows("events").count
      #expect(try await stage.daybook("instance", "create", file).status == 1)
      #expect(try await stage.rows("events").count == events)
    }
  }

  @Test func `a foreign or damaged file is refused and left as it is`() async throws {
    try await withStage { stage in
      try await stage.prepareHistory()
      try await onThread { try settle(stage.journal) }
      let whole = Array(FileManager.default.contents(atPath: stage.journal) ?? Data())
      let form = try stage.write(try await stage.form(), to: "instance.json")
      let foreign = try stage.write(
        String(repeating: "no database ", count: 1_000), to: "foreign.journal")
      let table = stage.folder + "/table.journal"
      _ = try await onThread {
        var handle: OpaquePointer?
        defer { sqlite3_close_v2(handle) }
        try #require(sqlite3_open(table, &handle) == SQLITE_OK)
        try #require(sqlite3_exec(handle, "CREATE TABLE t (x)", nil, nil, nil) == SQLITE_OK)
      }
      let torn = stage.folder + "/torn.journal"
      try Data(whole.prefix(whole.count / 2)).write(to: URL(filePath: torn))
      let scrambled = stage.folder + "/scrambled.journal"
      var bytes = whole
      for place in stride(from: 100, to: 4_096, by: 7) { bytes[place] ^= 0x5A }
      try Data(bytes).write(to: URL(filePath: scrambled))
      for path in [foreign, table, torn, scrambled, stage.folder] {
        for words in [
          ["instance", "create", form], ["instance", "list"], ["events"], ["poll", "run"],
          ["deliver"], ["run"], ["verify"], ["rebuild"],
        ] {
          try await refuse(stage, ["--journal", path] + words, naming: [path])
        }
      }
    }
  }

  @Test func `a place where no file can be made is named`() async throws {
    try await withStage { stage in
      let form = try stage.write(try await stage.form(), to: "instance.json")
      let path = stage.folder + "/none/daybook.journal"
      try await refuse(stage, ["--journal", path, "instance", "create", form], naming: [path])
      for words in ["events", "poll run", "deliver", "run", "verify", "instance list", "at 1"] {
        try await refuse(stage, ["-c", words], naming: [stage.journal])
      }
      let key = stage.folder + "/none/key"
      let ended = try await stage.daybook(
        "instance", "create", form, environment: ["DAYBOOK_KEY_FILE": key])
      #expect(ended.status == 1)
      #expect(ended.complaint?.contains(key) == true, "\(ended.errors)")
      // None of them has used up the code.
      try await stage.done("instance", "create", form)
    }
  }

  @Test func `an instance or a position that is not there is named`() async throws {
    try await withStage { stage in
      try await stage.prepareHistory()
      let replay = ["replay", "--instance", "77", "--to", stage.url + "/receiver/other"]
      let missing: [(words: [String], named: String)] = [
        (replay, "instance 77"), (replay + ["--mode", "rebuilt"], "instance 77"),
        (replay + ["--execute"], "instance 77"), (["show", "head-999"], "head-999"),
        (["replay", "head-999..head", "--to", stage.url], "head-999"),
        (["events", "--after", "head-999"], "head-999"),
      ]
      for (words, named) in missing {
        let ended = try await stage.start(words).end()
        #expect(ended.status == 1, "\(words): \(ended.errors)")
        #expect(ended.complaint?.contains(named) == true, "\(words): \(ended.errors)")
        #expect(ended.output.isEmpty, "\(words)")
      }
      let head = try #require(try await stage.rows("show", "head").first?["position"]?.integer)
      let first = try await stage.rows("show", "head-\(head - 1)")
      #expect(first.first?["position"] == 1)
    }
  }

  @Test func `settings that cannot be read are named`() async throws {
    try await withStage { stage in
      let settings = [
        "DAYBOOK_RETRY": "soon", "DAYBOOK_TIMEOUT": "0s", "DAYBOOK_CONCURRENCY": "many",
        "DAYBOOK_ALLOW_CALLBACKS": "10.0.0.0/99",
      ]
      for (name, value) in settings.sorted(by: { $0.key < $1.key }) {
        let ended = try await stage.daybook("version", environment: [name: value])
        #expect(ended.status == 2, "\(name)")
        #expect(ended.complaint?.contains(name) == true, "\(ended.errors)")
      }
      let config = try stage.write("{", to: "config.json")
      let ended = try await stage.daybook("--config", config, "version")
      #expect(ended.status == 2)
      #expect(ended.complaint?.contains(config) == true, "\(ended.errors)")
    }
  }

  @Test func `a settings file that nobody would read as it is meant is refused`() async throws {
    try await withStage { stage in
      for (text, words) in [
        ("[]", ["object"]), ("null", ["object"]), (#"{"nope":1}"#, ["nope"]),
        (#"{"delivery":7}"#, ["delivery", "object"]),
        (#"{"delivery":{"retyr":"sap"}}"#, ["delivery.retyr", "delivery.retry"]),
        (#"{"delivery":{"concurrency":4.5}}"#, ["delivery.concurrency"]),
        (#"{"delivery.timeout":15}"#, ["delivery.timeout", "15"]),
        (#"{"callbacks":{"allow":[1]}}"#, ["callbacks.allow"]),
      ] {
        let file = try stage.write(text, to: "settings.json")
        try await refuse(stage, ["--config", file, "version"], naming: [file] + words)
      }
      let good = try stage.write(
        #"{"callbacks":{"allow":["127.0.0.1"]},"delivery.timeout":"5s"}"#, to: "settings.json")
      try await stage.done("--config", good, "version")
    }
  }

  @Test func `a full disk is said, and the journal stays whole`() async throws {
    try await withStage { stage in
      let small = stage.folder + "/small"
      mkdir(small, 0o755)
      let mounted = try await Program(
        "/bin/mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", small],
        environment: stage.environment
      ).end()
      guard mounted.status == 0 else {
        // Only who may mount can have a small disk.
        try Test.cancel("a small disk cannot be mounted here: \(mounted.errors)")
      }
      defer { _ = umount2(small, 2) }
      let journal = small + "/daybook.journal"
      let form = try stage.write(try await stage.form(), to: "instance.json")
      try await stage.done("--journal", journal, "instance", "create", form)
      try await stage.done("--journal", journal, "poll", "run", "1")
      try await stage.tell(
        "POST", "/sandbox/calendars/primary/generate", #"{"count":2000,"title":"Meeting"}"#)
      let ended = try await stage.daybook("--journal", journal, "poll", "run", "1")
      #expect(ended.status == 1)
      #expect(ended.complaint?.contains(journal) == true, "\(ended.errors)")
      #expect(ended.errors.contains("full"), "\(ended.errors)")
      let read = try await stage.daybook("--journal", journal, "events")
      #expect(read.status == 0, "\(read.errors)")
      #expect(try await stage.daybook("--journal", journal, "verify").status == 0)
      let changes = try await stage.daybook("--journal", journal, "changes")
      #expect(try changes.rows().isEmpty)
    }
  }
}
