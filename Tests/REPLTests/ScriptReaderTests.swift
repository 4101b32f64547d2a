import Glibc
import Testing

@testable import REPL

@Suite struct ScriptReaderTests {
  /// All lines of a script, fed in pieces of a size that splits characters.
  private func lines(of bytes: [UInt8]) async throws -> [ScriptLine] {
    let ends = try #require(makePipe(isBlocking: true))
    let feeding = Task {
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = rest.prefix(7_001).withUnsafeBytes {
          write(ends.writer, $0.baseAddress, $0.count)
        }
        rest = rest.dropFirst(max(1, count))
      }
      close(ends.writer)
    }
    let reader = ScriptReader(descriptor: ends.reader)
    var lines: [ScriptLine] = []
    do {
      while let line = try await reader.next() { lines.append(line) }
    } catch {
      // Let the feeder finish before its pipe goes.
      var sink = [UInt8](repeating: 0, count: 1 << 16)
      while sink.withUnsafeMutableBytes({ read(ends.reader, $0.baseAddress, $0.count) }) > 0 {}
      await feeding.value
      close(ends.reader)
      throw error
    }
    await feeding.value
    close(ends.reader)
    return lines
  }

  @Test func `commands keep their line numbers, comments and blank lines are passed over`()
    async throws
  {
    let script = "# first\n\ninstance list\r\n  \t\n  show 41 # why\n   # no\nmark 'é 日本'"
    #expect(
      try await lines(of: Array(script.utf8)) == [
        ScriptLine(number: 3, text: "instance list"),
        ScriptLine(number: 5, text: "  show 41 # why"),
        ScriptLine(number: 7, text: "mark 'é 日本'"),
      ])
    #expect(try await lines(of: []) == [])
    #expect(try await lines(of: Array("\n".utf8)) == [])
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
    #expect(try await lines(of: longest + [10]).first?.text.utf8.count == 1 << 20)
    #expect(try await lines(of: longest).count == 1)
    await #expect(throws: ScriptError.tooLong(line: 2)) {
      try await lines(of: [10] + longest + [120, 10])
    }
    await #expect(throws: ScriptError.tooLong(line: 1)) {
      try await lines(of: longest + longest)
    }
  }
}
