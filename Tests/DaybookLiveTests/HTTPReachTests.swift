import Domain
import TestSupport
import Testing

@testable import DaybookLive

/// Where exchanges may connect, and that nothing leads them elsewhere.
@Suite(.timeLimit(.minutes(10))) struct HTTPReachTests {
  private let server: ScriptedServer
  private let strict = HTTPClient(rules: AddressRules())

  init() throws {
    server = try ScriptedServer(.send(okay("x")))
  }

  @Test(arguments: ["127.0.0.1", "127.1", "0x7f000001", "2130706433", "localhost"])
  func `a callback to this machine is blocked before any packet`(host: String) async {
    let failure = await strict.perform(.callback(server.url(host: host))).failure
    #expect(failure?.kind == .blocked)
    let remark = ["127.0.0.1", "localhost"].contains(host) ? "" : " (given as \(host))"
    #expect(failure?.text == "127.0.0.1 is a loopback address\(remark)")
    #expect(failure?.address == "127.0.0.1")
    #expect(server.connectionCount == 0)
  }

  @Test(arguments: [
    ("LOCALHOST.", "localhost"), ("LocalHost", "localhost"), ("127.0.0.1.", "127.0.0.1"),
    ("127.1", "127.0.0.1"), ("0X7F.1", "127.0.0.1"), ("2130706433", "127.0.0.1"),
    ("0177.0.0.1", "127.0.0.1"),
  ])
  func `one spelling of a host is checked, looked up and connected to`(
    given: String, host: String
  ) async {
    let client = HTTPClient(rules: AddressRules(allow: [.block("127.0.0.1/32")]))
    let outcome = await client.perform(.callback(server.url("/a?b", host: given)))
    #expect(outcome.reply?.status == 200)
    let text = server.requests.first?.text ?? ""
    #expect(text.hasPrefix("POST /a?b HTTP/1.1\r\nHost: \(host):\(server.port)\r\n"))
  }

  @Test func `a public name that resolves to a private address is blocked`() async {
    let names = ["example.com:\(server.port):10.0.0.1,127.0.0.1"]
    let url = server.url(host: "example.com")
    let failure = await strict.perform(.callback(url), names: names).failure
    #expect(failure?.kind == .blocked)
    #expect(failure?.text == "10.0.0.1 is a private address")
    #expect(failure?.address == "10.0.0.1")
    #expect(server.connectionCount == 0)
  }

  @Test(arguments: ["::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "fe80::1"])
  func `a name that resolves to a special IPv6 address is blocked`(address: String) async {
    let names = ["example.com:\(server.port):\(address)"]
    let url = server.url(host: "example.com")
    let failure = await strict.perform(.callback(url), names: names).failure
    #expect(failure?.kind == .blocked)
    #expect(failure?.address == address)
    #expect(server.connectionCount == 0)
  }

  @Test func `localhost is allowed by its name, and by its name only`() async {
    let client = HTTPClient(rules: AddressRules(allow: [.name("localhost")]))
    let byName = await client.perform(.callback(server.url(host: "LOCALHOST")))
    let byAddress = await client.perform(.callback(server.url()))
    #expect(byName.reply?.status == 200)
    #expect(byAddress.failure?.kind == .blocked)
    #expect(server.connectionCount == 1)
  }

  @Test func `of several addresses the one that is allowed is used`() async throws {
    let rules = AddressRules(allow: [.block("127.0.0.1/32")])
    let names = ["example.com:\(server.port):10.0.0.1,127.0.0.1"]
    let outcome = await HTTPClient(rules: rules)
      .perform(.callback(server.url(host: "example.com")), names: names)
    #expect(outcome.reply?.address == "127.0.0.1")
  }

  @Test func `a pooled connection of a provider does not carry a callback`() async {
    let names = ["example.com:\(server.port):127.0.0.1"]
    let url = server.url(host: "example.com")
    let opened = await strict.perform(.page(url), names: names)
    let failure = await strict.perform(.callback(url), names: names).failure
    #expect(opened.reply?.status == 200)
    #expect(failure?.kind == .blocked)
    #expect(failure?.text == "127.0.0.1 is a loopback address")
    #expect(server.requests.count == 1)
  }

  @Test func `a callback whose name moved away from a pooled address goes to the new one`()
    async throws
  {
    let client = HTTPClient(rules: AddressRules(allow: [.block("127.0.0.2/32")]))
    let moved = try ScriptedServer(address: "127.0.0.2", port: server.port) { _ in
      [.send(okay("moved"))]
    }
    let url = server.url(host: "example.com")
    let first = await client.perform(.page(url), names: ["example.com:\(server.port):127.0.0.1"])
    let second = await client.perform(
      .callback(url), names: ["example.com:\(server.port):127.0.0.2"])
    #expect(first.reply?.address == "127.0.0.1")
    #expect(second.reply?.address == "127.0.0.2")
    #expect(second.reply?.body == Array("moved".utf8))
    #expect(server.requests.count == 1)
    #expect(moved.requests.count == 1)
  }

  @Test func `a name that is bound anew to this machine is blocked`() async throws {
    let client = HTTPClient(rules: AddressRules(allow: [.block("127.0.0.2/32")]))
    let before = try ScriptedServer(address: "127.0.0.2", port: server.port) { _ in
      [.send(okay()), .close]
    }
    let url = server.url(host: "example.com")
    let first = await client.perform(
      .callback(url), names: ["example.com:\(server.port):127.0.0.2"])
    let second = await client.perform(
      .callback(url), names: ["example.com:\(server.port):127.0.0.1"])
    #expect(first.reply?.status == 200)
    #expect(before.requests.count == 1)
    #expect(second.failure?.kind == .blocked)
    #expect(server.connectionCount == 0)
  }

  @Test func `a provider is asked in the clear on this machine only`() async {
    let names = ["example.com:\(server.port):10.0.0.1"]
    let local = await strict.perform(.page(server.url(host: "localhost")))
    let literal = await strict.perform(.page("http://10.0.0.1:\(server.port)/"))
    let named = await strict.perform(.page(server.url(host: "example.com")), names: names)
    #expect(local.reply?.status == 200)
    #expect(literal.failure?.kind == .blocked)
    #expect(named.failure?.kind == .blocked)
    #expect(named.failure?.address == "10.0.0.1")
  }

  @Test(arguments: [
    "", "ftp://127.0.0.1/", "file:///etc/hostname", "http://", "http://user:secret@127.0.0.1/",
    "http://127.0.0.1/#a", "http://127.0.0.1/a b", "http://127.0.0.1:99999/",
  ])
  func `a URL that cannot be used is refused without showing it`(url: String) async {
    let failure = await strict.perform(.page(url)).failure
    #expect(failure?.kind == .badURL)
    #expect(failure?.text.contains("secret") == false)
  }

  @Test func `a URL of 8,192 bytes is sent and a longer one is not`() async {
    let url = server.url("/?")
    let longest = url + String(repeating: "a", count: 8_192 - url.utf8.count)
    let sent = await strict.perform(.page(longest))
    let longer = await strict.perform(.page(longest + "a"))
    #expect(sent.reply?.status == 200)
    #expect(longer.failure == NetworkFailure(.badURL, "The URL is longer than 8192 bytes"))
  }

  @Test(arguments: [
    Header("A", "b\r\nC: d"), Header("A", "b\nc"), Header("A", "b\0c"), Header("A b", "c"),
    Header("", "c"), Header("A:", "c"), Header("A\r\nB", "c"), Header("content-LENGTH", "1"),
    Header("Transfer-Encoding", "chunked"),
  ])
  func `a header that would break the message is refused before anything is sent`(
    header: Header
  )
    async
  {
    let failure = await strict.perform(.page(server.url(), headers: [header])).failure
    #expect(failure?.kind == .badURL)
    #expect(server.connectionCount == 0)
  }
}
