import Testing

@testable import REPL

/// Values that begin with a hyphen reach the command that they are for.
@Suite struct HyphenWordsTests {
  @Test(arguments: [
    ("events --since -2h", "events --since=-2h"),
    ("events --object -abc --reverse", "events --object=-abc --reverse"),
    ("instance disable 1 --reason -5m", "instance disable 1 --reason=-5m"),
    // A flag of the command is no value: the parser says what is missing.
    ("instance disable 1 --reason --local", "instance disable 1 --reason --local"),
    ("events --after -2h --limit 3", "events --after=-2h --limit 3"),
    ("show -2h", "show -- -2h"), ("diff -2h head --local", "diff --local -- -2h head"),
    ("mark then -2h -o json", "mark -o json -- then -2h"),
    ("next --type poll.completed -o json", "next --type poll.completed -o json"),
    (
      "replay -2h..head --to x --status failed held",
      "replay --to x --status failed held -- -2h..head"
    ),
    ("tail -n 3 -f", "tail -n 3 -f"), ("events --nosuch", "events --nosuch"),
    ("show -- -2h", "show -- -2h"), ("instance create -", "instance create -"),
  ])
  func `each word goes where it is a value or a flag`(line: String, expected: String) {
    let words = line.split(separator: " ").map(String.init)
    #expect(HyphenWords.guarded(words).joined(separator: " ") == expected)
  }

  @Test func `a text with a blank in it is a value though it begins with a hyphen`() {
    #expect(
      HyphenWords.guarded(["replay", "stop", "4", "--reason", "-5 min"])
        == ["replay", "stop", "4", "--reason=-5 min"])
  }
}
