import Domain
import EventStore
import Events
import RawJSON
import Testing

@testable import Engine

/// Grants that are less than the resources need, or that will end soon.
@Suite struct CoverageTests {
  private static let events = "https://www.googleapis.com/auth/calendar.events"
  private static let contacts = "https://www.googleapis.com/auth/contacts"
  private let two = [
    (EngineStage.primary, "/" + EngineStage.primary), ("changed-groups", "/changed-groups"),
  ]

  private func texts(_ stage: EngineStage, _ kind: String) async throws -> [String] {
    try await stage.events(after: 0).compactMap { row in
      guard case .noticeRaised(let notice) = try row.event(), notice.kind.stored == kind else {
        return nil
      }
      return notice.text
    }
  }

  private func code(_ more: JSON = [:]) -> [UInt8] {
    let body: JSON = ["providerData": ["code": "4/0B"], "configuration": more]
    return body.bytes()
  }

  @Test func `what needs what was not granted is left out and named at once`() async throws {
    let stage = try EngineStage()
    stage.grant = ["scope": .string("openid " + Self.events)]
    try await stage.create(two)
    #expect(try await stage.feeds().map(\.resource) == [EngineStage.primary])
    #expect(try await stage.openNotices() == ["scopes-missing"])
    let text = try #require(try await texts(stage, "scopes-missing").first)
    #expect(text.contains(": changed-groups. ") && text.contains("/auth/contacts.readonly, then"))
    // Another change opens nothing of it, and says nothing twice.
    try await stage.instances.update(1, Array(#"{"name":"Other"}"#.utf8))
    #expect(try await stage.feeds().count == 1)
    #expect(try await texts(stage, "scopes-missing").count == 1)
    // A grant that is enough opens it.
    stage.grant = ["scope": .string(Self.events + " " + Self.contacts)]
    try await stage.instances.update(1, code())
    #expect(try await stage.feeds().map(\.resource) == [EngineStage.primary, "changed-groups"])
    #expect(try await stage.openNotices().isEmpty)
    // One that is less than before closes no feed, but is told of.
    stage.grant = ["scope": .string(Self.contacts)]
    try await stage.instances.update(1, code())
    #expect(try await stage.feeds().filter { $0.state == .open }.count == 2)
    #expect(try await stage.openNotices() == ["scopes-missing"])
    _ = try await stage.instances.delete(1, reason: "over", keepsGrant: true)
    #expect(try await stage.openNotices().isEmpty)
  }

  @Test func `a grant that is good for nothing creates nothing`() async throws {
    let stage = try EngineStage()
    stage.grant = ["scope": "openid"]
    let before = try await stage.head()
    let refusal = await #expect(throws: Refusal.self) { try await stage.create(two) }
    #expect(refusal?.description.hasPrefix("nothing was granted of what") == true)
    #expect(try await stage.head() == before)
  }

  @Test func `without a refresh token the end of the grant is told at once`() async throws {
    let stage = try EngineStage()
    stage.grant = ["refresh_token": .null, "expires_in": 1_800]
    try await stage.create()
    #expect(try await stage.openNotices() == ["authorization-ends"])
    let end = EngineStage.noon + .seconds(1_800)
    let text = try #require(try await texts(stage, "authorization-ends").first)
    #expect(text.contains("its polls end at \(end.rfc3339)."))
    // The same again, an hour later.
    stage.pass(.seconds(3_600))
    try await stage.instances.update(1, code())
    #expect(try await texts(stage, "authorization-ends").count == 2)
    #expect(try await stage.openNotices() == ["authorization-ends"])
    stage.grant = [:]
    try await stage.instances.update(1, code())
    #expect(try await stage.openNotices().isEmpty)
    // The refresh token of before goes on being good, but not with another client.
    stage.grant = ["refresh_token": .null]
    try await stage.instances.update(1, code())
    #expect(try await stage.openNotices().isEmpty)
    try await stage.instances.update(1, code(["oauth.api.key": "other"]))
    #expect(try await stage.openNotices() == ["authorization-ends"])
    let brought: JSON = ["configuration": ["oauth.user.refresh_token": "1//x"]]
    try await stage.instances.update(1, brought.bytes())
    #expect(try await stage.openNotices().isEmpty)
  }

  @Test func `a refresh that gives less is told of once`() async throws {
    let stage = try EngineStage()
    try await stage.create(two)
    stage.grant = ["scope": .string(Self.events)]
    for _ in 1...2 {
      stage.pass(.seconds(7_200))
      _ = try await stage.worker.poll(1, isForced: true)
    }
    #expect(try await stage.openNotices() == ["scopes-missing"])
    #expect(try await texts(stage, "scopes-missing").count == 1)
    let refreshed = try await stage.events(after: 0).compactMap { row in
      if case .authorizationRefreshed(let body) = try row.event() { body.scopes } else { nil }
    }
    #expect(refreshed == [[Self.events], [Self.events]])
  }
}
