import DaybookLive
import Domain
import TestSupport
import Testing

/// A head that came whole is an answer, whatever becomes of the body.
@Suite(.timeLimit(.minutes(10))) struct HTTPHeadTests {
  private let client = HTTPClient(rules: AddressRules(allow: [.block("127.0.0.0/8")]))
  private let short = ExchangeBounds(
    connect: .seconds(5), total: .milliseconds(200), keptBytesMax: 100, readBytesMax: 100,
    mayCut: true)

  /// What may follow a status line and `Retry-After`.
  private static let bodies: [(String, [ScriptedServer.Step], NetworkFailure.Kind)] = [
    ("\r\n", [.silence], .timedOut),
    ("\r\nabc", [.silence], .timedOut),
    ("Content-Length: 9\r\n\r\n", [.silence], .timedOut),
    ("Content-Length: 9\r\n\r\nabc", [.close], .garbled),
    ("Content-Length: 9\r\n\r\nabc", [.reset], .reset),
    ("Transfer-Encoding: chunked\r\n\r\n", [.silence], .timedOut),
    ("Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", [.close], .garbled),
    ("Transfer-Encoding: chunked\r\n\r\nzz\r\n", [.silence], .garbled),
    ("Content-Length: 999\r\n\r\n" + String(repeating: "x", count: 999), [.silence], .tooLarge),
    (
      "Transfer-Encoding: chunked\r\n\r\n0\r\n"
        + String(repeating: "X: \(String(repeating: "y", count: 1_000))\r\n", count: 70),
      [.silence], .tooLarge
    ),
  ]

  @Test(arguments: bodies, ["HTTP/1.1 200 OK", "HTTP/1.1 410 Gone", "HTTP/1.0 429 Slow"])
  func `a receiver's status counts and says what became of the body`(
    row: (String, [ScriptedServer.Step], NetworkFailure.Kind), status: String
  ) async throws {
    let server = try ScriptedServer { _ in
      [.send("\(status)\r\nRetry-After: 7\r\n\(row.0)")] + row.1
    }
    let outcome = await client.perform(.callback(server.url(), bounds: short))
    let reply = try #require(outcome.reply, "\(outcome)")
    #expect(status.contains(" \(reply.status) "))
    #expect(reply.header("Retry-After") == "7")
    #expect(reply.bodyFailure == row.2)
    #expect(reply.isCut)
  }

  @Test(arguments: [401, 403, 404, 410, 429, 500, 503])
  func `a provider's refusal counts although its body stalls`(status: Int) async throws {
    let server = try ScriptedServer(
      .send("HTTP/1.1 \(status) No\r\nRetry-After: 7\r\nContent-Length: 9\r\n\r\n{"), .silence)
    let bounds = ExchangeBounds.page(total: .milliseconds(200))
    let reply = await client.perform(.page(server.url(), bounds: bounds)).reply
    #expect(reply?.status == status)
    #expect(reply?.header("Retry-After") == "7")
    #expect(reply?.bodyFailure == .timedOut)
  }

  @Test(arguments: bodies)
  func `a provider's page has to come whole`(
    row: (String, [ScriptedServer.Step], NetworkFailure.Kind)
  ) async throws {
    let server = try ScriptedServer { _ in [.send("HTTP/1.1 200 OK\r\n\(row.0)")] + row.1 }
    let bounds = ExchangeBounds.page(100, total: .milliseconds(200))
    let failure = await client.perform(.page(server.url(), bounds: bounds)).failure
    #expect(failure?.kind == row.2)
  }

  @Test(arguments: [
    "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n",
    "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n", "HTTP/1.1 410 Gone\r\n",
    "HTTP/1.1 410 Gone\r\nRetry-After: 7\r\n", "HTTP/1.1 101 Switching Protocols\r\n\r\n",
  ])
  func `an interim answer, or half a head, is no answer`(text: String) async throws {
    let server = try ScriptedServer(.send(text), .silence)
    let failure = await client.perform(.callback(server.url(), bounds: short)).failure
    #expect(failure?.kind == .timedOut)
  }

  @Test func `what follows interim answers is the answer`() async throws {
    let server = try ScriptedServer(
      .send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n"),
      .send("HTTP/1.1 410 Gone\r\n\r\n"), .silence)
    let reply = await client.perform(.callback(server.url(), bounds: short)).reply
    #expect(reply?.status == 410)
    #expect(reply?.headers == [])
  }

  @Test func `cutting an exchange whose head has come keeps its status`() async throws {
    let server = try ScriptedServer(.send("HTTP/1.1 410 Gone\r\n\r\nabc"), .silence)
    let probe = try ScriptedServer(.send(okay()))
    let client = client
    // No machine is so slow that the time ends it.
    let bounds = ExchangeBounds(
      connect: .seconds(60), total: .seconds(600), keptBytesMax: 1_024, readBytesMax: 4_096,
      mayCut: true)
    let task = Task { await client.perform(.callback(server.url(), bounds: bounds)) }
    for await _ in server.arrivals { break }
    // One thread carries all: once others were answered, the head that came before was read.
    for _ in 1...20 { _ = await client.perform(.page(probe.url())) }
    client.cut()
    let outcome = await task.value
    #expect(outcome.reply?.status == 410)
    #expect(outcome.reply?.bodyFailure == .cancelled)
  }
}
