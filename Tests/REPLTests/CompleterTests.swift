import Testing

@testable import REPL

/// What Tab offers without a journal, and what no history keeps.
@Suite struct CompleterTests {
  private func offered(_ line: String) -> Set<String> {
    Set(Completer().complete(line, line.utf8.count).map(\.text))
  }

  @Test(
    arguments: [
      ("events --t", ["--type"]), ("verify --h", ["--head", "--help"]),
      ("rebuild --c", ["--check", "--color"]), ("help po", ["poll"]),
      ("replay 1 --r", ["--rate", "--reason", "--resource"]),
      ("poll step 1 primary --ac", ["--accept"]), ("poll s", ["step"]),
      ("poll step 1 primary --until re", ["reply", "request"]),
      ("deliveries --status failed ex", ["exhausted"]), ("mark ", []),
      ("changes --type CR", ["CREATED"]), ("replay st", ["stop"]), ("--h", ["--help"]),
      ("events --output j", ["json", "jsonl"]), ("events --limit ", []),
    ] as [(String, Set<String>)])
  func `a command is offered its own flags and values`(line: String, expected: Set<String>) {
    #expect(offered(line) == expected)
  }

  @Test(arguments: [
    "foo https://u:sekret77@h/", "x GOCSPX-abcdefgh", "x 1//0gabc", "x ya29.abc", "--passwd X",
    "--pass X", "apikey X", "pw: X", "whsec_abc", "Authorization: Bearer x", "client-secret x",
    "x eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.x", "x 6sSkKw3bPc0iVfZr1QmYt8uNaHdJgLx2",
  ])
  func `what may be a secret is kept in no history`(line: String) {
    #expect(Conversation.holdsSecret(line))
  }

  @Test(arguments: [
    "replay 1..head --to https://example.com/hook",
    "verify --head 12:\(String(repeating: "0af3", count: 16))",
    "changes --object c5h3ie9pc5h3ie9pc5h3ie9p_20261123T090000Z", "mark before-the-move head-3",
    "poll step 1 calendars/c_188abcdefghijklmnopqrstuv@group.calendar.google.com/changed-events",
  ])
  func `what is none is kept`(line: String) {
    #expect(!Conversation.holdsSecret(line))
  }
}
