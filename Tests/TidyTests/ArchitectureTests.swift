import Testing

/// Holds docs/architecture.md to the manifest and to the sources.
@Suite struct ArchitectureTests {
  private static let page = SourceTree.files.first { $0.path == "docs/architecture.md" }?.text ?? ""
  private static let manifest = SourceTree.files.first { $0.path == "Package.swift" }?.text ?? ""

  @Test func `the drawing of the house shows the targets of the manifest and no others`() {
    let drawing = Self.block(0)
    let names = Set(drawing.matches(of: /[A-Za-z]+/).map { String($0.0) })
    #expect(names == Set(Self.targets.keys))
  }

  @Test func `the arrows below the drawing are those of the manifest`() {
    var arrows: [String: Set<String>] = [:]
    for line in Self.block(1).split(separator: "\n") {
      let halves = line.split(separator: "→", omittingEmptySubsequences: false)
      guard halves.count == 2, let name = halves[0].split(separator: " ").first else {
        Issue.record("no arrow: \(line)")
        continue
      }
      arrows[String(name)] = Set(halves[1].split(separator: " ").map(String.init))
    }
    #expect(arrows.keys.sorted() == Self.targets.keys.sorted())
    for (name, drawn) in arrows { #expect(drawn == Self.targets[name], "the arrows of \(name)") }
  }

  @Test func `every file that the page names is there once`() {
    let named = Set(Self.page.matches(of: /`([A-Za-z+]+\.(?:swift|sql))`/).map { String($0.1) })
    #expect(named.count > 15)
    for name in named.subtracting(["Package.swift"]).sorted() {
      #expect(SourceTree.shipped.count { $0.name == name } == 1, "\(name)")
    }
  }

  @Test func `every type that the page names is declared, in a file of its row`() {
    for line in Self.page.split(separator: "\n") where line.hasPrefix("| ") {
      let files = line.matches(of: /`([A-Za-z+]+\.swift)`/).map { String($0.1) }
      guard !files.isEmpty else { continue }
      let texts = SourceTree.shipped.filter { files.contains($0.name) }.map(\.text)
      for match in line.matches(of: /`([A-Z][A-Za-z]+)`/) {
        let word = String(match.1)
        let isThere = texts.contains { text in
          ["struct", "enum", "actor", "class", "extension"].contains {
            text.contains("\($0) \(word) ")
          }
            || text.contains("struct \(word): ") || text.contains("enum \(word): ")
        }
        if !isThere { Issue.record("\(word) is not in \(files)") }
      }
    }
  }

  /// The text between the fences of a code block.
  private static func block(_ place: Int) -> String {
    let pieces = page.split(separator: "```", omittingEmptySubsequences: false)
    let index = 2 * place + 1
    return index < pieces.count ? String(pieces[index].drop { $0 != "\n" }) : ""
  }

  /// The targets that ship, each with those of them that it depends on.
  private static let targets: [String: Set<String>] = {
    var found: [(name: String, words: Set<String>)] = []
    let starts = /\.(?:target|executableTarget|systemLibrary)\(/
    for text in manifest.split(separator: starts).dropFirst() {
      // A target ends where the next of another kind begins.
      let text = text.split(separator: ".testTarget(").first ?? text
      guard let name = text.firstMatch(of: /name: "([A-Za-z]+)"/)?.1 else { continue }
      let path = text.firstMatch(of: /path: "([A-Za-z\/]+)"/)?.1 ?? ""
      if path.hasPrefix("Tests/") { continue }
      let list = text.firstMatch(of: /dependencies: \[([^\]]*)\]/)?.1 ?? ""
      found.append((String(name), Set(list.matches(of: /"([A-Za-z]+)"/).map { String($0.1) })))
    }
    let names = Set(found.map(\.name))
    return Dictionary(
      uniqueKeysWithValues: found.map { ($0.name, $0.words.intersection(names)) })
  }()
}
