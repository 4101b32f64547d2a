import Foundation
import Glibc
import Testing

/// README.md and docs/repl.md are typed at the prompt, at a real terminal of 100 columns, and what
/// stands there then is compared with what the page prints.
///
/// A block of a page that begins with a prompt is a part of a sitting, and all blocks of a page are
/// one. Not compared is what `Transcript.masked` says, and what a line `…` stands for. With
/// `DAYBOOK_WRITE_DOCS=1` the blocks are written anew as they were shown.
@Suite(.serialized) struct TourTests {
  @Test(arguments: ["README.md", "docs/repl.md"])
  func `a page prints what is shown when it is typed`(page: String) async throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../\(page)")
    let before = try String(contentsOf: path, encoding: .utf8)
    var transcript = Transcript(before)
    #expect(transcript.blocks.count >= (page == "README.md" ? 1 : 10))
    let folder = try makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let sitting = try await Sitting(demonstrated(in: folder), home: folder)
    defer { sitting.leave() }
    for place in transcript.blocks.indices {
      let block = transcript.blocks[place]
      var shown: [String] = []
      for line in block.typed { shown += try await sitting.enter(line) }
      if Transcript.isSame(shown, block.lines) { continue }
      guard ProcessInfo.processInfo.environment["DAYBOOK_WRITE_DOCS"] == "1" else {
        Issue.record("\(page), \(block.typed): shown is\n\(shown.joined(separator: "\n"))")
        continue
      }
      if !block.lines.contains(Transcript.left) { transcript.blocks[place].lines = shown }
    }
    if transcript.text != before {
      try transcript.text.write(to: path, atomically: true, encoding: .utf8)
    }
  }

  @Test func `what differs from run to run is masked, and nothing else`() {
    for (one, other, isSame) in [
      ("a  2026-11-30T20:04:42.488Z", "a  2026-12-01T00:00:00.000Z", true),
      ("   30  21:44:18.038  ↻ attempt 2", "   31  00:00:00.000  ↻ attempt 2", true),
      ("   15  21:44:18.038", "   16  21:44:18.038", false),
      ("notification 9147575608247373198", "notification 14757560824737319", true),
      ("status 204 in 0 ms", "status 204 in 12 ms", true), ("status 204", "status 503", false),
      ("-----  --", "---  --", true), ("events = 42", "events = 43", false),
      ("to http://127.0.0.1:18095/x", "to http://127.0.0.1:40000/x", true),
      ("id 5suddmrdfjn90cfian5nfaikd8", "id 33bc5nst7gp0v1hi0abpr2g462", false),
    ] {
      #expect(Transcript.isSame([one], [other]) == isSame, "\(one), \(other)")
    }
    #expect(Transcript.isSame(["a", "b", "c", "d"], ["a", "  …", "d"]))
    #expect(!Transcript.isSame(["a", "b", "c"], ["a", "  …", "d"]))
    #expect(!Transcript.isSame(["a", "b"], ["a"]))
  }

  /// The journal of the demonstration, whose positions up to the first deliveries are always the
  /// same.
  private func demonstrated(in folder: String) async throws -> String {
    let environment = ["TMPDIR": folder, "HOME": folder, "PATH": "/usr/bin:/bin"]
    let demo = try await Program(
      try daybookPath(), ["demo", "--no-repl"], environment: environment, seconds: 600
    ).end()
    try #require(demo.status == 0, "\(demo.errors)")
    let made = try FileManager.default.contentsOfDirectory(atPath: folder)
    let name = try #require(made.first { $0.hasPrefix("daybook-demo") })
    return "\(folder)/\(name)/demo.journal"
  }
}

/// The prompt at a terminal, typed at line by line.
private final class Sitting {
  private let terminal: Terminal
  private let program: Program

  init(_ journal: String, home: String) async throws {
    terminal = try Terminal(columns: 100)
    program = try Program(
      daybookPath(), ["--journal", journal],
      environment: [
        "HOME": home, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TERM": "dumb", "PAGER": "cat",
        "NO_COLOR": "1", "DAYBOOK_ALLOW_CALLBACKS": "127.0.0.1",
      ], terminal: terminal.path, seconds: 1_200)
    try await wait("the first prompt", seconds: 300) { [terminal] in
      Self.endsInPrompt(Self.lines(terminal))
    }
  }

