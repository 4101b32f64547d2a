import Testing

/// Words and calls that the style does without.
@Suite struct BannedCallTests {
  /// Calls and words, and the folders that may have them. Here they are looked for, not used.
  private static let calls: [(text: String, allowed: [String])] = [
    ("try!", []),
    ("@unchecked Sendable", []),
    ("nonisolated(unsafe)", []),
    ("Task.detached", []),
    ("fatalError(", []),
    ("Date()", []),
    // A world brings its own; the executable waits for a signal, which is no step of the engine.
    (
      "Task.sleep",
      [
        "Sources/DaybookLive/", "Sources/Command/", "Tests/CommandTests/Program.swift",
        "Tests/PollBench/",
      ]
    ),
    // Between processes there is only waiting and asking again.
    ("usleep(", ["Journal/Store/LockFile.swift", "Tests/"]),
    ("DispatchSemaphore", []),
    // Results go through the renderer, which knows what may reach a terminal.
    ("print(", ["Sources/Command/", "Tests/"]),
  ]

  @Test func `no source makes a call that the style does without`() {
    for file in SourceTree.swift where file.name != "BannedCallTests.swift" {
      for (index, line) in file.code.enumerated() {
        for call in Self.calls where Self.holds(line, call.text) {
          let isAllowed = call.allowed.contains { file.path.hasPrefix($0) }
          #expect(isAllowed, "\(file.place(index)) has \(call.text)")
        }
      }
    }
  }

  @Test func `no type is named for being of use`() {
    let vague =
      #/
      \b(?:struct|class|enum|actor|protocol|typealias)\ \w*
      (?:Manager|Helper|Util|Service|Impl|Info)(?![a-z])
      /#
    for file in SourceTree.swift {
      for (index, line) in file.code.enumerated() where line.firstMatch(of: vague) != nil {
        Issue.record("\(file.place(index)): \(line)")
      }
    }
  }

  @Test func `no text of the project holds an unfinished mark or somebody's path`() {
    // Put together here, so that this file passes as well.
    let marks = ["TO" + "DO", "FIX" + "ME", "/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/"]
    for file in SourceTree.files {
      for (index, line) in file.lines.enumerated() {
        for mark in marks where line.contains(mark) {
          Issue.record("\(file.place(index)) has \(mark)")
        }
      }
    }
  }

  /// Whether the call stands there by itself, not as the end of a longer name.
  private static func holds(_ line: String, _ call: String) -> Bool {
    line.ranges(of: call).contains { range in
      guard range.lowerBound > line.startIndex else { return true }
      let before = line[line.index(before: range.lowerBound)]
      return !before.isLetter && !before.isNumber && before != "_" && before != "."
    }
  }
}
