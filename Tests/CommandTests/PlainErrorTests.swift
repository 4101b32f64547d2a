import Foundation
import Glibc
import RawJSON
import Testing

/// What fails says what failed, on what, what happened nevertheless and what to do.
@Suite(.serialized)
struct PlainErrorTests {
  /// Runs the executable from a shell, which sets its streams up.
  private func shell(
    _ stage: Stage, _ script: String, _ words: [String] = []
  ) async throws
    -> Finished
  {
    try await Program(
      "/bin/sh", ["-c", script, try daybookPath()] + words, environment: stage.environment
    ).end()
  }

  @Test func `an instance whose token could not be shown is named, with the way back`() async throws
  {
    try await withStage { stage in
      let file = try stage.write(try await stage.form(), to: "instance.json")
      let ended = try await shell(stage, "exec \"$0\" instance create \"$1\" >/dev/full", [file])
      #expect(ended.status == 1)
      let complaint = try #require(ended.complaint)
      for words in [
        "instance 1 was created", stage.journal, "token", "No space left", "instance delete 1",
      ] {
        #expect(complaint.contains(words), "\(complaint)")
      }
      #expect(try await stage.rows("instance", "list").count == 1)
    }
  }

  @Test func `nothing is created where the token could not be shown at all`() async throws {
    try await withStage { stage in
      let file = try stage.write(try await stage.form(), to: "instance.json")
      let ended = try await shell(stage, "exec \"$0\" instance create \"$1\" >&-", [file])
      #expect(ended.status == 1)
      #expect(ended.complaint?.contains("nothing was created") == true, "\(ended.errors)")
      #expect(!FileManager.default.fileExists(atPath: stage.journal))
      // Its code is good still.
      try await stage.done("instance", "create", file)
    }
  }

  @Test func `a closed or full output is said and no file of ours takes its place`() async throws {
    try await withStage { stage in
      try await stage.prepare()
      for words in ["events", "version", "--version", "verify", "help"] {
        let full = try await shell(stage, "exec \"$0\" \(words) >/dev/full")
        #expect(full.status == 1, "\(words)")
        #expect(full.complaint?.contains("No space left") == true, "\(words): \(full.errors)")
        let closed = try await shell(stage, "exec \"$0\" \(words) >&-")
        #expect(closed.status == 1, "\(words)")
        #expect(
          closed.complaint?.contains("standard output is closed") == true,
          "\(words): \(closed.errors)")
      }
      for closing in ["<&-", "2>&-", "<&- >&- 2>&-"] {
        let ended = try await shell(
          stage,
          "exec \"$0\" callback disable \(stage.url)/receiver/hook --yes --reason test"
            + " \(closing)")
        #expect(ended.status < 128, "\(closing)")
        try await stage.done("verify")
      }
    }
  }

  @Test func `names that would open something else are refused before anything is asked`()
    async throws
  {
    try await withStage { stage in
      let file = try stage.write(try await stage.form(), to: "instance.json")
      let names = ["", ":memory:", "file:x.journal", "file::memory:?cache=shared", "folder/"]
      let before = try stage.contents()
      for name in names {
        for words in [
          ["instance", "create", file], ["events"], ["--read-only", "events"], ["run"],
        ] {
          let ended = try await stage.start(["--journal", name] + words).end()
          #expect(ended.status != 0 && ended.status < 128, "'\(name)' \(words)")
          #expect(ended.complaint != nil, "'\(name)' \(words): \(ended.errors)")
        }
      }
      for script in [
        "exec \"$0\" --journal \"$(printf 'a\\377.journal')\" instance create \"$1\"",
        "DAYBOOK_JOURNAL=$(printf 'a\\377.journal') exec \"$0\" instance create \"$1\"",
        "DAYBOOK_KEY_FILE=$(printf 'a\\377.key') exec \"$0\" instance create \"$1\"",
      ] {
        let ended = try await shell(stage, script, [file])
        #expect(ended.status == 2, "\(script): \(ended.errors)")
        #expect(ended.complaint?.contains("UTF-8") == true, "\(script): \(ended.errors)")
      }
      #expect(try stage.contents() == before)
      // None of them has used up the code.
      try await stage.done("instance", "create", file)
    }
  }

  @Test func `a key that cannot be used is found before the code is spent`() async throws {
    try await withStage { stage in
      let file = try stage.write(try await stage.form(), to: "instance.json")
      let key = try stage.write("no key\n", to: "bad.key")
      let ended = try await stage.daybook(
        "instance", "create", file, environment: ["DAYBOOK_KEY_FILE": key])
      #expect(ended.status == 1)
      #expect(ended.complaint?.contains(key) == true, "\(ended.errors)")
      #expect(!FileManager.default.fileExists(atPath: stage.journal))
      try await stage.done("instance", "create", file)
    }
  }

  @Test func `too many open files are no matter of rights`() async throws {
    try await withStage { stage in
      try await stage.prepare()
      for most in 4...40 {
        for words in [
          "callback disable \(stage.url)/receiver/hook --yes --reason test", "events --limit 1",
        ] {
          let ended = try await shell(stage, "ulimit -n \(most); exec \"$0\" \(words)")
          let isTold = ended.complaint?.contains("Too many open files") == true
          #expect(isTold ? ended.status == 1 : ended.status == 0, "\(most): \(ended.errors)")
          #expect(isTold || most >= 32, "\(most): \(ended.errors)")
        }
      }
    }
  }

  @Test(arguments: ["lock", "unlock", "write"])
  func `what is called refused is not in the journal`(call: String) async throws {
    try await withStage { stage in
      let watch = try await Watch(stage)
      #expect(try await watch.create().ended.status == 0)
      for (number, ending) in ["-wal", "-shm", "journal"].enumerated() {
        let (_, calls) = try await watch.watched(
          ["instance", "disable", "1", "--reason", "whole \(number)"])
        let count = calls.filter { $0.name == call && $0.file.hasSuffix(ending) }.count
        // The last ones stand around the commit.
        for place in stride(from: count, to: max(0, count - 5), by: -1) {
          try #require(try await watch.daybook("instance", "enable", "1").status == 0)
          let reason = "reason \(number) \(place)"
          let (ended, _) = try await watch.watched(
            ["instance", "disable", "1", "--reason", reason],
            fail: "\(call):\(ending):\(EIO):\(place)")
          #expect(ended.status < 2, "\(call) \(ending) \(place): \(ended.errors)")
          let found = try await watch.daybook(
            "--output", "jsonl", "events", "--type", "instance.disabled")
          let stands = found.text.contains("\"\(reason)\"")
          #expect(stands == (ended.status == 0), "\(call) \(ending) \(place): \(ended.errors)")
        }
      }
    }
  }
}
