import Domain
import EventStore
import Events
import RawJSON
import TestSupport
import Testing

@testable import Engine

/// The token that a poll bears: taken as it is, refreshed in time, or refused with a reason.
@Suite struct AccessTokensTests {
  private let stage: EngineStage

  init() async throws {
    stage = try EngineStage()
    try await stage.create()
    _ = stage.asked(for: "")
  }

  private func tokens(_ world: World? = nil) -> AccessTokens {
    AccessTokens(
      stage.repository, connector: stage.connector, world: world ?? stage.world,
      settings: EngineSettings())
  }

  private func denied(_ result: Result<Access, AccessDenial>) -> AccessDenial? {
    if case .failure(let denial) = result { denial } else { nil }
  }

  /// The world where the token endpoint answers so.
  private func world(answering outcome: Outcome) -> World {
    var world = stage.world
    world.perform = { [stage] request in
      request.url.hasSuffix("/token") ? outcome : await stage.world.perform(request)
    }
    return world
  }

  private static func reply(_ status: Int, _ error: String) -> Outcome {
    .reply(Reply(status: status, body: Array(#"{"error":"\#(error)"}"#.utf8)))
  }

  @Test func `a token is used until shortly before it ends`() async throws {
    stage.pass(.seconds(3_600) - Limits.tokenMargin - .milliseconds(1))
    #expect(try await tokens().access(to: 1).get().token == "A")
    #expect(stage.asked(for: "/token") == 0)
    stage.pass(.milliseconds(1))
    stage.tokens.access = "B"
    let head = try await stage.head()
    let access = try await tokens().access(to: 1).get()
    #expect(access.token == "B" && access.endsAt == stage.now + .seconds(3_600))
    #expect(
      try await stage.told(since: head) == ["authorization.refreshed authorization/1"])
    // It is sealed: another process uses it without asking.
    _ = stage.asked(for: "")
    #expect(try await tokens().access(to: 1).get().token == "B")
    #expect(stage.asked(for: "/token") == 0)
  }

  @Test func `a token that the provider refused is not used again`() async throws {
    stage.tokens.access = "B"
    #expect(try await tokens().access(to: 1, refused: "A").get().token == "B")
    #expect(stage.asked(for: "/token") == 1)
  }

  @Test func `a refresh token that is dead ends the authorization`() async throws {
    let head = try await stage.head()
    let world = world(answering: Self.reply(400, "invalid_grant"))
    let denial = try #require(
      denied(try await tokens(world).access(to: 1, refused: "A")))
    #expect(denial.isFinal && denial.refusal.reason == "invalid_grant")
    #expect(denial.expected["instance/1"] == 1 && denial.asked?.hasSuffix("/token") == true)
    // Recording it is the poll's.
    #expect(try await stage.told(since: head) == [])
  }

  @Test(arguments: [
    reply(503, "backendError"), .failed(NetworkFailure(.timedOut, "nobody answered")),
  ])
  func `a token endpoint that does not answer ends nothing`(outcome: Outcome) async throws {
    let denial = try #require(
      denied(try await tokens(world(answering: outcome)).access(to: 1, refused: "A")))
    #expect(!denial.isFinal)
    #expect(try await stage.openNotices().isEmpty)
  }

  @Test func `who authorizes again while the old token is refreshed is not overwritten`()
    async throws
  {
    let stage = stage
    let world = stage.world(before: "/token") {
      stage.tokens = ("new", "R2")
      try await stage.instances.update(1, Array(#"{"providerData":{"code":"4/1B"}}"#.utf8))
      stage.tokens = ("late", "R3")
    }
    let head = try await stage.head()
    #expect(try await tokens(world).access(to: 1, refused: "A").get().token == "new")
    let told = try await stage.told(since: head)
    #expect(told.contains("authorization.granted authorization/1"))
    #expect(!told.contains("authorization.refreshed authorization/1"))
  }

  @Test func `an instance that only changed its name meanwhile keeps the token that was given`()
    async throws
  {
    let stage = stage
    let world = stage.world(before: "/token") {
      try await stage.instances.update(1, Array(#"{"name":"Other"}"#.utf8))
    }
    stage.tokens.access = "B"
    let head = try await stage.head()
    #expect(try await tokens(world).access(to: 1, refused: "A").get().token == "B")
    #expect(
      try await stage.told(since: head)
        == ["instance.updated instance/1", "authorization.refreshed authorization/1"])
  }

  @Test func `an instance that was deleted meanwhile gets nothing sealed`() async throws {
    let stage = stage
    let world = stage.world(before: "/token") {
      try await stage.instances.delete(1, reason: "meanwhile", keepsGrant: true)
    }
    let result = try await tokens(world).access(to: 1, refused: "A")
    #expect(denied(result) != nil)
    #expect(try await stage.repository.secrets(of: 1).values.isEmpty)
  }

  @Test func `without a refresh token a person has to authorize again`() async throws {
    let stage = try EngineStage()
    stage.grant = ["refresh_token": .null]
    try await stage.create()
    let tokens = AccessTokens(
      stage.repository, connector: stage.connector, world: stage.world, settings: EngineSettings())
    stage.pass(.seconds(7_200))
    let denial = try #require(denied(try await tokens.access(to: 1)))
    #expect(denial.isFinal && denial.refusal.reason == "no-refresh-token")
    #expect(denial.asked == nil)
  }
}
