import Foundation
import Glibc
import Testing

@testable import REPL

@Suite struct ScriptReaderTests {
  /// All lines of a script, fed in pieces of a size that splits characters.
  private func lines(of bytes: [UInt8]) async throws -> [ScriptLine] {
    let ends = try #require(makePipe(isBlocking: true))
    defer { close(ends.reader) }
    // On a thread of its own: a full pipe holds its writer, and a pool of two threads has no third
    // one to read. A reader that ended early closes the pipe, which the writer takes as the end.
    Thread.detachNewThread {
      feed(bytes, to: ends.writer)
      close(ends.writer)
    }
    let reader = ScriptReader(descriptor: ends.reader)
    var lines: [ScriptLine] = []
    while let line = try await reader.next() { lines.append(line) }
    return lines
  }

  @Test func `lines keep their numbers, and a byte order mark is passed over`() async throws {
    let script = "# first\n\ninstance list\r\n  show 41\nmark 'é 日本'"
    let expected = ["# first", "", "instance list", "  show 41", "mark 'é 日本'"]
    for mark in [[], [0xEF, 0xBB, 0xBF]] as [[UInt8]] {
      let read = try await lines(of: mark + Array(script.utf8))
      #expect(read.map(\.text) == expected)
      #expect(read.map(\.number) == Array(1...5))
    }
    #expect(try await lines(of: []) == [])
    #expect(try await lines(of: Array("\n".utf8)).map(\.text) == [""])
  }

  @Test func `many lines arrive exactly`() async throws {
    let texts = (1...5_000).map { "mark 日本-\($0)" }
    let read = try await lines(of: Array(texts.joined(separator: "\n").utf8))
    #expect(read.map(\.text) == texts)
    #expect(read.last?.number == 5_000)
  }

  @Test func `bytes that are no text are refused with their line`() async throws {
    await #expect(throws: ScriptError.invalidUTF8(line: 2)) {
      try await lines(of: Array("now\nmark ".utf8) + [0xFF, 0xFE, 10] + Array("now\n".utf8))
    }
    await #expect(throws: ScriptError.nulByte(line: 1)) {
      try await lines(of: Array("mark a\0b\n".utf8))
    }
  }

  @Test func `a line may have a mebibyte and no more`() async throws {
    let longest = [UInt8](repeating: 120, count: 1 << 20)
    #expect(try await lines(of: longest + [10])[0].text.utf8.count == 1 << 20)
    #expect(try await lines(of: longest).count == 1)
    await #expect(throws: ScriptError.tooLong(line: 2)) {
      try await lines(of: [10] + longest + [120, 10])
    }
    await #expect(throws: ScriptError.tooLong(line: 1)) {
      try await lines(of: longest + longest)
    }
  }
}

private func feed(_ bytes: [UInt8], to descriptor: Int32) {
  // Of this thread alone: without it the end of the reader would end the tests.
  var pipeSignal = sigset_t()
  sigemptyset(&pipeSignal)
  sigaddset(&pipeSignal, SIGPIPE)
  pthread_sigmask(SIG_BLOCK, &pipeSignal, nil)
  var rest = bytes[...]
  while !rest.isEmpty {
    let count = rest.prefix(7_001).withUnsafeBytes {
      write(descriptor, $0.baseAddress, $0.count)
    }
    if count < 0 && errno != EINTR { return }
    rest = rest.dropFirst(max(0, count))
  }
}
