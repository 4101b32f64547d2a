import Foundation
import Testing

/// The SQL of the log stands in files, a table or a topic each, under names.
@Suite struct SQLFileTests {
  /// Folders whose files are embedded; others, such as fixtures, are not for the program.
  private static let embedded = SourceTree.files.filter {
    $0.path.hasPrefix("Journal/") && $0.path.hasSuffix(".sql")
  }
  private static let named = embedded.filter { !$0.path.hasPrefix("Journal/Schema/") }

  /// What stands under one name.
  private struct Section {
    let file: String
    let name: String
    let lines: ArraySlice<String>

    /// Without comments.
    var statement: String { lines.map(SQLFileTests.statement).joined(separator: "\n") }

    /// True where it makes several things at once.
    var defines: Bool { ["_table", "_indices", "_views"].contains(where: name.hasSuffix) }
  }

  private static let mark = "-- name: "

  private static let sections: [Section] = named.flatMap { file in
    let starts = file.lines.indices.filter { file.lines[$0].hasPrefix(mark) }
    return starts.enumerated().map { place, start in
      let end = place + 1 < starts.count ? starts[place + 1] : file.lines.endIndex
      return Section(
        file: file.path, name: String(file.lines[start].dropFirst(mark.count)),
        lines: file.lines[(start + 1)..<end])
    }
  }

  @Test func `a file begins with what it is about, and a statement with what it is for`() {
    #expect(Self.sections.count > 100)
    for file in Self.named {
      let first = file.lines.first ?? ""
      #expect(first.hasPrefix("-- ") && !first.hasPrefix(Self.mark), "\(file.path)")
    }
    for section in Self.sections {
      let comment = section.lines.prefix { $0.hasPrefix("-- ") }
      #expect(comment.last?.hasSuffix(".") == true, "\(section.file): \(section.name)")
      let isEmpty = section.statement.allSatisfy { $0.isWhitespace }
      #expect(!isEmpty, "\(section.file): \(section.name)")
    }
  }

  /// Filters that are put together are parts of a statement, and end nothing.
  @Test func `a name stands for one statement at most, unless it defines tables or views`() {
    for section in Self.sections where !section.defines {
      let ends = section.statement.count { $0 == ";" }
      #expect(ends <= 1, "\(section.file): \(section.name) holds \(ends) statements")
    }
  }

  @Test func `a file of a projection is named for its table and writes no other`() {
    let writes = #/(?:INSERT INTO|UPDATE|DELETE FROM) (\w+)_\$/#
    for section in Self.sections where section.file.hasPrefix("Journal/Projections/") {
      let table = section.file.split(separator: "/").last?.dropLast(".sql".count) ?? ""
      for match in section.statement.matches(of: writes) {
        #expect(match.1 == table, "\(section.file): \(section.name)")
      }
    }
  }

  @Test func `every table is strict and no query asks for all columns`() {
    for section in Self.sections {
      // A view of a table's own columns, such as the live one of its generations, is that table.
      let asksForAll = section.statement.contains("SELECT *") && !section.name.hasSuffix("_views")
      #expect(!asksForAll, "\(section.file): \(section.name) selects whatever is there")
    }
    for file in Self.embedded {
      let text = file.lines.map(Self.statement).joined(separator: "\n")
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
