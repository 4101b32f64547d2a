import Foundation
import Testing

/// The SQL of the log stands in files, one statement each at most, and all of it is used.
@Suite struct SQLFileTests {
  private static let files = SourceTree.files.filter { $0.path.hasSuffix(".sql") }
  /// Folders whose files are embedded; others, such as fixtures, are not for the program.
  private static let embedded = files.filter { $0.path.hasPrefix("Journal/") }

  /// The name in Swift of each embedded file: `PackageResources.add_change_sql`.
  private static let listed: [String: String] = {
    let line = #/static let (\w+) = text\(PackageResources\.(\w+)_sql\)/#
    var names: [String: String] = [:]
    for file in SourceTree.shipped {
      for match in file.text.matches(of: line) { names[String(match.2)] = String(match.1) }
    }
    return names
  }()

  @Test func `every SQL file is listed and used`() {
    #expect(!Self.embedded.isEmpty)
    let code = SourceTree.shipped.filter { $0.path.hasPrefix("Journal/Store/") }.map(\.text)
    for file in Self.embedded {
      let base = String(file.name.dropLast(".sql".count))
      guard let name = Self.listed[base] else {
        Issue.record("\(file.path) is not listed in SQL.swift")
        continue
      }
      let isUsed = code.contains { text in
        text.ranges(of: "SQL.\(name)").contains { range in
          range.upperBound == text.endIndex || !text[range.upperBound].isLetter
        }
      }
      #expect(isUsed, "\(file.path): nothing uses SQL.\(name)")
    }
  }

  /// Filters that are put together are parts of a statement, and end nothing.
  @Test func `a file holds one statement at most, unless it defines tables or views`() {
    for file in Self.embedded {
      let base = file.name.dropLast(".sql".count)
      let defines = ["_tables", "_indices", "_views"].contains(where: base.hasSuffix)
      if defines || file.path.hasPrefix("Journal/Schema/") { continue }
      let ends = file.lines.count { Self.statement($0).contains(";") }
      #expect(ends <= 1, "\(file.path) holds \(ends) statements")
    }
  }

  @Test func `every table is strict and no query asks for all columns`() {
    for file in Self.embedded {
      let text = file.lines.map(Self.statement).joined(separator: "\n")
      // A view of a table's own columns, such as the live one of its generations, is that table.
      let asksForAll = text.contains("SELECT *") && !file.name.hasSuffix("_views.sql")
      #expect(!asksForAll, "\(file.path) selects whatever is there")
      for table in text.split(separator: "CREATE TABLE ").dropFirst() {
        let definition = table.prefix { $0 != ";" }
        // One that is filled by a query takes its columns from there.
        guard !definition.contains(" AS SELECT") else { continue }
        #expect(definition.contains("STRICT"), "\(file.path): \(table.prefix { $0 != "(" })")
      }
    }
  }

  /// The line without its comment.
  private static func statement(_ line: String) -> String {
    line.firstRange(of: "--").map { String(line[..<$0.lowerBound]) } ?? line
  }
}
