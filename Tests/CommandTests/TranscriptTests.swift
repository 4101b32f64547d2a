import Foundation
import Testing

/// README.md and docs/repl.md hold transcripts: their commands are run, and what they print is
/// compared line by line.
@Suite struct TranscriptTests {
  /// The journal of the demonstration, whose positions up to the first deliveries are always the
  /// same.
  private struct Played: Sendable {
    let folder: String
    let journal: String

    init() async throws {
      folder = try makeFolder()
      let environment = ["TMPDIR": folder, "HOME": folder, "PATH": "/usr/bin:/bin"]
      let demo = try await Program(
        try daybookPath(), ["demo", "--no-repl"], environment: environment
      ).end()
      try #require(demo.status == 0, "\(demo.errors)")
      let made = try FileManager.default.contentsOfDirectory(atPath: folder)
      let name = try #require(made.first { $0.hasPrefix("daybook-demo") })
      journal = "\(folder)/\(name)/demo.journal"
    }
  }

  /// One block of the page: the lines typed, and what is printed after each.
  private struct Block {
    var typed: [String] = []
    var printed: [String] = []
  }

  private static func blocks(of path: String) throws -> [Block] {
    let page = try String(
      contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../\(path)"), encoding: .utf8)
    var blocks: [Block] = []
    var isInside = false
    for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        isInside = line == "```text"
        if isInside { blocks.append(Block()) }
      } else if isInside, let match = line.firstMatch(of: /^demo\.journal@[^>#]*[>#] (.*)$/) {
        blocks[blocks.count - 1].typed.append(String(match.1))
      } else if isInside {
        blocks[blocks.count - 1].printed.append(String(line))
      }
    }
    return blocks.filter { !$0.typed.isEmpty }
  }

  /// The cells of a line without what differs from run to run: numbers, ids, digests, and the
  /// widths that follow from them.
  private static func cells(_ line: String) -> [String] {
    line.trimmingCharacters(in: .whitespaces).split(separator: /\ {2,}/).map { cell in
      String(cell).replacing(/[A-Za-z0-9+\/=]{16,}/, with: "#").replacing(/[0-9]+/, with: "#")
        .replacing(/-{2,}/, with: "-")
    }
  }

  /// Compares two lines. A delivery's id has 17 to 19 digits, so what stands beside it is shortened
  /// elsewhere each time, or not at all: what is shortened in one of them is not compared.
  private static func isSame(_ printed: String, _ expected: String) -> Bool {
    let (printed, expected) = (cells(printed), cells(expected))
    return printed.count == expected.count
      && zip(printed, expected).allSatisfy { $0 == $1 || $0.contains("…") || $1.contains("…") }
  }

  @Test func `the README and docs/repl.md print what the program prints`() async throws {
    let played = try await Played()
    defer { try? FileManager.default.removeItem(atPath: played.folder) }
    let environment = [
      "HOME": played.folder, "PATH": "/usr/bin:/bin", "COLUMNS": "100",
      "DAYBOOK_ALLOW_CALLBACKS": "127.0.0.1",
    ]
    let blocks = try ["README.md", "docs/repl.md"].map(Self.blocks)
    #expect(blocks[0].count >= 1)
    #expect(blocks[1].count >= 3)
    for block in blocks.joined() {
      let done = try await Program(
        try daybookPath(), ["--journal", played.journal, "--output", "table"],
        environment: environment, input: block.typed.joined(separator: "\n") + "\n"
      ).end()
      #expect(done.errors == "", "\(block.typed)")
      let lines = done.text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      #expect(lines.count == block.printed.count, "\(block.typed): \(done.text)")
      for (line, expected) in zip(lines, block.printed) {
        #expect(Self.isSame(String(line), expected), "\(line) is not \(expected)")
      }
    }
  }
}
