import Domain
import EventStore
import Events
import Foundation
import RawJSON
import TestSupport
import Testing

@testable import Engine

/// `Daybook-Sequence`, and what docs/webhook.md tells a receiver to do with it.
@Suite struct SequenceTests {
  private let stage: EngineStage
  private static let key = "calendars/team/changed-events"

  init() async throws {
    stage = try EngineStage()
    try await stage.create([(Self.key, "/hubs/general/calendars/one/changed-events")])
  }

  private func poll(_ feed: FeedID, _ items: String, token: String) async throws {
    stage.answer("/events", 200, #"{"items":[\#(items)],"nextSyncToken":"\#(token)"}"#)
    #expect(try await stage.worker.poll(feed, isForced: true).status == .completed)
  }

  private static func item(_ id: String, _ state: String) -> String {
    #"{"id":"\#(id)","etag":"\#(state)","summary":"\#(state)"}"#
  }

  /// Sends what is due, and takes what arrived.
  private func sent() async throws -> [Request] {
    let before = stage.requests.count
    for _ in 0..<50 { stage.answer("example.com", 200) }
    let worker = stage.worker
    while try await worker.step([.notify, .deliver, .replay]) != nil {}
    return Array(stage.requests.dropFirst(before))
  }

  private static func number(_ request: Request) -> Int {
    Int(request.headers.first { $0.name == "Daybook-Sequence" }?.value ?? "") ?? 0
  }

  /// Changes that come in an order in which every later state could be overwritten by an earlier
  /// one: a key that is pointed elsewhere and back, a reset, and several objects a notification.
  private func history() async throws -> [Request] {
    let item = Self.item
    try await poll(1, item("a", "a0"), token: "1")
    try await poll(1, [item("a", "a1"), item("b", "b1")].joined(separator: ","), token: "2")
    try await poll(1, item("a", "a2"), token: "3")
    for number in 3...11 { try await poll(1, item("c", "c\(number)"), token: "\(number)") }
    var all = try await sent()
    try await stage.watch([(Self.key, "/hubs/general/calendars/two/changed-events")])
    try await poll(2, "", token: "1")
    try await poll(2, item("d", "d1"), token: "2")
    all += try await sent()
    try await stage.watch([(Self.key, "/hubs/general/calendars/one/changed-events")])
    try await poll(3, [item("a", "a2"), item("b", "b1")].joined(separator: ","), token: "1")
    try await poll(3, [item("a", "a3"), item("b", "b2")].joined(separator: ","), token: "2")
    all += try await sent()
    try await stage.instances.resetCursor(of: 1, Self.key, toBaseline: false, reason: "a look")
    try await poll(3, [item("a", "a4"), item("b", "b2")].joined(separator: ","), token: "3")
    try await poll(3, #"{"id":"b","etag":"b3","status":"cancelled"}"#, token: "4")
    return all + (try await sent())
  }

  private static let expected = ["a": "a4", "b": "", "c": "c11", "d": "d1"]

  @Test func `the number only grows for an object, whatever its key is pointed at`() async throws {
    var seen: [String: Int] = [:]
    for request in try await history() {
      let number = Self.number(request)
      let message = try JSON.parse(request.body)["message"]
      for event in message?["events"]?.elements ?? [] {
        let object = "\(event["objectType"]?.text ?? "") \(event["objectId"]?.text ?? "")"
        #expect(number > seen[object] ?? 0, "\(object)")
        seen[object] = number
      }
    }
    #expect(seen.count == Self.expected.count)
  }

  /// What a receiver has in the end that does what docs/webhook.md says, to the letter; nil where
  /// there is no Python.
  private func taken(_ requests: [Request]) throws -> [String: String]? {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let page = try String(contentsOf: root.appending(path: "docs/webhook.md"), encoding: .utf8)
    let start = try #require(page.range(of: "```python\ndef take"))
    let end = try #require(page.range(of: "```\n", range: start.upperBound..<page.endIndex))
    let function = "def take" + page[start.upperBound..<end.lowerBound]
    let arrivals = requests.map { request in
      let headers = Members(request.headers.map { ($0.name.lowercased(), .string($0.value)) })
      return JSON.array([.object(headers), (try? JSON.parse(request.body)) ?? .null])
    }
    let text = String(decoding: JSON.array(arrivals).bytes(), as: UTF8.self)
    let script = """
      import json, sys
      \(function)
      have = {}
      for headers, body in json.loads(open(sys.argv[1]).read()):
          take(headers, body, have)
      states = {key[2]: (state or {}).get("summary", "") for key, (_, state) in have.items()}
      print(json.dumps(states))
      """
    let folder = FileManager.default.temporaryDirectory.appending(path: "daybook-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (program, input) = (folder.appending(path: "take.py"), folder.appending(path: "in.json"))
    try script.write(to: program, atomically: true, encoding: .utf8)
    try text.write(to: input, atomically: true, encoding: .utf8)
    guard (try? run("python3", "--version")) != nil else { return nil }
    let output = try run("python3", program.path, input.path)
    let states = try JSON.parse(Array(output)).members ?? Members()
    return Dictionary(uniqueKeysWithValues: states.map { ($0.name, $0.value.text ?? "") })
  }

  @Test func `who does what the page says has the right states in whatever order they come`()
    async throws
  {
    let requests = try await history()
    #expect(requests.count > 12)
    for seed in 0..<20 as Range<UInt64> {
      var order = requests
      if seed == 1 { order.reverse() }
      if seed > 1 {
        var random = Shuffle(state: seed)
        order.shuffle(using: &random)
        // Some come twice.
        order += order.prefix(4)
      }
      guard let states = try taken(order) else { return }
      #expect(states == Self.expected, "\(seed)")
    }
  }

  @Test func `replayed, each change has the number that it had`() async throws {
    let requests = try await history()
    let other = "https://example.com/other"
    let before = requests.map { (Self.number($0), $0.body) }
    for mode in [DeliveryMode.exact, .rebuilt] {
      try await stage.repository.writer.catchUp()
      let reader = stage.repository.reader
      let chosen =
        mode == .exact
        ? try await Replays.selectExact(ReportQuery(.deliveries), for: other, from: reader)
        : try await Replays.selectRebuilt(
          ReportQuery(.changes), for: other, by: stage.connector, from: reader)
      let order = Replays.Order(
        url: other, mode: mode, rate: nil, concurrency: nil, hasCredentials: false, reason: nil)
      _ = try await Replays(stage.repository, world: stage.world, rules: AddressRules())
        .request(chosen, order)
      let again = try await sent()
      #expect(again.map(Self.number) == before.map(\.0), "\(mode)")
      if let states = try taken(requests + again) { #expect(states == Self.expected) }
    }
  }

  @Test func `a rebuilt change of an older journal has the number that it went out with`()
    async throws
  {
    try await poll(1, "", token: "1")
    try await poll(1, Self.item("a", "a1"), token: "2")
    let rows = try await stage.events(after: 0)
    let poll = try #require(rows.last { $0.type == PollCompleted.type })
    let change = try #require(rows.last { $0.type == ChangeObserved.type })
    let payload = Payload(Array("{}".utf8), kind: .evidence, salt: [UInt8](repeating: 1, count: 16))
    let id = NotificationID(
      NotificationRenderer.id(Chain.identity(of: poll.digest, place: 0)))
    // As an earlier version asked for it: by the version of the feed.
    let requested = DeliveryRequested(
      delivery: DeliveryID(of: id), notification: id, eventId: "event", instance: 1, feed: 1,
      resource: Self.key,
      action: .created, changes: [change.position], sequence: poll.version, body: payload.name,
      bytes: 2, mode: .known(.live), hasCredentials: true, place: 0, places: 1,
      dueAtMs: stage.now.milliseconds)
    _ = try await stage.repository.writer.append(
      AppendRequest(
        [
          NewEvent("delivery/\(id)", .deliveryRequested(requested), cause: .position(poll.position))
        ],
        payloads: [payload], at: stage.now))
    let other = "https://example.com/other"
    try await stage.repository.writer.catchUp()
    let chosen = try await Replays.selectRebuilt(
      ReportQuery(.changes), for: other, by: stage.connector, from: stage.repository.reader)
    let order = Replays.Order(
      url: other, mode: .rebuilt, rate: nil, concurrency: nil, hasCredentials: false, reason: nil)
    _ = try await Replays(stage.repository, world: stage.world, rules: AddressRules())
      .request(chosen, order)
    let numbers = try await sent().map(Self.number)
    #expect(numbers == [Int(poll.version), Int(poll.version)])
  }
}

/// SplitMix64.
private struct Shuffle: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
    return bits ^ (bits >> 31)
  }
}
