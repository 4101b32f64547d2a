import Foundation
import RawJSON
import Testing

/// One grammar for arguments, `-c` and scripts; statuses; formats; help.
@Suite(.serialized)
struct GrammarTests {
  static let lists = [
    "instance list", "cursor list", "events", "changes", "deliveries", "notices", "replay list",
    "callback list", "trace head", "audit", "tail -n 3", "diff 1 head",
    "sql 'SELECT position, type FROM events ORDER BY position'",
  ]
  static let names = [
    "demo", "sandbox", "connect", "instance create", "instance list", "instance show", "poll run",
    "poll step", "cursor list", "cursor show", "skip", "deliver", "run", "events", "show", "tail",
    "changes", "deliveries", "trace", "history", "audit", "at", "now", "step", "replay",
    "redeliver", "notices", "sql", "verify", "head", "prove", "export", "import", "backup",
    "restore", "key rotate", "key export", "archive", "prune", "forget", "rebuild", "diff",
    "version",
    "stats", "watch", "bisect", "what-if", "completions", "manual",
  ]

  @Test func `every list answers in every format with the same fields`() async throws {
    try await withStage { stage in
      try await stage.prepareHistory()
      for list in Self.lists {
        let rows = try await stage.rows("-c", list)
        let names = rows.first?.members?.names ?? []
        let array = try await stage.done("--output", "json", "-c", list).json()
        #expect(array.elements == rows, "\(list)")
        let csv = try await stage.done("--output", "csv", "-c", list)
        let markdown = try await stage.done("--output", "markdown", "-c", list)
        let table = try await stage.done("--output", "table", "-c", list)
        let line = try await stage.done("--output", "line", "-c", list)
        guard !names.isEmpty else { continue }
        #expect(csv.lines.first == names.joined(separator: ","), "\(list)")
        #expect(
          markdown.lines.first == "| " + names.joined(separator: " | ") + " |", "\(list)")
        #expect(
          table.lines.first?.split(separator: " ").map(String.init) == names, "\(list)")
        #expect(table.lines.count == rows.count + 2, "\(list)")
        let shown = line.lines.prefix(names.count).map {
          $0.split(separator: "=")[0].trimmingCharacters(in: .whitespaces)
        }
        #expect(shown == names, "\(list)")
      }
    }
  }

  @Test func `arguments, -c and a script say the same`() async throws {
    try await withStage { stage in
      try await stage.prepareHistory()
      for list in Self.lists {
        let byFlag = try await stage.done("-c", list)
        let byScript = try await stage.daybook(input: "# a comment\n\n\(list)\n")
        #expect(byScript.status == 0, "\(byScript.errors)")
        #expect(byScript.output == byFlag.output, "\(list)")
      }
      let byArguments = try await stage.done("cursor", "list")
      #expect(try await stage.done("-c", "cursor list").output == byArguments.output)
    }
  }

  @Test func `a flag of the program that is nearly right is named`() async throws {
    try await withStage { stage in
      for (flag, near) in [
        ("--outptu", "--output"), ("--jornal", "--journal"), ("--feilds", "--fields"),
      ] {
        let done = try await stage.daybook(flag, "json", "version")
        #expect(done.status == 2)
        #expect(done.errors == "daybook: Unknown option '\(flag)'. Did you mean '\(near)'?\n")
      }
      let other = try await stage.daybook("--nothing-like-it", "version")
      #expect(other.status == 2 && other.errors.hasPrefix("daybook: Unknown option"))
    }
  }

  @Test(arguments: ["quit", "exit"])
  func `a word that leaves the prompt ends a script`(word: String) async throws {
    try await withStage { stage in
      let ended = try await stage.daybook(input: "version\n\(word)\nno such command\n")
      #expect(ended.status == 0, "\(ended.errors)")
      #expect(try ended.rows().count == 1)
    }
  }

  @Test func `a script ends at the first failing line, names it and gives 3`() async throws {
    try await withStage { stage in
      try await stage.prepare()
      let script = "cursor list\n# nothing\nshow 999\nversion\n"
      let stopped = try await stage.daybook(input: script)
      #expect(stopped.status == 3)
      #expect(stopped.lines.count == 1)
      #expect(stopped.complaint?.contains("line 3") == true, "\(stopped.errors)")
      let byFlag = try await stage.daybook("-c", "show 999", "-c", "version")
      #expect(byFlag.status == 1)
      #expect(byFlag.lines.isEmpty)
    }
  }

  @Test func `statuses tell failed, usage, answer needed and partly done apart`() async throws {
    try await withStage { stage in
      try await stage.prepare()
      let expected: [(words: String, status: Int32)] = [
        ("show 999", 1), ("nonsense", 2), ("poll", 2), ("events --limit x", 2),
        ("at 2026-99-99", 2), ("events --output xml", 2), ("show nonsense", 2),
        ("poll step 1 \(Stage.resource)", 4), ("show head--5", 2),
        ("show head--9223372036854775808", 2), ("deliveries --type CREATED", 2),
        ("replay head..9223372036854775807 --to http://127.0.0.1/ --execute", 1),
        ("replay 1..head --to https://example.com/hook --execute --yes", 1),
      ]
      for (words, status) in expected {
        let ended = try await stage.daybook("-c", words)
        #expect(ended.status == status, "\(words): \(ended.errors)")
        #expect(ended.errors.hasPrefix("daybook: "), "\(words): \(ended.errors)")
        #expect(ended.output.isEmpty, "\(words)")
      }
      for times in [
        "events --after -2h", "events --before -2h", "replay -2h..head --to \(stage.url)/x",
        "replay --since -2h --to \(stage.url)/x", "mark then -2h",
      ] {
        try await stage.done("-c", times)
      }
      _ = try await stage.createEvent("Planning")
      try await stage.done("poll", "run", "1", Stage.resource)
      let hook = #"{"path":"/receiver/hook","answers":[{"status":503,"retryAfter":"600"}]}"#
      try await stage.tell("POST", "/sandbox/receiver", hook)
      let delivered = try await stage.daybook("deliver")
      #expect(delivered.status == 5, "\(delivered.output) \(delivered.errors)")
      try await stage.tell("POST", "/sandbox/receiver", hook)
      let probe = ["callback", "probe", "\(stage.url)/receiver/hook"]
      let refused = try await stage.start(probe).end()
      #expect(refused.status == 5 && refused.complaint?.contains("answered 503") == true)
      #expect(try refused.rows().first?["outcome"]?.text == "failed")
      let taken = try await stage.start(probe).end()
      #expect(taken.status == 0 && taken.errors.isEmpty, "\(taken.errors)")
      #expect(try taken.rows().first?["outcome"]?.text == "succeeded")
      let remote = "replay 1..head --to https://example.com/hook --execute"
      #expect(try await stage.daybook("-c", remote).status == 4)
      #expect(try await stage.daybook("-c", remote + " --yes").status == 4)
      try await stage.tell(
        "POST", "/sandbox/faults",
        #"{"kind":"status","status":503,"path":"/calendar/v3/","times":10}"#)
      #expect(try await stage.daybook("poll", "run", "1").status == 5)
    }
  }

  @Test func `every command of the contract has help whose example runs`() async throws {
    try await withStage { stage in
      try await stage.prepareHistory()
      let delivery = try await stage.rows("deliveries", "--limit", "1")[0]
      let position = "\(try #require(delivery["position"]?.integer))"
      let replay = try await stage.done(
        "replay", "1..head", "--to", stage.url + "/receiver/other", "--execute")
      let id = "\(try #require(replay.json()["replay"]?.integer))"
      _ = try stage.write(try await stage.form(), to: "instance.json")
      _ = try await stage.createEvent("Retreat")
      try await stage.done("poll", "run", "1", Stage.resource)
      let hook = #"{"path":"/receiver/hook","answers":[{"status":503,"retryAfter":"600"}]}"#
      try await stage.tell("POST", "/sandbox/receiver", hook)
      _ = try await stage.daybook("deliver")
      let failed = try await stage.rows("deliveries", "--status", "failed")
      let open = try #require(failed.first?["position"]?.integer)
      for name in Self.names {
        let words = name.split(separator: " ").map(String.init)
        let help = try await stage.start(words + ["--help"]).end()
        #expect(help.status == 0, "\(name)")
        #expect(try await stage.start(["help"] + words).end().output == help.output, "\(name)")
        let lines = help.lines.drop { $0.trimmingCharacters(in: .whitespaces) != "EXAMPLE" }
        let example = lines.dropFirst().first?.trimmingCharacters(in: .whitespaces) ?? ""
        #expect(example.hasPrefix("daybook "), "\(name): \(help.text)")
        // What serves until it is stopped, or waits for a browser, is run by other tests.
        if ["sandbox", "run", "demo", "connect"].contains(name) { continue }
        let adapted =
          example
          .replacing("http://127.0.0.1:9000/hook", with: stage.url + "/receiver/other")
          .replacing("redeliver 42", with: "redeliver \(position)")
          .replacing("skip 42", with: "skip \(open)")
          .replacing("what-if 42", with: "what-if \(position)")
          .replacing("replay show 42", with: "replay show \(id)")
        let shell = try Program(
          "/bin/sh",
          ["-c", "cd \(stage.folder) && exec \(try daybookPath()) \(adapted.dropFirst(8))"],
          environment: stage.environment)
        let ended = try await shell.end()
        #expect(ended.status == 0, "\(adapted): \(ended.errors)")
      }
    }
  }

  @Test func `help and version need no journal`() async throws {
    try await withStage { stage in
      let all = try await stage.done("help")
      for name in Self.names {
        #expect(all.text.contains(String(name.split(separator: " ")[0])), "\(name)")
      }
      #expect(try await stage.done("--version").text == "daybook 0.1.0\n")
      let version = try await stage.done("version").json()
      for field in ["daybook", "format", "sqlite", "walResetFix", "libcurl", "libedit", "swift"] {
        #expect(version[field] != nil, "\(field)")
      }
      #expect(try stage.contents().isEmpty)
    }
  }

  @Test func `reading in a folder that cannot be written`() async throws {
    try #require(getuid() != 0 || FileManager.default.isExecutableFile(atPath: "/usr/bin/setpriv"))
    try await withStage { stage in
      try await stage.prepareHistory()
      let events = try await stage.done("events").output
      try await onThread {
        // Copies the write-ahead log back, as a folder that cannot be written wants it.
        try settle(stage.journal)
      }
      chmod(stage.folder, 0o555)
      defer { chmod(stage.folder, 0o755) }
      for name in try FileManager.default.contentsOfDirectory(atPath: stage.folder) {
        chmod(stage.folder + "/" + name, 0o444)
      }
      let before = try stage.contents()
      for flags in [["--read-only"], []] {
        let read = try await asNobody(stage, flags + ["events"])
        #expect(read.status == 0, "\(flags) \(read.errors)")
        #expect(read.output == events)
      }
      let refused = try await asNobody(stage, ["poll", "run"])
      #expect(refused.status == 1)
      #expect(refused.complaint?.contains(stage.journal) == true, "\(refused.errors)")
      #expect(try stage.contents() == before)
    }
  }

  private static func writing(_ stage: Stage) -> [String] {
    [
      "poll run", "poll step 1 x --discard", "deliver", "run", "rebuild",
      "instance create x.json", "instance delete 1", "cursor reset 1 x --reason y",
      "callback disable http://127.0.0.1/x", "callback probe http://127.0.0.1/x",
      "redeliver head --execute", "replay stop 1",
      "replay 1..head --to \(stage.url)/x --execute",
    ]
  }

  @Test func `--read-only refuses what writes and changes nothing`() async throws {
    try await withStage { stage in
      try await stage.prepareHistory()
      try await onThread { try settle(stage.journal) }
      let before = try stage.contents().filter { !$0.key.hasSuffix("-shm") }
      for words in Self.writing(stage) {
        let ended = try await stage.daybook("--read-only", "-c", words)
        #expect(ended.status == 1, "\(words): \(ended.errors)")
        #expect(ended.complaint?.contains("this command writes") == true, "\(ended.errors)")
      }
      for words in Self.lists {
        let ended = try await stage.daybook("--read-only", "-c", words)
        #expect(ended.status == 0, "\(words): \(ended.errors)")
      }
      let after = try stage.contents().filter { !$0.key.hasSuffix("-shm") && !$0.value.isEmpty }
      #expect(after == before.filter { !$0.value.isEmpty })
    }
  }

  @Test func `in the past what writes is refused before it does anything`() async throws {
    try await withStage { stage in
      try await stage.prepareHistory()
      let events = try await stage.done("events").output
      for words in Self.writing(stage) {
        let ended = try await stage.daybook("-c", "at 1", "-c", words)
        #expect(ended.status == 1, "\(words): \(ended.errors)")
        let complaint = "as of 1 nothing can be written"
        #expect(ended.complaint?.contains(complaint) == true, "\(words): \(ended.errors)")
      }
      #expect(try await stage.done("events").output == events)
    }
  }
}

/// Runs as a user who owns nothing here, where the tests run as one whom nothing is forbidden.
private func asNobody(_ stage: Stage, _ words: [String]) async throws -> Finished {
  guard getuid() == 0 else { return try await stage.start(words).end() }
  return try await Program(
    "/usr/bin/setpriv",
    ["--reuid", "65534", "--regid", "65534", "--clear-groups", try daybookPath()] + words,
    environment: stage.environment
  ).end()
}
