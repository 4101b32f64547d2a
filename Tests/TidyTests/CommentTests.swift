import Testing

/// Every type and function that other files can see says something that its name does not.
@Suite struct CommentTests {
  @Test func `every package or public type and function has a doc comment`() {
    let declared =
      #/
      ^\ *(?:@[A-Za-z]+\ )*(?:package|public)\ (?:[a-z]+(?:\([a-z]+\))?\ )*
      (?:func|struct|class|enum|actor|protocol)\ (\S+)
      /#
    for file in SourceTree.shipped {
      for (index, line) in file.lines.enumerated() {
        guard let match = line.firstMatch(of: declared) else { continue }
        // What these do is said by the protocol that asks for them.
        if ["==", "<", "hash(into", "encode(to"].contains(where: match.1.hasPrefix) { continue }
        if !Self.isCommented(file, index) { Issue.record("\(file.place(index)): \(line)") }
      }
    }
  }

  /// Where comments were gone through; the other folders follow.
  private static let reworded =
    [
      "Command", "Daybook", "DaybookLive", "Domain", "Engine", "Google", "GoogleFake", "REPL",
      "Sandbox", "Webhook",
    ].map { "Sources/\($0)/" } + ["Journal/Events/", "Journal/Store/"]

  @Test func `doc comments begin with their subject`() {
    for folder in Self.reworded {
      for file in SourceTree.shipped where file.path.hasPrefix(folder) {
        for (index, line) in file.lines.enumerated() {
          guard line.contains(/^\ *\/\/\/ (?:What|Whether|Whose|Whom|Of)\b/),
            index == 0 || !file.lines[index - 1].drop(while: { $0 == " " }).hasPrefix("///")
          else { continue }
          Issue.record("\(file.place(index)): \(line)")
        }
      }
    }
  }

  private static func isCommented(_ file: SourceFile, _ index: Int) -> Bool {
    var above = index - 1
    while above >= 0, file.lines[above].drop(while: { $0 == " " }).hasPrefix("@") { above -= 1 }
    return above >= 0 && file.lines[above].drop(while: { $0 == " " }).hasPrefix("///")
  }
}
