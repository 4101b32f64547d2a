import Crypto
import DaybookLive
import Domain
import Events
import TestSupport
import Testing

/// What is known of an exchange beside its outcome: the times of its steps, and a digest of what is
/// too long to be kept.
@Suite(.timeLimit(.minutes(10))) struct HTTPTimesTests {
  private let client = HTTPClient(rules: AddressRules(allow: [.block("127.0.0.0/8")]))

  private func inOrder(_ times: Int64?...) -> Bool {
    let reached = times.compactMap { $0 }
    return reached.count == times.count && reached == reached.sorted()
  }

  @Test func `each step on a new connection has its time, and one that is kept has none`()
    async throws
  {
    let server = try ScriptedServer(.send(okay("taken")))
    let first = try #require(await client.perform(.callback(server.url())).reply?.times)
    let second = try #require(await client.perform(.callback(server.url())).reply?.times)
    #expect(server.connectionCount == 1)
    #expect(inOrder(first.name, first.connect, first.firstByte, first.end))
    #expect(first.tls == nil)
    #expect(second.name == nil && second.connect == nil && second.tls == nil)
    #expect(inOrder(second.firstByte, second.end))
  }

  @Test func `what was not reached has no time`() async throws {
    let silent = try ScriptedServer(.silence)
    let bounds = ExchangeBounds(
      connect: .seconds(5), total: .milliseconds(50), keptBytesMax: 10, readBytesMax: 10,
      mayCut: true)
    let waited = await client.perform(.callback(silent.url(), bounds: bounds)).failure?.times
    #expect(waited?.connect != nil && waited?.firstByte == nil && waited?.end != nil)
    let closed = try DeafPort(.closed)
    let refused = await client.perform(.callback(closed.url())).failure?.times
    #expect(refused?.connect == nil && refused?.firstByte == nil && refused?.end != nil)
  }

  @Test(arguments: [(sent: 4, isCut: false), (5, true), (9, true), (300_000, true)])
  func `an answer that is not kept whole has the digest of all that was read`(
    row: (sent: Int, isCut: Bool)
  ) async throws {
    let text = String((0..<row.sent).map { Character(UnicodeScalar(UInt8(97 + $0 % 26))) })
    let server = try ScriptedServer(.send(okay(text)))
    let reply = await client.perform(
      .callback(server.url(), bounds: .answer(kept: 4, read: 200_000))
    ).reply
    let read = Array(text.utf8.prefix(200_000))
    #expect(reply?.bodyBytes == read.count)
    #expect(reply?.bodyDigest == (row.isCut ? Array(SHA256.hash(data: read)) : nil))
  }
}
