import Foundation
import REPL
import Server
import Testing

/// Holds the pages to the program and to each other.
@Suite struct PagesTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  /// Paths of the repository’s files with that ending, but for what was built.
  private static func paths(_ ending: String, below folder: String = "") -> [String] {
    let start = root.appending(path: folder).path
    let found = FileManager.default.enumerator(atPath: start)
    var paths: [String] = []
    while let path = found?.nextObject() as? String {
      if path.hasPrefix(".") {
        found?.skipDescendants()
      } else if path.hasSuffix(ending) {
        paths.append(folder.isEmpty ? path : "\(folder)/\(path)")
      }
    }
    return paths.sorted()
  }

  @Test func `docs/commands.md is what the help prints`() throws {
    let path = Self.root.appending(path: "docs/commands.md")
    if ProcessInfo.processInfo.environment["DAYBOOK_WRITE_DOCS"] == "1" {
      try CommandsPage.text.write(to: path, atomically: true, encoding: .utf8)
    }
    let page = try Self.text("docs/commands.md")
    #expect(page == CommandsPage.text, "run `make docs`")
  }

  @Test func `the settings in docs/operations.md are the rows of the program`() throws {
    let path = Self.root.appending(path: "docs/operations.md")
    if ProcessInfo.processInfo.environment["DAYBOOK_WRITE_DOCS"] == "1" {
      let page = try Self.text("docs/operations.md")
      let table = try #require(page.firstMatch(of: /\| environment \|.*\n(\|.*\n)*/)).range
      try page.replacingCharacters(in: table, with: Setting.table)
        .write(to: path, atomically: true, encoding: .utf8)
    }
    #expect(try Self.text("docs/operations.md").contains("\n\(Setting.table)\n"), "run `make docs`")
  }

  @Test func `the routes in docs/http.md are those that are served`() throws {
    let path = Self.root.appending(path: "docs/http.md")
    if ProcessInfo.processInfo.environment["DAYBOOK_WRITE_DOCS"] == "1" {
      let page = try Self.text("docs/http.md")
      let place = /<!-- routes -->\n(?:.*\n)*?<!-- end of routes -->/
      let table = try #require(page.firstMatch(of: place)).range
      try page.replacingCharacters(
        in: table, with: "<!-- routes -->\n\n\(Routes.table)\n<!-- end of routes -->"
      ).write(to: path, atomically: true, encoding: .utf8)
    }
    #expect(try Self.text("docs/http.md").contains("\n\(Routes.table)\n"), "run `make docs`")
  }

  @Test func `every link between pages leads somewhere`() throws {
    for path in Self.paths(".md") {
      let page = try Self.text(path)
      let folder = Self.root.appending(path: path).deletingLastPathComponent()
      for match in page.matches(of: /\]\(([^)# ]*)(?:#([^)]*))?\)/) {
        let target = String(match.1)
        if target.contains("://") { continue }
        let file = target.isEmpty ? Self.root.appending(path: path) : folder.appending(path: target)
        let isThere = FileManager.default.fileExists(atPath: file.path)
        if !isThere { Issue.record("\(path): \(target) is not there") }
        guard isThere, let anchor = match.2 else { continue }
        let headings = try Self.headings(String(contentsOf: file, encoding: .utf8))
        if !headings.contains(String(anchor)) {
          Issue.record("\(path): \(target) has no heading #\(anchor)")
        }
      }
    }
  }

  /// As the page’s readers name them: lower case, blanks as hyphens, no punctuation.
  private static func headings(_ page: String) -> Set<String> {
    let names = page.split(separator: "\n").filter { $0.hasPrefix("#") }.map { line in
      line.drop { $0 == "#" || $0 == " " }.lowercased()
        .filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" }
        .replacing(" ", with: "-")
    }
    return Set(names)
  }

  @Test func `the README fits on two screens and the map of docs is whole`() throws {
    let readme = try Self.text("README.md")
    #expect(readme.split(separator: "\n", omittingEmptySubsequences: false).count <= 101)
    for path in Self.paths(".md", below: "docs") where !path.hasPrefix("docs/decisions/") {
      if !readme.contains("(\(path))") { Issue.record("README.md does not name \(path)") }
    }
  }

  @Test func `every record of a decision is listed and short`() throws {
    let list = try Self.text("docs/decisions/README.md")
    for path in Self.paths(".md", below: "docs/decisions") where !path.hasSuffix("README.md") {
      let name = path.split(separator: "/").last.map(String.init) ?? path
      if !list.contains("(\(name))") { Issue.record("\(name) is not listed") }
      #expect(try Self.text(path).split(separator: "\n").count <= 60, "\(name)")
    }
  }
}
