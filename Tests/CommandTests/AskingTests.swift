import Foundation
import RawJSON
import Testing

/// Which rows a command answers with, and how what is asked for is named.
@Suite(.serialized)
struct AskingTests {
  private func positions(_ stage: Stage, _ line: String) async throws -> [Int] {
    try await stage.rows("-c", line).compactMap { $0["position"]?.integer }
  }

  @Test func `a limit leaves the newest, after a place it counts on`() async throws {
    try await withStage { stage in
      try await stage.prepareHistory()
      let all = try await positions(stage, "events")
      #expect(try await positions(stage, "events --limit 3") == Array(all.suffix(3)))
      #expect(try await positions(stage, "tail -n 3") == Array(all.suffix(3)))
      #expect(try await positions(stage, "tail --limit 3 --after 2") == Array(all.suffix(3)))
      #expect(try await positions(stage, "events --limit 3 --after 2") == [3, 4, 5])
      #expect(try await positions(stage, "events --limit 3 --before 9") == [6, 7, 8])
      #expect(
        try await positions(stage, "events --limit 3 --reverse") == all.suffix(3).reversed())
      #expect(try await positions(stage, "events --limit 3 --after 2 --reverse") == [5, 4, 3])
      for list in ["changes", "deliveries", "notices", "replay list", "cursor list"] {
        let rows = try await stage.rows("-c", list)
        #expect(try await stage.rows("-c", list + " --limit 1") == Array(rows.suffix(1)), "\(list)")
        #expect(try await stage.rows("-c", list + " --reverse") == rows.reversed(), "\(list)")
      }
    }
  }

  @Test func `a filter that names what is not there fails, and says what is`() async throws {
    try await withStage { stage in
      try await stage.prepareHistory()
      let head = try await positions(stage, "tail -n 1")[0]
      let lists = ["events", "changes", "deliveries", "tail", "notices", "cursor list"]
      let expected: [(words: String, status: Int32, says: String)] =
        lists.map {
          ("\($0) --instance 99", 1, "there is no instance 99; the only one is 1 (Team)")
        } + [
          ("changes --instance Taem", 1, "did you mean Team?"),
          ("deliveries --resource calendars/primary/changed-event", 1, "did you mean"),
          ("events --after 999999", 1, "the log ends at \(head)"),
          ("events --before 999999", 1, "the log ends at \(head)"),
          ("cursor show 77 x", 1, "there is no instance 77"),
          ("cursor show 1 x", 1, "instance 1 has no resource x; the only one is \(Stage.resource)"),
          ("poll run 77", 1, "there is no instance 77"),
          ("callback disable http://nowhere.example/", 1, "no instance names"),
          ("callback enable http://nowhere.example/", 1, "no instance names"),
          ("replay 1..999999 --to \(stage.url)/x", 1, "there is no event 999999"),
          ("replay 5..1 --to \(stage.url)/x", 2, "the first position is after the last"),
          ("deliveries --status sent", 2, "--status"), ("events --type poll", 2, "--type"),
          ("events --since x", 2, "yesterday"), ("show x", 2, "head-3"),
          ("events --fields position,typ", 2, "did you mean type?"),
          ("events --at \(head + 1)", 1, "the log ends at \(head)"),
          ("callback disable \(stage.url)/receiver/hook --at 2", 1, "--at: this command writes"),
          ("next --at 2", 2, "--at"), ("instance disable 1 --reason --local", 2, "--reason"),
        ]
      for (words, status, says) in expected {
        let ended = try await stage.daybook("-c", words)
        #expect(ended.status == status, "\(words): \(ended.errors)")
        #expect(ended.errors.contains(says), "\(words): \(ended.errors)")
        #expect(ended.output.isEmpty, "\(words)")
      }
      // What existed once is there.
      try await stage.done("instance", "delete", "1", "--yes", "--reason", "moved")
      #expect(try await !positions(stage, "events --instance Team").isEmpty)
      try await stage.done("changes", "--instance", "1", "--resource", Stage.resource)
    }
  }

  @Test func `things are named as they are shown`() async throws {
    try await withStage { stage in
      try await stage.prepareHistory()
      let byID = try await stage.rows("changes", "--instance", "1")
      #expect(try await stage.rows("changes", "--instance", "Team") == byID)
      for words in ["cursor show Team \(Stage.resource)", "instance show Team"] {
        let named = try await stage.done("-c", words).output
        #expect(try await stage.done("-c", words.replacing("Team", with: "1")).output == named)
      }
      let ids = Set(byID.compactMap { $0["objectId"]?.text })
      for id in ids {
        let whole = try await stage.rows("changes", "--object", id)
        let start = try #require(
          (1...id.count).lazy.map { String(id.prefix($0)) }
            .first { start in ids.count { $0.hasPrefix(start) } == 1 })
        #expect(try await stage.rows("changes", "--object", start) == whole)
        #expect(try await stage.rows("changes", "--object", "\(start)…\(id.suffix(3))") == whole)
        #expect(try await !stage.rows("deliveries", "--object", start).isEmpty)
      }
      let several = try await stage.daybook("changes", "--object", "")
      #expect(several.status == 1 && several.errors.contains("several objects begin with '': "))
      let event = try #require(try await stage.rows("show", "3").first)
      let text = try #require(event["recordedAt"]?.text)
      // Clocks twelve hours ahead of UTC show the same time on another day, or another half of it.
      let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
      let shown = try String(
        style.parse(text).addingTimeInterval(12 * 3_600).formatted(style).dropLast())
      let local = try await stage.daybook(
        "events", "--since", shown.replacing("T", with: " "), "--local", "-o", "jsonl",
        "--fields", "position", environment: ["TZ": "Etc/GMT-12"])
      let rows = try await stage.rows("events", "--since", text, "--fields", "position")
      #expect(try local.rows() == rows)
    }
  }

  @Test func `flags of every command choose form, fields and place`() async throws {
    try await withStage { stage in
      try await stage.prepareHistory()
      let csv = try await stage.done(
        "events", "-o", "csv", "--fields", "type,position", "--at", "2")
      #expect(csv.lines == ["type,position", "journal.created,1", "instance.created,2"])
      let before = try await stage.done(
        "-o", "csv", "--fields", "type,position", "--at", "2", "events")
      #expect(before.output == csv.output)
      let one = try await stage.done("show", "2", "--fields", "type,stream").json()
      #expect(one == ["type": "instance.created", "stream": "instance/1"])
      let rows = try await stage.rows("sql", "SELECT 1 AS a, 2 AS b", "--fields", "b")
      #expect(rows == [["b": 2]])
      // It answers as of the event, and the next command as of now.
      let counts = try await stage.rows("-c", "deliveries --at 2", "-c", "deliveries --limit 1")
      #expect(counts.count == 1)
      try await stage.done("-c", "instance disable Team --reason '-5 min'")
      let reason = try await stage.rows("events", "--limit", "1")[0]["body"]?["reason"]?.text
      #expect(reason == "-5 min")
      try await stage.done("events", "--since", "-2h")
      try await stage.done("diff", "-2h", "head")
    }
  }

  @Test(arguments: ["show 9", "trace 9", "diff 1 9", "mark there 9", "goto 9", "events --after 9"])
  func `what comes after the place says how to get there`(command: String) async throws {
    try await withStage { stage in
      try await stage.prepareHistory()
      let ended = try await stage.daybook("-c", "at 5", "-c", command)
      #expect(ended.status == 1)
      #expect(ended.complaint == "daybook: event 9 is after 5; `now`, or `at 9`")
    }
  }
}
