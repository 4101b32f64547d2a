import DaybookLive
import Domain
import Foundation
import TestSupport
import Testing

/// Size, time, and replies that are not whole.
@Suite(.timeLimit(.minutes(10))) struct HTTPBoundsTests {
  private let client = HTTPClient(rules: AddressRules(allow: [.block("127.0.0.0/8")]))

  @Test func `a page of exactly its bound is whole and one byte more is too large`() async throws {
    let server = try ScriptedServer { request in
      [.send(okay(String(repeating: "x", count: request.text.hasPrefix("GET /10 ") ? 10 : 11)))]
    }
    let whole = await client.perform(.page(server.url("/10"), bounds: .page(10)))
    let larger = await client.perform(.page(server.url("/11"), bounds: .page(10)))
    #expect(whole.reply?.bodyBytes == 10)
    #expect(larger.failure?.kind == .tooLarge)
    #expect(
      larger.failure?.text == "The reply of http://127.0.0.1:\(server.port) is longer than 10 bytes"
    )
  }

  @Test(arguments: [
    (sent: 4, kept: 4, read: 4), (sent: 5, kept: 4, read: 5), (sent: 8, kept: 4, read: 8),
    (sent: 9, kept: 4, read: 8), (sent: 500_000, kept: 4, read: 8),
  ])
  func `an answer is kept up to its bound and counted up to the next`(
    row: (sent: Int, kept: Int, read: Int)
  ) async throws {
    let server = try ScriptedServer(.send(okay(String(repeating: "x", count: row.sent))))
    let outcome = await client.perform(
      .callback(server.url(), bounds: .answer(kept: 4, read: 8)))
    #expect(outcome.reply?.status == 200)
    #expect(outcome.reply?.body.count == row.kept)
    #expect(outcome.reply?.bodyBytes == row.read)
    #expect(outcome.reply?.bodyFailure == (row.sent > row.read ? .tooLarge : nil))
  }

  @Test func `an answer without end is read to its bound`() async throws {
    let server = try ScriptedServer(
      .send("HTTP/1.1 200 OK\r\n\r\n"), .send(String(repeating: "x", count: 100)), .silence)
    let outcome = await client.perform(
      .callback(server.url(), bounds: .answer(kept: 10, read: 50)))
    #expect(outcome.reply?.body.count == 10)
    #expect(outcome.reply?.bodyBytes == 50)
  }

  @Test func `a compressed page is unpacked, its bound counted after that`() async throws {
    let packed = try gzip(Array(repeating: 0x78, count: 1_000_000))
    let server = try ScriptedServer(.send(gzipHead(packed.count)), .sendBytes(packed))
    let whole = await client.perform(.page(server.url(), bounds: .page(1_000_000)))
    let bomb = await client.perform(.page(server.url(), bounds: .page(100_000)))
    #expect(packed.count < 10_000)
    #expect(whole.reply?.body == Array(repeating: 0x78, count: 1_000_000))
    #expect(bomb.failure?.kind == .tooLarge)
  }

  @Test func `a page that is wrongly compressed is garbled`() async throws {
    let packed = try gzip(Array("hello, hello, hello".utf8))
    var wrongSum = packed
    wrongSum[packed.count - 6] ^= 1
    let table: [(String, [UInt8])] = [
      ("plain text", Array("plain".utf8)), ("wrong sum", wrongSum), ("more after it", packed + [1]),
    ]
    for (name, bytes) in table {
      let server = try ScriptedServer(.send(gzipHead(bytes.count)), .sendBytes(bytes))
      let failure = await client.perform(.page(server.url())).failure
      #expect(failure?.kind == .garbled, "\(name)")
    }
  }

  @Test(arguments: [(lines: 1, bytes: 70_000), (1, 400_000), (70, 1_000)])
  func `headers beyond 64 KiB are too large`(row: (lines: Int, bytes: Int)) async throws {
    let line = "X: \(String(repeating: "y", count: row.bytes))\r\n"
    let headers = String(repeating: line, count: row.lines)
    let server = try ScriptedServer(.send(okay(headers: headers)))
    let failure = await client.perform(.page(server.url())).failure
    #expect(failure?.kind == .tooLarge)
    #expect(failure?.text.contains("65536") == true)
  }

  @Test(arguments: [
    "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nabc",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
  ])
  func `a body cut short garbles a page, but not an answer`(text: String) async throws {
    let server = try ScriptedServer(.send(text), .close)
    let page = await client.perform(.page(server.url()))
    let answer = await client.perform(.callback(server.url()))
    #expect(page.failure?.kind == .garbled)
    #expect(answer.reply?.status == 200)
  }

  @Test(arguments: ["hello\r\n", "SSH-2.0-x\r\n\r\n", "\0\0\0\r\n\r\n", "HTTP/9.9 200 OK\r\n\r\n"])
  func `what is not HTTP is garbled`(text: String) async throws {
    let server = try ScriptedServer(.send(text), .close)
    let failure = await client.perform(.page(server.url())).failure
    #expect(failure?.kind == .garbled)
  }

  @Test func `a connection closed or reset before any answer is a reset`() async throws {
    let closing = try ScriptedServer(.close)
    let resetting = try ScriptedServer(.reset)
    let broken = try ScriptedServer(.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"), .reset)
    for server in [closing, resetting, broken] {
      let failure = await client.perform(.page(server.url("/x?token=secret"))).failure
      #expect(failure?.kind == .reset)
      #expect(failure?.address == "127.0.0.1")
      #expect(failure?.text.contains("secret") == false)
    }
  }

  @Test func `a port where nobody listens refuses`() async throws {
    let deaf = try DeafPort(.closed)
    let failure = await client.perform(.page(deaf.url("/x?secret"))).failure
    #expect(failure?.kind == .refused)
    #expect(failure?.text == "http://127.0.0.1:\(deaf.port) refused the connection")
    #expect(failure?.address == "127.0.0.1")
  }

  @Test(arguments: ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"])
  func `a server that falls silent meets the deadline`(text: String) async throws {
    let server = try ScriptedServer(.send(text), .silence)
    let bounds = ExchangeBounds.page(total: .milliseconds(150))
    let failure = await client.perform(.page(server.url(), bounds: bounds)).failure
    #expect(failure?.kind == .timedOut)
    #expect(failure?.text.contains("gave no full answer within 0.15 seconds") == true)
    #expect((failure?.duration ?? .zero) >= .milliseconds(140))
  }

  @Test func `a connection that does not come about meets its own deadline`() async throws {
    let deaf = try DeafPort(.full)
    let bounds = ExchangeBounds.page(connect: .milliseconds(150))
    let failure = await client.perform(.page(deaf.url(), bounds: bounds)).failure
    #expect(failure?.kind == .timedOut)
    #expect(failure?.text.hasPrefix("No connection to http://127.0.0.1:") == true)
  }

  @Test func `cancelling the task does not end the exchange`() async throws {
    let server = try ScriptedServer(.send(okay()))
    let client = client
    let outcome = await withTaskGroup(of: Outcome.self) { group in
      group.cancelAll()
      group.addTask { await client.perform(.page(server.url())) }
      return await group.next()
    }
    #expect(outcome?.reply?.status == 200)
  }

  @Test func `cutting ends what is under way and what waits, and nothing that comes later`()
    async throws
  {
    let server = try ScriptedServer { request in
      request.text.hasPrefix("GET /later") ? [.send(okay())] : [.silence]
    }
    let client = HTTPClient(rules: AddressRules(), connectionsMax: 1)
    async let first = client.perform(.page(server.url()))
    async let second = client.perform(.page(server.url()))
    for await _ in server.arrivals { break }
    client.cut()
    let kinds = await [first, second].map(\.failure?.kind)
    #expect(kinds == [.cancelled, .cancelled])
    #expect(await client.perform(.page(server.url("/later"))).reply?.status == 200)
  }

  @Test func `shutting down ends what is under way, what waits, and what comes later`() async throws
  {
    let server = try ScriptedServer(.silence)
    let client = HTTPClient(rules: AddressRules(), connectionsMax: 1)
    async let first = client.perform(.page(server.url()))
    async let second = client.perform(.page(server.url()))
    for await _ in server.arrivals { break }
    client.shutDown()
    let kinds = await [first, second, client.perform(.page(server.url()))].map(\.failure?.kind)
    #expect(kinds == [.cancelled, .cancelled, .cancelled])
  }
}

private func gzipHead(_ count: Int) -> String {
  "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(count)\r\n\r\n"
}

/// The bytes packed by the `gzip` command.
private func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
  let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).bin")
  try Data(bytes).write(to: file)
  defer { try? FileManager.default.removeItem(at: file) }
  let output = try run("gzip", "-c", "-n", file.path)
  return Array(output)
}
