import Glibc
import Testing

@testable import REPL

@Suite struct OutputTests {
  private let screen = Destination(isTerminal: true, columns: 80, rows: 5)

  private func page(
    _ text: String, pager: String, to path: String,
    complain: @escaping (String) -> Void = { Issue.record("\($0)") }
  ) throws -> Bool {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    defer { close(descriptor) }
    let output = PagedOutput(
      descriptor: descriptor, destination: screen,
      environment: ["PAGER": pager, "PATH": "/usr/bin:/bin"], complain: complain)
    for line in text.split(separator: "\n") { try output.write(line + "\n") }
    let isPaging = output.isPaging
    try output.finish()
    return isPaging
  }

  /// All lines of a file, however many.
  private func lineByLine(_ path: String) throws -> [String] {
    let descriptor = open(path, O_RDONLY)
    defer { close(descriptor) }
    try #require(descriptor >= 0)
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while case let count = read(descriptor, &buffer, buffer.count), count > 0 {
      bytes += buffer[..<count]
    }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  private func contents(_ path: String) throws -> [String] {
    try HistoryFile(path: path).load()
  }

  @Test func `output that fits is printed without the pager`() throws {
    try withFolder { folder in
      let isPaging = try page(
        "1\n2\n3\n4", pager: "cat > \(folder)/paged", to: "\(folder)/direct")
      #expect(!isPaging)
      #expect(try contents("\(folder)/direct") == ["1", "2", "3", "4"])
      #expect(access("\(folder)/paged", F_OK) != 0)
    }
  }

  @Test func `output longer than the screen goes through the pager whole`() throws {
    try withFolder { folder in
      let lines = (1...2_000).map(String.init)
      let isPaging = try page(
        lines.joined(separator: "\n"), pager: "cat > \(folder)/paged", to: "\(folder)/direct")
      #expect(isPaging)
      #expect(try contents("\(folder)/paged") == lines)
      let printed = try contents("\(folder)/direct")
      #expect(printed == [])
    }
  }

  @Test func `a pager that is left ends the output as closed`() throws {
    OutputFile.ignoreBrokenPipes()
    try withFolder { folder in
      let long = String(repeating: "0123456789\n", count: 100_000)
      #expect(throws: OutputError.closed) {
        try page(
          long, pager: "echo $$ > \(folder)/id; head -n 1 > /dev/null", to: "\(folder)/direct")
      }
      let id = try #require(try contents("\(folder)/id").first.flatMap { pid_t($0) })
      #expect(kill(id, 0) != 0, "the pager is still there, dead or alive")
    }
  }

  /// Pagers that show nothing, and what is said of them.
  private static let failing = [
    "/nowhere/pager": "is not there", "no-such-pager -x": "is not there",
    "{ exit 3; } 2> /dev/null": "ended with status 3",
    "read line; read line; exit 1": "ended with status 1",
    "kill -KILL $$": "was ended by signal 9", "read line; kill -TERM $$": "was ended by signal 15",
    "{ nothing-of-that-name; } 2> /dev/null": "ended with status 127",
    // It takes all, and tells nobody.
    "{ cat > /dev/null; exit 2; }": "ended with status 2",
  ]

  @Test(arguments: failing.keys.sorted())
  func `a pager that is missing, fails or is killed loses nothing, and one line says so`(
    pager: String
  ) throws {
    OutputFile.ignoreBrokenPipes()
    let expected = try #require(Self.failing[pager])
    try withFolder { folder in
      // Less than a pipe holds, more than that, and more than is held in memory.
      for count in [6, 9_000, 60_000] {
        let lines = (1...count).map { "line \($0), which the pager never showed" }
        var said: [String] = []
        _ = try page(lines.joined(separator: "\n"), pager: pager, to: "\(folder)/direct") {
          said.append($0)
        }
        #expect(try lineByLine("\(folder)/direct") == lines)
        #expect(said == ["the pager \(pager) \(expected); here is all of it without one"])
      }
    }
  }

  @Test func `a pager that Ctrl-C ended was left`() throws {
    OutputFile.ignoreBrokenPipes()
    try withFolder { folder in
      let long = String(repeating: "0123456789\n", count: 100_000)
      #expect(throws: OutputError.closed) {
        try page(long, pager: "kill -INT $$", to: "\(folder)/direct")
      }
      let printed = try contents("\(folder)/direct")
      #expect(printed == [])
    }
  }

  @Test func `less is told that the text is UTF-8`() throws {
    try withFolder { folder in
      let pager = "printenv LESSCHARSET > \(folder)/charset; cat > /dev/null"
      _ = try page("1\n2\n3\n4\n5\n6", pager: pager, to: "\(folder)/direct")
      #expect(try contents("\(folder)/charset") == ["utf-8"])
    }
  }

  @Test func `the pager is less where none is named, and none where it is empty or cat`() {
    #expect(pagerCommand(["PAGER": ""]) == nil)
    #expect(pagerCommand(["PAGER": "cat"]) == nil)
    #expect(pagerCommand(["PAGER": "more -d"]) == "more -d")
    #expect(pagerCommand(["PATH": "/nowhere"]) == nil)
    // Lines that are longer than the screen are not cut.
    #expect(pagerCommand(["PATH": "/usr/bin:/bin"]) == "less -FRX")
  }

  @Test func `a pipe is no terminal, and COLUMNS says how wide it is`() throws {
    let ends = try #require(makePipe(isBlocking: true))
    defer {
      close(ends.reader)
      close(ends.writer)
    }
    #expect(
      Destination(descriptor: ends.writer, environment: ["COLUMNS": "60"])
        == Destination(isTerminal: false, columns: 60))
    #expect(
      Destination(descriptor: ends.writer, environment: ["COLUMNS": "wide"])
        == Destination(isTerminal: false))
  }

  @Test func `a reader that went away is told as closed`() throws {
    OutputFile.ignoreBrokenPipes()
    let ends = try #require(makePipe(isBlocking: true))
    close(ends.reader)
    defer { close(ends.writer) }
    let file = OutputFile(descriptor: ends.writer)
    try file.write("x")
    #expect(throws: OutputError.closed) { try file.flush() }
  }

  @Test func `a full disk is told with its number`() throws {
    let full = open("/dev/full", O_WRONLY)
    defer { close(full) }
    let file = OutputFile(descriptor: full)
    try file.write("x")
    #expect(throws: OutputError.failed(errno: ENOSPC)) { try file.flush() }
  }
}
