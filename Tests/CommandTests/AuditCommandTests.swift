import Foundation
import RawJSON
import Testing

/// An audit from the command line: what it prints, how it ends, and its page.
@Suite(.serialized)
struct AuditCommandTests {
  @Test func `it ends with 0 where all was accepted, and with 5 where something is open`()
    async throws
  {
    try await withStage { stage in
      try await stage.prepareHistory()
      let done = try await stage.daybook("audit")
      #expect(done.status == 0 && done.errors.isEmpty, "\(done.errors)")
      let rows = try done.rows()
      #expect(!rows.isEmpty && rows.allSatisfy { $0["status"]?.text == "accepted" })
      _ = try await stage.createEvent("Late")
      try await stage.done("poll", "run", "1", Stage.resource)
      let open = try await stage.daybook("audit")
      #expect(open.status == 5)
      #expect(try open.rows().last?["status"]?.text == "open")
      #expect(open.errors.contains("\(rows.count + 1) changes: \(rows.count) accepted, 1 open"))
      let first = try #require(rows[0]["position"]?.integer)
      let early = try await stage.daybook("audit", "--at", "\(first)")
      #expect(early.status == 5)
      #expect(early.errors.contains("1 change: 0 accepted, 1 open, 0 not to be sent"))
      #expect(try await stage.daybook("audit", "--instance", "99").status == 1)
      #expect(try await stage.daybook("audit", "--force").status == 2)
    }
  }

  @Test func `its page holds the head and every change, and nothing of others is written over`()
    async throws
  {
    try await withStage { stage in
      try await stage.prepareHistory()
      _ = try await stage.createEvent("<script>alert(1)</script>")
      try await stage.done("poll", "run", "1", Stage.resource)
      try await stage.done("deliver")
      let path = "\(stage.folder)/audit.html"
      let made = try await stage.daybook("audit", "--html", path)
      #expect(made.status == 0 && made.output.isEmpty, "\(made.errors)")
      let page = try String(contentsOfFile: path, encoding: .utf8)
      let rows = try await stage.daybook("audit").rows()
      #expect(page.ranges(of: "<tr class=").count == rows.count)
      let head = try #require(try await stage.done("head").rows().first)
      #expect(page.contains(head["digest"]?.text ?? "none"))
      #expect(page.contains("\(rows.count) changes: \(rows.count) accepted"))
      #expect(page.contains("&lt;script&gt;") && !page.contains("<script"))
      #expect(!page.contains("src=") && !page.contains("href="))
      #expect(page.hasSuffix("</html>\n"))
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
      #expect(mode as? Int == 0o600)
      let again = try await stage.daybook("audit", "--html", path)
      #expect(again.status == 1 && again.errors.contains("is there already"))
      #expect(try await stage.daybook("audit", "--html", path, "--force").status == 0)
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: stage.folder)
          .allSatisfy { !$0.hasSuffix(".new") })
    }
  }

  @Test func `recover sends what was given up, and what was accepted it leaves alone`()
    async throws
  {
    try await withStage { stage in
      try await stage.prepareHistory()
      let hook = "\(stage.url)/receiver/hook"
      let before = try await stage.rows("deliveries").count
      _ = try await stage.createEvent("Late")
      try await stage.done("poll", "run", "1", Stage.resource)
      let script = #"{"path":"/receiver/hook","answers":[{"status":503,"retryAfter":"600"}]}"#
      try await stage.tell("POST", "/sandbox/receiver", script)
      #expect(try await stage.daybook("deliver").status == 5)
      let plan = try #require(try await stage.rows("recover", hook, "--since", "today").first)
      #expect(plan["notifications"]?.integer == 1 && plan["retrying"]?.integer == 1)
      let sent = try await stage.daybook(
        "recover", hook, "--since", "today", "--execute", "--reason", "it is back")
      #expect(sent.status == 0, "\(sent.errors)")
      #expect(try sent.rows().map { $0["outcome"]?.text } == ["succeeded"])
      let after = try await stage.rows("deliveries")
      #expect(after.count == before + 1)
      #expect(after.last?["status"]?.text == "succeeded" && after.last?["attempts"]?.integer == 2)
      let again = try await stage.daybook("recover", hook, "--since", "today", "--execute")
      #expect(again.status == 1 && again.errors.contains("there is nothing to recover"))
      let foreign = try await stage.daybook("recover", "http://127.0.0.1:9/x", "--since", "today")
      #expect(foreign.status == 1 && foreign.errors.contains("a replay of what is missing"))
      #expect(try await stage.daybook("recover", hook).status == 2)
    }
  }
}
