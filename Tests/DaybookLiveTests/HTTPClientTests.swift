import DaybookLive
import Domain
import Glibc
import TestSupport
import Testing

/// The exchange itself: what is sent, what is read, what is not done.
@Suite(.timeLimit(.minutes(10))) struct HTTPClientTests {
  private let client = HTTPClient(rules: AddressRules(allow: [.block("127.0.0.0/8")]))

  @Test func `a notification goes out as written and nothing is added but its length`() async throws
  {
    let server = try ScriptedServer(.send(okay(status: "204 No Content")))
    let headers = [
      Header("Content-Type", "application/json"), Header("webhook-id", "msg_1"),
      Header("Empty", ""),
    ]
    let outcome = await client.perform(
      .callback(server.url("/hook?a=b"), headers: headers, body: #"{"a":1}"#))
    #expect(outcome.reply?.status == 204)
    #expect(
      server.requests.map(\.text) == [
        """
        POST /hook?a=b HTTP/1.1\r
        Host: 127.0.0.1:\(server.port)\r
        Content-Type: application/json\r
        webhook-id: msg_1\r
        Empty:\r
        Content-Length: 7\r
        \r
        {"a":1}
        """
      ])
  }

  @Test func `an empty body is sent with length zero`() async throws {
    let server = try ScriptedServer(.send(okay()))
    let outcome = await client.perform(.callback(server.url(), body: ""))
    #expect(outcome.reply?.status == 200)
    #expect(server.requests.first?.text.contains("\r\nContent-Length: 0\r\n\r\n") == true)
  }

  @Test func `a large body does not wait to be asked for`() async throws {
    let server = try ScriptedServer(.send(okay()))
    let body = String(repeating: "x", count: 2 << 20)
    let outcome = await client.perform(.callback(server.url(), body: body))
    #expect(outcome.reply?.status == 200)
    #expect(server.requests.first?.text.hasSuffix("\r\n\r\n" + body) == true)
    #expect(server.requests.first?.text.lowercased().contains("expect:") == false)
  }

  @Test func `a page is asked for compressed and nothing else is added`() async throws {
    let server = try ScriptedServer(.send(okay("[]")))
    let outcome = await client.perform(
      .page(server.url("/p"), headers: [Header("Authorization", "Bearer x")]))
    #expect(outcome.reply?.body == Array("[]".utf8))
    #expect(
      server.requests.map(\.text) == [
        """
        GET /p HTTP/1.1\r
        Host: 127.0.0.1:\(server.port)\r
        Accept-Encoding: gzip\r
        Authorization: Bearer x\r
        \r

        """
      ])
  }

  @Test func `a reply has status, headers in order, body, address and duration`() async throws {
    let server = try ScriptedServer(
      .send("HTTP/1.1 100 Continue\r\nOld: 1\r\n\r\n"),
      .drip("HTTP/1.1 418 Odd\r\nB:  two \r\nA: 1\r\n\tmore\r\nA: 3\r\nNone:\r\n"),
      .drip("Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nLate: 1\r\n\r\n"))
    let reply = try #require(await client.perform(.page(server.url())).reply)
    #expect(reply.status == 418)
    #expect(
      reply.headers == [
        Header("B", "two"), Header("A", "1 more"), Header("A", "3"), Header("None", ""),
        Header("Transfer-Encoding", "chunked"),
      ])
    #expect(reply.body == Array("abcde".utf8))
    #expect(reply.bodyBytes == 5)
    #expect(reply.address == "127.0.0.1")
    #expect(reply.duration > .zero)
  }

  @Test(arguments: [301, 302, 307, 308])
  func `a redirect is an answer and is not followed`(status: Int) async throws {
    let other = try ScriptedServer(.send(okay()))
    let location = "Location: \(other.url())\r\n"
    let server = try ScriptedServer(.send(okay(status: "\(status) Moved", headers: location)))
    let outcomes = await [
      client.perform(.page(server.url())), client.perform(.callback(server.url())),
    ]
    #expect(outcomes.map(\.reply?.status) == [status, status])
    #expect(other.connectionCount == 0)
  }

  @Test func `proxies named in the environment are ignored`() async throws {
    let proxy = try ScriptedServer(.send(okay()))
    let server = try ScriptedServer(.send(okay("direct")))
    // Everyone’s environment, but nobody here goes by it: that is what is tested.
    let names = ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]
    for name in names { setenv(name, "http://127.0.0.1:\(proxy.port)", 1) }
    defer { for name in names { unsetenv(name) } }
    let own = HTTPClient(rules: AddressRules())
    let reply = await own.perform(.page(server.url())).reply
    #expect(reply?.body == Array("direct".utf8))
    #expect(proxy.connectionCount == 0)
    own.shutDown()
  }

  @Test func `a cookie is not sent back`() async throws {
    let server = try ScriptedServer(.send(okay(headers: "Set-Cookie: a=b\r\n")))
    for _ in 1...2 { _ = await client.perform(.page(server.url())) }
    #expect(server.requests.count == 2)
    #expect(server.requests.allSatisfy { !$0.text.contains("Cookie") })
  }

  @Test func `a connection is kept and used again`() async throws {
    let server = try ScriptedServer(.send(okay("x")))
    for _ in 1...5 { #expect(await client.perform(.callback(server.url())).reply?.status == 200) }
    #expect(server.requests.map(\.number) == [1, 2, 3, 4, 5])
  }

  @Test func `a kept connection that was closed meanwhile is replaced`() async throws {
    let server = try ScriptedServer { request in
      request.number == 2 ? [.close] : [.send(okay())]
    }
    for _ in 1...3 { #expect(await client.perform(.page(server.url())).reply?.status == 200) }
    #expect(server.connectionCount >= 2)
  }

  @Test func `64 exchanges at a time all get their own answer over kept connections`() async throws
  {
    let server = try ScriptedServer { request in
      let path = request.text.split(separator: " ").dropFirst().first ?? ""
      return [.send(okay(String(path)))]
    }
    let bodies = await withTaskGroup(of: (Int, String).self) { group in
      for lane in 0..<64 {
        group.addTask {
          var all = ""
          for turn in 0..<5 {
            let outcome = await client.perform(.page(server.url("/\(lane)/\(turn)")))
            all += String(decoding: outcome.reply?.body ?? [], as: UTF8.self)
          }
          return (lane, all)
        }
      }
      return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
    for lane in 0..<64 {
      #expect(bodies[lane] == (0..<5).map { "/\(lane)/\($0)" }.joined())
    }
    #expect(server.requests.count == 320)
    #expect(server.connectionCount <= 64)
  }

  @Test func `more exchanges than connections wait for their turn`() async throws {
    let narrow = HTTPClient(rules: AddressRules(), connectionsMax: 2)
    let server = try ScriptedServer(.send(okay()))
    let replies = await withTaskGroup(of: Int?.self) { group in
      for _ in 0..<20 {
        group.addTask { await narrow.perform(.page(server.url())).reply?.status }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(replies == Array(repeating: 200, count: 20))
    #expect(server.connectionCount <= 2)
  }
}
