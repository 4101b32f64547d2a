import Dispatch
import Glibc
import Testing

@testable import REPL

@Suite struct HistoryFileTests {
  @Test func `lines come back in order from a file only its owner can read`() throws {
    try withFolder { folder in
      let history = HistoryFile(path: "\(folder)/state/daybook/history")
      #expect(try history.load() == [])
      try history.append("instance list")
      try HistoryFile(path: history.path).append("mark 'é 日本'")
      #expect(try history.load() == ["instance list", "mark 'é 日本'"])
      var facts = stat()
      #expect(stat(history.path, &facts) == 0)
      #expect(facts.st_mode & 0o777 == 0o600)
      #expect(stat("\(folder)/state/daybook", &facts) == 0)
      #expect(facts.st_mode & 0o777 == 0o700)
    }
  }

  @Test func `the newest ten thousand lines are read, what is no text is not`() throws {
    try withFolder { folder in
      let history = HistoryFile(path: "\(folder)/history")
      let file = try #require(fopen(history.path, "w"))
      for number in 1...12_000 { fputs("show \(number)\n", file) }
      fclose(file)
      let lines = try history.load()
      #expect(lines.count == 10_000)
      #expect(lines.first == "show 2001")
      #expect(lines.last == "show 12000")
      let more = try #require(fopen(history.path, "a"))
      fputs("bad \u{1B}[2J\n", more)
      fwrite([0xFF, 10] as [UInt8], 1, 2, more)
      fclose(more)
      #expect(try history.load().last == "show 12000")
    }
  }

  @Test func `a file past the bound is read from a line's beginning`() throws {
    try withFolder { folder in
      let history = HistoryFile(path: "\(folder)/history")
      let file = try #require(fopen(history.path, "w"))
      let long = String(repeating: "x", count: 9_999)
      for _ in 1...1_000 { fputs(long + "\n", file) }
      fclose(file)
      let lines = try history.load()
      #expect(lines.count == 838)
      #expect(lines.allSatisfy { $0 == long })
    }
  }

  @Test func `a command of several lines comes back as it was typed`() throws {
    try withFolder { folder in
      let history = HistoryFile(path: "\(folder)/history")
      for command in ["SELECT 1,\n\t2\n\n  ;", "now"] { try history.append(command) }
      #expect(try history.load() == ["SELECT 1,\n\t2\n\n  ;", "now"])
    }
  }

  @Test func `a line without its end swallows no other`() throws {
    try withFolder { folder in
      let history = HistoryFile(path: "\(folder)/history")
      let file = try #require(fopen(history.path, "w"))
      fputs("events\nchang", file)
      fclose(file)
      try history.append("now")
      #expect(try history.load() == ["events", "chang", "now"])
    }
  }

  @Test func `writers side by side lose nothing`() throws {
    try withFolder { folder in
      let history = HistoryFile(path: "\(folder)/history")
      DispatchQueue.concurrentPerform(iterations: 4) { writer in
        for line in 0..<50 { try? history.append("mark \(writer)\n\(line)") }
      }
      let lines = try history.load()
      #expect(lines.count == 200)
      #expect(Set(lines).count == 200)
    }
  }

  @Test func `a history that cannot be kept says where and why`() {
    let history = HistoryFile(path: "/proc/none/history")
    #expect(throws: HistoryError(path: "/proc/none/history", errno: ENOENT)) {
      try history.append("x")
    }
  }

  @Test func `the history is in the state folder`() {
    #expect(HistoryFile.standard(["HOME": "/h"])?.path == "/h/.local/state/daybook/history")
    #expect(
      HistoryFile.standard(["HOME": "/h", "XDG_STATE_HOME": "/s"])?.path == "/s/daybook/history")
    #expect(
      HistoryFile.standard(["HOME": "/h", "XDG_STATE_HOME": "s"])?.path
        == "/h/.local/state/daybook/history")
    #expect(HistoryFile.standard([:]) == nil)
  }
}
