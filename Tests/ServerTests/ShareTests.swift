import Daybook
import DaybookLive
import HTTPTypes
import Logging
import RawJSON
import Synchronization
import TestSupport
import Testing

@testable import Server

/// One client leaves room for others, and long questions for short ones.
@Suite struct ShareTests {
  private static let resource = "calendars/primary/changed-events"

  private static func site(_ stage: ServerStage) async throws -> Site {
    var settings = ServerSettings(port: 0, secrets: ServerStage.secrets, version: "test")
    settings.streamsMax = 32
    return try await Site(
      stage.journal, .live(), settings, secrets: stage.journal.clients.secrets(),
      logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
  }

  /// Never comes to an end of its own: only who cancels ends it.
  private static func stay() async throws {
    let (never, told) = AsyncStream<Void>.makeStream()
    for await _ in never {}
    withExtendedLifetime(told) {}
    try Task.checkCancellation()
  }

  private static func token(_ created: CreatedInstance) -> [(String, String)] {
    [("Authorization", "Element \(created.token)")]
  }

  @Test(arguments: [
    (Permit.Kind.requests, ServerLimits.requestsShare, Int.max), (.streams, 2, 32),
    (.looks, ServerLimits.looksShare, ServerLimits.looksMax),
    (.pasts, ServerLimits.pastsShare, ServerLimits.pastsMax),
    (.reads, ServerLimits.readsShare, ServerLimits.readsMax),
  ])
  func `a token has its share of what goes on at once, and all have a bound`(
    kind: Permit.Kind, share: Int, most: Int
  ) async throws {
    try await ServerStage.with { stage in
      let site = try await Self.site(stage)
      var held = try (0..<share).map { _ in try Permit(site, Caller(instance: 1), kind) }
      let refused = #expect(throws: Trouble.self) { try Permit(site, Caller(instance: 1), kind) }
      #expect(refused?.status == .tooManyRequests)
      #expect(refused?.headers[.retryAfter] != nil)
      _ = try Permit(site, Caller(instance: 2), kind)
      held.removeLast()
      held.append(try Permit(site, Caller(instance: 1), kind))
      guard most < .max else { return }
      held += try (0..<most - share).map { _ in try Permit(site, Caller(isOwner: true), kind) }
      #expect(throws: Trouble.self) { try Permit(site, Caller(isOwner: true), kind) }
      withExtendedLifetime(held) {}
      held = []
      #expect(site.counts.withLock { $0.shares.isEmpty && $0.held[kind] == 0 })
    }
  }

  @Test func `a token opens so many polls by hand, and others open theirs`() async throws {
    try await ServerStage.with { stage in
      let first = try await stage.journal.instances.create(stage.form())
      let second = try await stage.journal.instances.create(stage.form())
      let body = #"{"resource":"\#(Self.resource)"}"#
      let path = "/daybook/v1/polls/steps"
      for _ in 0..<ServerLimits.stepsShare {
        #expect(
          try await stage.ask("POST", path, body, headers: Self.token(first)).status == 200)
      }
      let refused = try await stage.ask("POST", path, body, headers: Self.token(first))
      #expect(refused.status == 429 && refused.headers["retry-after"] == "60")
      #expect(refused.text.contains("4 polls by hand are open of this token"))
      #expect(try await stage.ask("POST", path, body, headers: Self.token(second)).status == 200)
      let own = #"{"instance":\#(first.id),"resource":"\#(Self.resource)"}"#
      #expect(try await stage.ask("POST", path, own).status == 200)
    }
  }

  @Test func `a token opens so many streams, and others open theirs`() async throws {
    var settings = ServerSettings(port: 0, secrets: ServerStage.secrets, version: "test")
    settings.streamsMax = 32
    try await ServerStage.with(settings) { stage in
      let first = try await stage.journal.instances.create(stage.form())
      let second = try await stage.journal.instances.create(stage.form())
      let open = try (0..<2).map { _ in
        try stage.stream("after=0", headers: Self.token(first))
      }
      for stream in open { _ = try #require(await stream.place()) }
      let path = "/daybook/v1/events/stream"
      let refused = try await stage.ask("GET", path, headers: Self.token(first))
      #expect(refused.status == 429 && refused.headers["retry-after"] == "5")
      #expect(refused.text.contains("2 of this token’s streams are open already"))
      let other = try stage.stream("after=0", headers: Self.token(second))
      #expect(await other.place() == 0)
    }
  }

  @Test func `long questions wait for each other, in order`() async throws {
    try await ServerStage.with { stage in
      let looks = LongLooks(stage.journal, 1)
      let (gate, opened) = AsyncStream<Void>.makeStream()
      let (began, hasBegun) = AsyncStream<Void>.makeStream()
      let (order, told) = AsyncStream<Int>.makeStream()
      let first = Task {
        try await looks.with { _ in
          hasBegun.yield()
          _ = await gate.first { _ in true }
          told.yield(1)
        }
      }
      _ = await began.first { _ in true }
      let second = Task { try await looks.with { _ in _ = told.yield(2) } }
      // A short question goes on meanwhile.
      #expect(try await stage.journal.head() > 0)
      opened.yield()
      try await first.value
      try await second.value
      told.finish()
      #expect(await order.reduce(into: []) { $0.append($1) } == [1, 2])
    }
  }

  @Test func `a walk through the journal ends when the server stops`() async throws {
    try await ServerStage.with { stage in
      let site = try await Self.site(stage)
      let call = Call(
        site: site, caller: Caller(isOwner: true), shown: nil, requestID: "",
        request: HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/"), path: [:],
        query: try #require(QueryItems("")), body: [])
      let (began, hasBegun) = AsyncStream<Void>.makeStream()
      let walk = Task {
        try await call.walk(stage.journal) { _ in
          hasBegun.yield()
          try await Self.stay()
        }
      }
      _ = await began.first { _ in true }
      site.stop()
      await #expect(throws: CancellationError.self) { try await walk.value }
      // Whoever comes later is told at once.
      await #expect(throws: CancellationError.self) {
        try await call.walk(stage.journal) { _ in try await Self.stay() }
      }
    }
  }
}
