import Testing

/// Journal/CATALOGUE.md tells of every event that the code can write, and of no other.
@Suite struct CatalogueTests {
  private static let stored: Set<String> = {
    let line = #/static let type = "([a-z]+\.[a-z]+)"/#
    let events = SourceTree.shipped.filter { $0.path.hasPrefix("Journal/Events/") }
    return Set(events.flatMap { $0.text.matches(of: line).map { String($0.1) } })
  }()

  private static let told: Set<String> = {
    let heading = #/^(?:#+ |\| ?)`([a-z]+\.[a-z]+)`/#
    let lines = SourceTree.files.first { $0.path == "Journal/CATALOGUE.md" }?.lines ?? []
    return Set(lines.compactMap { $0.firstMatch(of: heading).map { String($0.1) } })
  }()

  @Test func `every event type has its heading in the catalogue, and no other has one`() {
    #expect(!Self.stored.isEmpty)
    #expect(Self.stored.subtracting(Self.told).sorted() == [])
    #expect(Self.told.subtracting(Self.stored).sorted() == [])
  }
}
