import Testing

/// What fits in the eye: files, functions and lines have a ceiling.
@Suite struct LengthTests {
  private static let fileMost = 400
  private static let functionMost = 70
  private static let columnsMost = 100

  @Test func `no Swift file is longer than 400 lines`() {
    for file in SourceTree.swift where file.path != "Package.swift" {
      let count = file.lines.count - 1
      #expect(count <= Self.fileMost, "\(file.path) has \(count) lines")
    }
  }

  @Test func `no line of Swift is wider than 100 columns`() {
    for file in SourceTree.swift {
      for (index, line) in file.lines.enumerated() where line.count > Self.columnsMost {
        // A text on a line of its own cannot be broken without changing it.
        if line.drop(while: { $0 == " " }).hasPrefix("\"") { continue }
        if file.name == "CommandsPage.swift" { continue }
        Issue.record("\(file.place(index)) has \(line.count) columns")
      }
    }
  }

  @Test func `no function is longer than 70 lines`() {
    for file in SourceTree.swift {
      for function in Self.functions(of: file) where function.count > Self.functionMost {
        Issue.record("\(file.place(function.lowerBound)) has \(function.count) lines")
      }
    }
  }

  /// The lines of each function. The formatter puts its last brace below its first letter.
  private static func functions(of file: SourceFile) -> [Range<Int>] {
    let start = #/^( *)(?:[@a-z]+(?:\([a-z]+\))? )*(?:func |init[?(<]|deinit|subscript[(<])/#
    return file.lines.indices.compactMap { first in
      guard let match = file.lines[first].firstMatch(of: start) else { return nil }
      let margin = String(match.1)
      for index in file.lines.indices[(first + 1)...] {
        let line = file.lines[index]
        guard line.hasPrefix(margin), let letter = line.dropFirst(margin.count).first,
          letter != " "
        else { continue }
        // The rest of a long signature goes on at the margin: `) async throws`, `where`, `-> Int
        // {`.
        if ")-w{".contains(letter) { continue }
        return letter == "}" ? first..<(index + 1) : nil
      }
      return nil
    }
  }
}
