import TestSupport
import Testing

@testable import EventStore

@Suite struct SQLTests {
  /// The names in the order of the files, as their folders have them.
  private func names() throws -> [String] {
    let journal = try #require(packageFolder()) + "/Journal"
    var names: [String] = []
    for folder in ["Projections", "Queries"] {
      for file in try contents(of: "\(journal)/\(folder)").sorted() {
        let lines = try text(of: "\(journal)/\(folder)/\(file)").split(separator: "\n")
        let found = lines.filter { $0.hasPrefix("-- name: ") }.map { String($0.dropFirst(9)) }
        #expect(!found.isEmpty, "\(file) names no statement")
        names += found
      }
    }
    return names
  }

  @Test func `each name in a file has a case and each case a name, in the same order`() throws {
    let names = try names()
    let cases = SQL.allCases.map(\.name)
    #expect(Set(names).subtracting(cases) == [], "without a case in SQL.swift")
    #expect(Set(cases).subtracting(names) == [], "without a name in a file")
    #expect(Set(names).count == names.count)
    let moved = zip(names, cases).first { $0 != $1 }
    #expect(moved == nil, "the file has the first, SQL.swift the second at this place")
  }

  @Test func `each case leads to the text below its own name`() {
    for query in SQL.allCases {
      #expect(query.nameInFile == query.name)
      #expect(!query.text.contains("-- name:"))
      #expect(query.text.hasSuffix("\n"))
    }
  }

  @Test func `every statement is used`() throws {
    let store = try #require(packageFolder()) + "/Journal/Store"
    var words: Set<Substring> = []
    for file in try contents(of: store) {
      var code = try text(of: "\(store)/\(file)")[...]
      // The cases themselves are no use.
      if file == "SQL.swift" {
        code = code.firstRange(of: "extension SQL").map { code[$0.lowerBound...] } ?? ""
      }
      for word in code.split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "." }) {
        words.formUnion(word.split(separator: ".", omittingEmptySubsequences: false).dropFirst())
      }
    }
    let unused = SQL.allCases.filter { !words.contains("\($0)") }
    #expect(unused == [])
  }

  @Test func `a generation takes the place of the dollar sign in names alone`() {
    let text = SQL.naming("SELECT feeds_$.feed, '$.a' FROM feeds_$ -- $5_$", generation: 12)
    #expect(text == "SELECT feeds_12.feed, '$.a' FROM feeds_12 -- $5_12")
  }

  @Test func `a statement is prepared once for each generation`() throws {
    let connection = try Connection(path: ":memory:", access: .create)
    for generation: Int64 in [1, 2] {
      try Projector(connection: connection, generation: generation).makeTables()
    }
    let first = try connection.projection(SQL.countObjects, 1)
    let second = try connection.projection(SQL.countObjects, 2)
    #expect(first !== second)
    let firstAgain = try connection.projection(SQL.countObjects, 1)
    let secondAgain = try connection.projection(SQL.countObjects, 2)
    #expect(firstAgain === first && secondAgain === second)
    let composed = SQL.countObjects.text + "-- composed"
    let third = try connection.projection(composed, 1)
    let thirdAgain = try connection.projection(composed, 1)
    #expect(third === thirdAgain && third !== first)
  }
}
