import Domain
import EventStore
import Events
import RawJSON
import Testing

@testable import Engine

/// The changes of a poll become notifications, each asked for once.
@Suite struct NotifierTests {
  private let stage: EngineStage

  init() async throws {
    stage = try EngineStage()
    try await stage.create()
    try await stage.found(["x1", "y1"], cursor: "one")
  }

  private func poll(_ items: [String]) async throws -> Int64 {
    try #require(try await stage.found(items, cursor: "two").position)
  }

  private static func many(_ count: Int) -> [String] { (1...count).map { "n\($0)-1" } }

  @Test func `at most ten changes go into a notification, in their order`() async throws {
    let poll = try await poll(Self.many(23))
    #expect(try await stage.notifier.notify(poll) == 3)
    let asked = try await stage.requested(since: poll)
    #expect(asked.map(\.changes.count) == [10, 10, 3])
    #expect(asked.flatMap(\.changes) == Array(poll + 1...poll + 23))
    #expect(asked.map(\.place) == [0, 1, 2] && asked.allSatisfy { $0.places == 3 })
    #expect(Set(asked.map(\.notification)).count == 3)
  }

  @Test func `a notification holds changes of one kind`() async throws {
    let poll = try await poll(["a1", "x2", "y-", "b1"])
    #expect(try await stage.notifier.notify(poll) == 3)
    let asked = try await stage.requested(since: poll)
    #expect(asked.map(\.action) == [.created, .updated, .deleted])
    #expect(asked.map(\.changes) == [[poll + 1, poll + 4], [poll + 2], [poll + 3]])
  }

  @Test func `asked again, nothing is asked for twice`() async throws {
    let poll = try await poll(Self.many(23))
    #expect(try await stage.notifier.notify(poll) == 3)
    let head = try await stage.head()
    #expect(try await stage.notifier.notify(poll) == 0)
    #expect(try await stage.told(since: head) == [])
  }

  @Test func `after a crash between two appends the rest is asked for under the same ids`()
    async throws
  {
    let count = Limits.deliveriesPerAppend * Limits.changesPerNotification + 25
    let poll = try await poll(Self.many(count))
    let stage = stage
    let hasDied = try await stage.dies(after: 1) { repository, world in
      _ = try await Notifier(repository, connector: stage.connector, world: world).notify(poll)
    }
    #expect(hasDied)
    let before = try await stage.requested(since: poll)
    #expect(before.count == Limits.deliveriesPerAppend)
    #expect(try await stage.notifier.notify(poll) == 3)
    let asked = try await stage.requested(since: poll)
    #expect(asked.map(\.place) == Array(0..<before.count + 3))
    #expect(asked.flatMap(\.changes).count == count)
  }

  @Test func `a poll without changes, or no poll at all, asks for nothing`() async throws {
    let empty = try await poll([])
    #expect(try await stage.notifier.notify(empty) == 0)
    #expect(try await stage.notifier.notify(1) == 0)
    #expect(try await stage.notifier.notify(10_000) == 0)
  }

  @Test func `the body bears what the provider showed, in the order of the changes`() async throws {
    let poll = try await poll(["b1", "a1"])
    _ = try await stage.notifier.notify(poll)
    let asked = try #require(try await stage.requested(since: poll).first)
    let digest = asked.body
    let bytes = try await stage.repository.reader.read { snapshot throws(JournalError) in
      try snapshot.payload(digest)
    }
    #expect(bytes.count == asked.bytes)
    let message = try JSON.parse(bytes)["message"]
    #expect(message?["events"]?.elements?.map { $0["objectId"]?.text } == ["b", "a"])
    let raw = message?["raw"]?[EngineStage.primary]?.elements
    #expect(raw?.map { $0["etag"]?.text } == ["1", "1"])
  }

  @Test func `notifications of a callback that is disabled are asked for, held, and sent in order`()
    async throws
  {
    let replays = Replays(stage.repository, world: stage.world, rules: AddressRules())
    try await replays.disable(callback: EngineStage.hook, reason: "holidays")
    for (place, items) in [["a1"], ["a2"], ["a3"]].enumerated() {
      let poll = try await poll(items)
      #expect(try await stage.notifier.notify(poll) == 1, "\(place)")
      stage.pass(.seconds(1))
    }
    stage.always("example.com", 200)
    try await stage.deliver()
    #expect(stage.requests.isEmpty)
    try await replays.enable(callback: EngineStage.hook, reason: "back")
    try await stage.deliver()
    let states = try stage.requests.map { request in
      try JSON.parse(request.body)["message"]?["raw"]?[EngineStage.primary]?.elements?
        .first?["etag"]?.text
    }
    #expect(states == ["1", "2", "3"])
  }
}