  func leave() { program.signal(SIGKILL) }

  /// Types a line, and waits for the next prompt.
  ///
  /// - Returns: The prompt with the line, and what was shown below it.
  func enter(_ line: String) async throws -> [String] {
    let before = Self.lines(terminal).count
    terminal.type(line + "\r")
    try await wait("the prompt after \(line)", seconds: 300) { [terminal] in
      let lines = Self.lines(terminal)
      return lines.count > before && Self.endsInPrompt(lines)
    }
    return Array(Self.lines(terminal)[(before - 1)...].dropLast())
  }

  private static func lines(_ terminal: Terminal) -> [String] {
    terminal.leftOnScreen().split(separator: "\n", omittingEmptySubsequences: false)
      .map(String.init)
  }

  private static func endsInPrompt(_ lines: [String]) -> Bool {
    lines.last.flatMap { Transcript.typed(in: $0) } == ""
  }
}

/// A page with its blocks.
private struct Transcript {
  /// The lines of a block, prompts among them.
  struct Block {
    var lines: [String] = []

    /// What is typed, line by line.
    var typed: [String] {
      lines.compactMap { Transcript.typed(in: $0) }
    }
  }

  /// What stands behind a prompt; nil where there is none.
  static func typed(in line: String) -> String? {
    line.wholeMatch(of: /(?:demo\.journal@[^>#]*[>#]|\ *\.\.\.>) (.*)/).map {
      String($0.output.1)
    }
  }

  /// Stands for any lines.
  static let left = "  …"
  var blocks: [Block] = []
  /// The text before each block, and behind the last.
  private var between: [String] = [""]

  init(_ text: String) {
    var block: Block?
    for line in text.components(separatedBy: "\n") {
      if var open = block {
        if line == "```" {
          blocks.append(open)
          between.append(line + "\n")
          block = nil
        } else {
          open.lines.append(line)
          block = open
        }
      } else if between[between.count - 1].hasSuffix("```text\n"),
        Self.typed(in: line) != nil
      {
        block = Block(lines: [line])
      } else {
        between[between.count - 1] += line + "\n"
      }
    }
    between[between.count - 1].removeLast()
  }

  var text: String {
    zip(between, blocks).map { $0 + $1.lines.map { $0 + "\n" }.joined() }.joined()
      + (between.last ?? "")
  }

  static func isSame(_ shown: [String], _ printed: [String]) -> Bool {
    guard let first = printed.first else { return shown.isEmpty }
    let rest = Array(printed.dropFirst())
    if first == left {
      return (0...shown.count).contains { isSame(Array(shown.dropFirst($0)), rest) }
    }
    guard let line = shown.first, masked(line) == masked(first) else { return false }
    return isSame(Array(shown.dropFirst()), rest)
  }

  /// A line without what differs from run to run: times and days, durations, ids of notifications,
  /// cursors and digests, lengths of bodies, the port of the sandbox, the widths that follow from
  /// them, and positions from the first attempt on, which a slow machine may make in another order.
  static func masked(_ line: String) -> String {
    var line = line
    line.replace(/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\.[0-9]{3})?Z/, with: "<time>")
    line.replace(/[A-Z][a-z]{2} [A-Z][a-z]{2} [0-9]{2} [0-9:]{8} UTC [0-9]{4}/, with: "<time>")
    line.replace(/[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{3})?Z?/, with: "<time>")
    line.replace(/[0-9]{4}-[0-9]{2}-[0-9]{2}/, with: "<day>")
    line.replace(/[A-Za-z0-9+]*\/{3,}[A-Za-z0-9+\/]*/, with: "<cursor>")
    line.replace(/\b[0-9a-f]{64}\b/, with: "<digest>")
    line.replace(/\b[0-9]{15,20}\b/, with: "<id>")
    line.replace(/\b[0-9]+ ms\b/, with: "<duration>")
    line.replace(/bytes = [0-9]+/, with: "bytes = <bytes>")
    line.replace(/127\.0\.0\.1:[0-9]+/, with: "127.0.0.1:<port>")
    line.replace(/\b(2[4-9]|3[0-9]|4[01])\b/, with: "<position>")
    line.replace(/\ {2,}/, with: "  ")
    line.replace(/-{2,}/, with: "--")
    return line
  }
}
