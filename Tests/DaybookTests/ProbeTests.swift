import Domain
import Events
import GoogleFake
import RawJSON
import Sandbox
import Testing

@testable import Daybook

/// A URL that is tried: it is recorded, and nothing else comes of it.
@Suite struct ProbeTests {
  private static let hook = "\(MadeUpWorld.base)/receiver/hook"
  private let folder: TestFolder
  private let world = MadeUpWorld()
  private let journal: Journal

  init() throws {
    folder = try TestFolder()
    journal = try world.journal(in: folder, retryWaits: [.seconds(1)])
  }

  /// Has the receiver answer so from now on, each status once.
  private func answers(_ statuses: Int...) {
    let list = statuses.map(String.init).joined(separator: ",")
    let body = #"{"path":"/receiver/hook","answers":[\#(list)]}"#
    world.withSandbox { sandbox, now in
      _ = sandbox.answer(
        FakeRequest("POST", "/sandbox/receiver", body: Array(body.utf8)), at: now)
    }
  }

  /// Types of the events after a position.
  private func told(since position: Int64) async throws -> [String] {
    try await journal.events.rows().filter { ($0["position"]?.integer ?? 0) > position }
      .compactMap { $0["type"]?.string }
  }

  private func member(_ name: String, of position: Int64) async throws -> JSON {
    let row = try await journal.events.row(position)
    return try JSON.parse(Array((row[name]?.string ?? "").utf8))
  }

  private func headers(_ position: Int64) async throws -> [String: String] {
    var headers: [String: String] = [:]
    for pair in try await member("request", of: position)["headers"]?.elements ?? [] {
      guard let parts = pair.elements, let name = parts[0].text else { continue }
      headers[name] = parts[1].text
    }
    return headers
  }

  @Test func `it goes as the instance's deliveries do and is shown as an attempt`() async throws {
    let id = try await world.watch(in: journal)
    _ = try await journal.signatures.rotate(of: id, to: "a key")
    let row = try await journal.callbacks.probe(Self.hook, reason: "is it up?", askedBy: "alice")
    #expect(row.names == RowTable.probes.names)
    #expect(row["outcome"] == .text("succeeded"))
    #expect(row["instance"] == .integer(id))
    #expect(row["error"] == .null && row["errorClass"] == .null)
    #expect(row["address"] == .text("127.0.0.1"))

    let position = try #require(row["position"]?.integer)
    let sent = try await headers(position)
    #expect(sent["webhook-id"] == row["id"]?.string)
    #expect(sent["Daybook-Probe"] == "1")
    #expect(sent["Daybook-Sequence"] == nil)
    let body = try await member("request", of: position)["body"]
    #expect(body?["type"]?.text == "daybook.probe")
    #expect(body?["timestamp"]?.text == world.outside.now().rfc3339)
    #expect(body?["data"]?["instance"]?.integer == Int(id))
    #expect(body?["message"]?["events"]?.elements?.isEmpty == true)
    let attempt = try await member("attempt", of: position)
    #expect(attempt["trigger"]?.text == "probe")
    #expect(attempt["reason"]?.text == "is it up?")
    #expect(attempt["askedBy"]?.text == "alice")
    #expect(attempt["outcome"]?.text == "succeeded")

    let exchange = try #require(try await journal.events.exchange(position))
    let given = (exchange.headers ?? []).map { (name: $0.name, value: $0.value) }
    let checked = try await journal.signatures.verify(
      of: id, body: exchange.body ?? [], headers: given)
    #expect(checked.count == 2)
    #expect(checked.allSatisfy { $0["valid"] == .flag(true) })
    // By its outcome it is found as well.
    #expect(try await journal.events.exchange(position + 1) == exchange)
    #expect(try await journal.verify().problems == [])
  }

  @Test(arguments: [410, 404, 503, 302])
  func `what it is answered changes nothing`(status: Int) async throws {
    _ = try await world.watch(in: journal)
    try await world.deliver("Planning", in: journal)
    let before = try await journal.head()
    let deliveries = try await journal.deliveries.rows()
    let callbacks = try await journal.callbacks.rows()
    answers(status)
    let row = try await journal.callbacks.probe(Self.hook)
    #expect(row["status"] == .integer(Int64(status)))
    #expect(row["outcome"] == .text("failed"))
    #expect(row["errorClass"] == .text("status"))
    #expect(row["error"] == .text("the receiver answered \(status)"))
    #expect(try await told(since: before) == ["probe.attempted", "probe.concluded"])
    #expect(try await journal.deliveries.rows() == deliveries)
    #expect(try await journal.callbacks.rows() == callbacks)
    #expect(try await journal.notices.rows().isEmpty)
    #expect(try await journal.step() == nil)
  }

  @Test func `it goes out to a callback that is disabled, which stays so`() async throws {
    _ = try await world.watch(in: journal)
    try await journal.callbacks.disable(Self.hook, reason: "moving")
    try await world.deliver("Planning", in: journal)
    let held = try await journal.deliveries.rows()
    #expect(held.map { $0["status"] } == [.text("held")])
    #expect(try await journal.callbacks.probe(Self.hook)["outcome"] == .text("succeeded"))
    #expect(try await journal.deliveries.rows() == held)
    #expect(try await journal.callbacks.rows().map { $0["state"] } == [.text("disabled")])
  }

  @Test func `where no instance sends it goes unsigned`() async throws {
    _ = try await world.watch(in: journal)
    let row = try await journal.callbacks.probe("\(MadeUpWorld.base)/receiver/other")
    #expect(row["instance"] == .null)
    let sent = try await headers(try #require(row["position"]?.integer))
    #expect(sent["webhook-id"] != nil && sent["webhook-signature"] == nil)
  }

  @Test func `what gives no answer is a failure with its class`() async throws {
    _ = try await world.watch(in: journal)
    let row = try await journal.callbacks.probe("https://nowhere.example/hook")
    #expect(row["outcome"] == .text("failed"))
    #expect(row["status"] == .null)
    #expect(row["errorClass"] == .text("name_not_found"))
    #expect(row["error"] == .text("there is no such host here"))
  }

  @Test func `what can never be allowed is refused and nothing is recorded`() async throws {
    let id = try await world.watch(in: journal)
    let head = try await journal.head()
    for (url, instance) in [
      ("http://10.0.0.1/hook", nil), ("http://127.0.0.1:25/hook", nil), ("none", nil),
      ("\(MadeUpWorld.base)/receiver/other", id),
    ] {
      await #expect(throws: DaybookError.self, "\(url)") {
        try await journal.callbacks.probe(url, as: instance)
      }
    }
    #expect(try await journal.head() == head)
  }
}
