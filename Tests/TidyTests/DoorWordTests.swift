import Testing

/// Flags and settings are words of the doors: what stands below them is used by programs as well.
@Suite struct DoorWordTests {
  private static let below = [
    "Journal/Store/", "Sources/Daybook/", "Sources/Domain/", "Sources/Engine/", "Sources/Google/",
    "Sources/Webhook/",
  ]

  @Test func `no text below a door names a flag or a variable of the environment`() {
    let word = /"[^"]*(?:--[a-z]|DAYBOOK_)/
    for file in SourceTree.shipped where Self.below.contains(where: file.path.hasPrefix) {
      for (index, line) in file.code.enumerated() where line.firstMatch(of: word) != nil {
        Issue.record("\(file.place(index)): \(line)")
      }
    }
  }
}
