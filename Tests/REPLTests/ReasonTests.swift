import Testing

@testable import REPL

/// A reason is why somebody did something; blanks are none.
@MainActor
@Suite struct ReasonTests {
  nonisolated private static let acts = [
    "instance delete 1", "callback disable https://example.com/hook",
    "forget --instance 1 --execute", "skip 1",
  ]

  @Test(arguments: acts, ["''", "' '", "\"\t\""])
  func `what has to be confirmed is not confirmed by blanks`(
    act: String, reason: String
  ) async throws {
    let stage = try SessionStage()
    let head = await stage.run("head --fields position").output
    let ended = await stage.run("\(act) --yes --reason \(reason)")
    #expect([1, 4].contains(ended.status), "\(ended.message)")
    #expect(
      ended.status == 1 || ended.message == "--yes needs --reason TEXT", "\(ended.message)")
    #expect(await stage.run("head --fields position").output == head)
  }

  @Test func `a reason of blanks is recorded as none`() async throws {
    let stage = try SessionStage()
    #expect(await stage.run("instance disable 1 --reason ' '").status == 0)
    let query =
      "SELECT json_extract(body, '$.reason') AS why FROM events ORDER BY position DESC LIMIT 1"
    #expect(await stage.run(["sql", query, "--output", "jsonl"]).output == "{\"why\":null}\n")
    #expect(await stage.run("instance enable 1 --reason 'is back'").status == 0)
    #expect(
      await stage.run(["sql", query, "--output", "jsonl"]).output == "{\"why\":\"is back\"}\n")
  }

  @Test(arguments: ["''", "'  '"])
  func `a cursor is not dropped for no reason`(reason: String) async throws {
    let stage = try SessionStage()
    let ended = await stage.run(
      "cursor reset 1 calendars/primary/changed-events --yes --reason \(reason)")
    #expect(ended.status == 2 && ended.message.hasPrefix("--reason: say why"))
  }
}
