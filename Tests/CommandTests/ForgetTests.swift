import Foundation
import Glibc
import RawJSON
import Testing

/// Forgetting, seen from outside: nothing of it is left in any file, also where the process that
/// does it is killed and started again.
@Suite(.serialized)
struct ForgetTests {
  private static let resources: JSON = [
    "calendars/primary/changed-events": Stage.calendar,
    "changed-groups": ["url": "/hubs/general/changed-groups", "idField": "id"],
    "changed-messages": ["url": "/hubs/general/changed-messages", "idField": "id"],
  ]
  private static let address = "ann.canary@example.com"

  /// An event, a group and a mail with the canary in them, and others without; delivered.
  private static func prepare(_ stage: Stage) async throws {
    let file = try stage.write(
      try await stage.form(["event.poller.configuration": resources]), to: "instance.json")
    try await stage.done("instance", "create", file)
    try await stage.done("poll", "run", "1")
    try await fill(stage, "CANARY", address)
    try await fill(stage, "Plain", "bob@example.com")
    try await stage.done("poll", "run", "1")
    try await stage.done("deliver", "--until-idle", "--for", "60s")
  }

  private static func fill(_ stage: Stage, _ title: String, _ address: String) async throws {
    _ = try await stage.tell(
      "POST", "/sandbox/calendars/primary/events",
      #"{"summary":"\#(title) meeting","start":{"dateTime":"2026-12-07T09:00:00Z"},"#
        + #""end":{"dateTime":"2026-12-07T10:00:00Z"},"attendees":[{"email":"\#(address)"}]}"#)
    _ = try await stage.tell(
      "POST", "/sandbox/v1/contactGroups", #"{"contactGroup":{"name":"\#(title) group"}}"#)
    let text = Data("\(title) text".utf8).base64EncodedString()
    _ = try await stage.tell(
      "POST", "/sandbox/gmail/v1/users/me/messages",
      #"{"labelIds":["INBOX"],"payload":{"headers":[{"name":"Subject","value":"\#(title) mail"},"#
        + #"{"name":"From","value":"Ann <\#(address)>"}],"body":{"data":"\#(text)"}}}"#)
  }

  /// Forms in which a text may stand in a file.
  private static func forms(of text: String) -> [Data] {
    let bytes = Array(text.utf8)
    var forms = [Data(bytes), text.data(using: .utf16LittleEndian) ?? Data()]
    // Whatever stands before it, one of three begins a group of base64.
    for skip in 0..<3 {
      let whole = (bytes.count - skip) / 3 * 3
      forms.append(Data(Data(bytes[skip..<skip + whole]).base64EncodedString().utf8))
    }
    return forms
  }

  /// The journal's files, and what the user's own hold, in which one of the texts stands.
  private static func files(_ stage: Stage, holding texts: [String]) throws -> [String] {
    let forms = texts.flatMap(forms(of:))
    return try stage.contents().filter { name, bytes in
      name != "instance.json" && !name.hasSuffix(".so")
        && forms.contains { bytes.range(of: $0) != nil }
    }.map(\.key).sorted()
  }

  @Test func `a canary in every resource is gone from all files`() async throws {
    try await withStage { stage in
      try await Self.prepare(stage)
      try #require(try Self.files(stage, holding: ["CANARY"]) != [])
      let changes = try await stage.rows("changes")
      let canaries = changes.filter { $0["title"]?.text?.contains("CANARY") == true }
      try #require(canaries.count == 3, "\(changes)")

      // The event and the mail name the address; the group is named by its id.
      let plan = try await stage.daybook(
        "-o", "json", "forget", "--person", Self.address.uppercased())
      #expect(try plan.json()["objects"]?.integer == 2, "\(plan.text) \(plan.errors)")
      #expect(try plan.json()["executed"] == .bool(false))
      let unasked = try await stage.daybook("forget", "--person", Self.address, "--execute")
      #expect(unasked.status == 4)
      let reason = ["--execute", "--yes", "--reason", "asked by mail"]
      let ended = try await stage.start(["forget", "--person", Self.address] + reason).end()
      #expect(ended.status == 0, "\(ended.errors)")
      let group = try #require(
        canaries.first { $0["resource"]?.text == "changed-groups" }?["objectId"]?.text)
      let second = try await stage.start(["forget", "--object", group] + reason).end()
      #expect(second.status == 0, "\(second.errors)")

      #expect(try Self.files(stage, holding: ["CANARY", Self.address]) == [])
      #expect(try Self.files(stage, holding: ["Plain"]) != [])
      let verified = try #require(try await stage.rows("verify").first)
      #expect(verified["ok"] == .bool(true))
      #expect(verified["removed"]?.elements?.count == 2)
      try await stage.done("rebuild", "--check")
      let titles = try await stage.rows("changes").map { $0["title"]?.text }
      #expect(titles.compactMap(\.self).count == 3, "\(titles)")
      // What is forgotten once is not announced again.
      let polled = try await stage.rows("poll", "run", "1", "--all")
      #expect(polled.allSatisfy { $0["changes"]?.integer == 0 }, "\(polled)")
    }
  }

  @Test func `pruning goes by kind and age, and asks`() async throws {
    try await withStage { stage in
      try await Self.prepare(stage)
      let kinds = ["prune", "--kind", "pages,items", "--older-than"]
      #expect(try await stage.start(kinds + ["1s", "--execute"]).end().status == 4)
      #expect(
        try await stage.start(["prune", "--kind", "state", "--older-than", "1s"]).end().status == 2)
      #expect(try await stage.start(kinds + ["soon"]).end().status == 2)
      let young = try await stage.start(["-o", "json"] + kinds + ["1h"]).end()
      #expect(try young.json()["payloads"]?.integer == 0)
      let ended = try await stage.start(
        ["-o", "json"] + kinds + ["1ms", "--execute", "--yes", "--reason", "old"]
      ).end()
      #expect(ended.status == 0, "\(ended.errors)")
      // Bodies are put together of items, and go with them: one for the two changes of a resource.
      #expect(try ended.json()["items"]?.integer == 6 && ended.json()["bodies"]?.integer == 3)
      #expect(try Self.files(stage, holding: ["CANARY meeting"]) == [])
      try await stage.done("verify")
    }
  }

  @Test func `a policy is carried out by run, and recorded`() async throws {
    try await withStage { stage in
      try await Self.prepare(stage)
      let count = "SELECT count(*) AS n FROM payloads WHERE form = 'recipe'"
      try #require(try await stage.rows("sql", count).first?["n"]?.integer ?? 0 > 0)
      let run = try stage.start(
        ["run"], environment: ["DAYBOOK_RETENTION": "pages=1s,bodies=1s"])
      try await wait("recipes to go") {
        try await stage.rows("sql", count).first?["n"]?.integer == 0
      }
      run.signal(SIGTERM)
      #expect(try await run.end().status == 0)
      let verified = try #require(try await stage.rows("verify").first)
      let removed = verified["removed"]?.elements ?? []
      #expect(verified["ok"] == .bool(true) && !removed.isEmpty)
      #expect(removed.allSatisfy { $0["askedBy"]?.text == "policy" }, "\(removed)")
      let titles = try await stage.rows("changes").compactMap { $0["title"]?.text }
      #expect(titles.count == 6, "items stay")
    }
  }

  @Test func `killed anywhere and started again, nothing is half forgotten`() async throws {
    let kills = soak("DAYBOOK_FORGET_KILLS") ?? 6
    try await withStage { stage in
      let library = try await stage.killswitch()
      try await Self.prepare(stage)
      let kept = try stage.contents().filter { $0.key.hasPrefix("daybook.journal") }
      let words = [
        ["forget", "--person", Self.address], ["forget", "--instance", "1"],
        ["prune", "--kind", "pages,items,bodies,requests,responses", "--older-than", "1ms"],
      ]
      var chance = SeededChance(seed: UInt64(soak("DAYBOOK_KILL_SEED") ?? 1))
      var killed = 0
      var round = 0
      while killed < kills, round < kills * 4 {
        round += 1
        for (name, _) in try stage.contents() where name.hasPrefix("daybook.journal") {
          try FileManager.default.removeItem(atPath: stage.folder + "/" + name)
        }
        for (name, bytes) in kept {
          try bytes.write(to: URL(filePath: stage.folder + "/" + name))
        }
        let command = words[Int(chance.next() % 3)] + ["--execute", "--yes", "--reason", "asked"]
        let at = 1 + Int(chance.next() % 160)
        var environment = ["LD_PRELOAD": library, "KILLSWITCH_AT": "\(at)"]
        if chance.next() % 2 == 0 { environment["KILLSWITCH_LATE"] = "1" }
        let place = "round \(round): \(command.prefix(3)) killed at call \(at)"
        let victim = try await stage.start(command, environment: environment).end()
        if victim.status == 128 + SIGKILL { killed += 1 }
        let between = try await stage.daybook("-c", "verify", "-c", "rebuild --check")
        #expect(between.status == 0, "\(place): \(between.errors) \(between.text)")
        let again = try await stage.start(command).end()
        #expect(again.status == 0, "\(place): \(again.errors)")
        let gone = command[1] == "--person" ? [Self.address, "CANARY meeting"] : ["CANARY meeting"]
        #expect(try Self.files(stage, holding: gone) == [], "\(place)")
        let after = try await stage.daybook("-c", "verify", "-c", "rebuild --check")
        #expect(after.status == 0, "\(place): \(after.errors) \(after.text)")
      }
      #expect(killed == kills, "in \(round) rounds")
    }
  }
}
