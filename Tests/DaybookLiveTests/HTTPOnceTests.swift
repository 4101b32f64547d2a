import DaybookLive
import Domain
import TestSupport
import Testing

/// What may be sent once is sent once, whatever becomes of a connection that was kept.
@Suite(.timeLimit(.minutes(10))) struct HTTPOnceTests {
  private let client = HTTPClient(rules: AddressRules(allow: [.block("127.0.0.0/8")]))

  private func post(_ url: String, _ reach: Reach, body: String = "{}") -> Request {
    Request(.post, url, body: Array(body.utf8), reach: reach, bounds: .page())
  }

  @Test(arguments: [
    [ScriptedServer.Step.close], [.reset], [.send("HTTP/1."), .close], [.send("H"), .reset],
  ])
  func `a POST that a kept connection swallows is not sent again`(
    end: [ScriptedServer.Step]
  ) async throws {
    for reach in [Reach.callback, .provider] {
      let server = try ScriptedServer { $0.number == 2 ? end : [.send(okay())] }
      let first = await client.perform(post(server.url(), reach))
      let second = await client.perform(post(server.url(), reach))
      let third = await client.perform(post(server.url(), reach))
      #expect(first.reply?.status == 200)
      #expect(second.failure?.kind == .reset)
      #expect(second.failure?.address == "127.0.0.1")
      #expect(third.reply?.status == 200)
      #expect(server.requests.count == 3)
      #expect(server.connectionCount == 2)
    }
  }

  @Test(arguments: [2, 4 << 20])
  func `a POST that ends with its connection unread is not sent again`(bytes: Int) async throws {
    let server = try ScriptedServer(.send(okay()), .closeUnread)
    let first = await client.perform(.callback(server.url()))
    let second = await client.perform(
      .callback(server.url(), body: String(repeating: "x", count: bytes)))
    #expect(first.reply?.status == 200)
    #expect(second.failure?.kind == .reset)
    #expect(server.connectionCount == 1)
  }

  @Test func `a GET that a kept connection swallows is sent again`() async throws {
    let server = try ScriptedServer { $0.number == 2 ? [.close] : [.send(okay())] }
    for _ in 1...2 { #expect(await client.perform(.page(server.url())).reply?.status == 200) }
    #expect(server.requests.map(\.number) == [1, 2, 1])
  }

  @Test func `a receiver that closes what is idle gets each notification once`() async throws {
    let server = try ScriptedServer(.send(okay()), .close)
    var resets = 0
    for turn in 0..<200 {
      let outcome = await client.perform(.callback(server.url(), body: "{\"turn\":\(turn)}"))
      if outcome.failure?.kind == .reset { resets += 1 } else { #expect(outcome.reply != nil) }
    }
    let bodies = server.requests.map { $0.text.split(separator: "\r\n").last ?? "" }
    #expect(Set(bodies).count == bodies.count)
    #expect(bodies.count >= 200 - resets)
  }
}
