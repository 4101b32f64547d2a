import Domain
import EventStore
import Events
import RawJSON
import TestSupport
import Testing

@testable import Engine

/// An instance knows which secrets it has; nothing is sent or given up for want of one.
@Suite struct MissingSecretsTests {
  private let stage: EngineStage
  private static let names = [
    "event.notification.signature.key", "event.notification.basic.username",
    "event.notification.basic.password", "event.notification.callback.headers",
  ]
  private static let values = ["an-example-key", "somebody", "an-example-word", "X-Team: Blue"]
  private static let signature = names[0]
  private static let password = names[2]

  init() async throws {
    stage = try EngineStage()
    try await create()
  }

  private func create() async throws {
    try await stage.create(
      [(EngineStage.primary, "/" + EngineStage.primary)],
      zip(Self.names, Self.values).map { ($0, .string($1)) })
  }

  /// Changes the table behind Daybook’s back.
  private func damage(_ changes: SecretChange...) async throws {
    let stepped = ClockStepped(fromMs: 0, toMs: 0, byMs: 0)
    _ = try await stage.repository.writer.append(
      AppendRequest([NewEvent("journal", .clockStepped(stepped))], secrets: changes, at: stage.now))
  }

  private func lose(_ names: String...) async throws {
    for name in names { try await damage(.drop(owner: "instance/1", name: name)) }
  }

  private func give(_ name: String, _ value: String) async throws {
    let body: JSON = ["configuration": .object(Members([(name, .string(value))]))]
    try await stage.instances.update(1, body.bytes())
  }

  private func held() async throws -> Int {
    try await stage.repository.reader.read { snapshot throws(JournalError) in
      try snapshot.countHeld(for: "instance/1")
    }
  }

  private func problems() async throws -> [String] {
    try await stage.repository.reader.secretProblems(stage.repository.seal)
  }

  private func header(_ name: String, of request: Request?) -> String? {
    request?.headers.first { $0.name.lowercased() == name }?.value
  }

  @Test func `what an older program held for want of a secret goes on when it is back`()
    async throws
  {
    try await lose(Self.signature)
    for number in 1...3 { try await stage.ask(number) }
    try await stage.deliver()
    try stage.forgetHoldKinds()
    let repository = try stage.repository(JournalWriter.Hooks())
    while try await !repository.writer.rebuildOlder() {}
    #expect(try await held() == 3)
    for _ in 1...3 { stage.answer("example.com", 200) }
    try await give(Self.signature, Self.values[0])
    try await stage.deliver()
    #expect(stage.received() == [1, 2, 3])
  }

  @Test(arguments: zip(names, values))
  func `what a notification is sent under and is gone holds it until it is back`(
    name: String, value: String
  ) async throws {
    #expect(try await problems() == [])
    try await lose(name)
    #expect(try await problems() == ["instance/1: its secret \(name) is missing"])
    for number in 1...3 { try await stage.ask(number) }
    try await stage.deliver()
    #expect(stage.requests.isEmpty)
    #expect(try await held() == 3)
    let notices = try await stage.events(after: 0).compactMap { row in
      if case .noticeRaised(let notice) = try row.event() { notice } else { nil }
    }
    #expect(notices.map(\.kind) == [.known(.secretsUnreadable)])
    #expect(notices[0].text.contains(name) && !notices[0].text.contains(value))
    for _ in 1...3 { stage.answer("example.com", 200) }
    try await give(name, value)
    try await stage.deliver()
    #expect(stage.received() == [1, 2, 3])
    #expect(header("webhook-signature", of: stage.requests.last) != nil)
    #expect(header("authorization", of: stage.requests.last) != nil)
    #expect(header("x-team", of: stage.requests.last) == "Blue")
    #expect(try await stage.openNotices().isEmpty)
    #expect(try await problems() == [])
  }

  @Test func `a row that was cut or put in the place of another is not opened`() async throws {
    try await create()
    let rows = try await stage.repository.reader.read { snapshot throws(JournalError) in
      (try snapshot.secrets(of: "instance/1"), try snapshot.secrets(of: "instance/2"))
    }
    let own = try #require(rows.0[Self.signature]?.sealed)
    let foreign = [
      Array(own.dropLast()), [], Array(own.prefix(12)),
      try #require(rows.1[Self.signature]?.sealed), try #require(rows.0[Self.password]?.sealed),
    ]
    for (place, sealed) in foreign.enumerated() {
      try await damage(.put(owner: "instance/1", name: Self.signature, sealed: sealed))
      #expect(
        try await problems()
          == ["instance/1: the key does not open its secret \(Self.signature)"], "\(place)")
      // Without the key nothing is tried.
      #expect(try await stage.repository.reader.secretProblems(nil) == [])
      try await stage.ask(place + 1)
      try await stage.deliver()
      #expect(try await held() == place + 1)
    }
    #expect(stage.requests.isEmpty)
  }

  @Test func `a replay to another origin needs the signature alone`() async throws {
    let other = "https://elsewhere.example.com/hook"
    let requested = ReplayRequested(
      to: other, mode: .known(.exact), selection: "1..9", selected: [], notifications: 1_000,
      changes: 1_000, hasCredentials: false, dueAtMs: .max)
    try await stage.append(("replay/*", .replayRequested(requested)))
    let replay = ReplayID(try await stage.head())
    try await lose(Self.signature, Self.password)
    try await stage.ask(1)
    try await stage.ask(2, of: (replay, other))
    try await stage.deliver()
    #expect(try await held() == 2)
    for _ in 1...2 { stage.answer("example.com", 200) }
    try await give(Self.signature, "another-example-key")
    try await stage.deliver()
    #expect(stage.received() == [2])
    #expect(header("webhook-signature", of: stage.requests.last) != nil)
    #expect(header("authorization", of: stage.requests.last) == nil)
    #expect(try await held() == 1)
    try await give(Self.password, "another-example-word")
    try await stage.deliver()
    #expect(stage.received() == [2, 1])
  }

  @Test(arguments: ["refresh token", "oauth.api.key", "oauth.api.secret"])
  func `an instance is not given up for want of what its token is asked for with`(
    name: String
  ) async throws {
    try await lose(SecretNames.accessToken, name)
    #expect(try await problems().contains("instance/1: its secret \(name) is missing"))
    let report = try await stage.worker.poll(1, isForced: true)
    #expect(report.error?.hasPrefix("secrets-unreadable") == true, "\(report)")
    #expect(report.error?.contains(name) == true)
    #expect(try await stage.repository.instance(1).isEnabled)
    #expect(try await stage.openNotices().isEmpty)
  }

  @Test func `a code is not spent on a client that cannot be read`() async throws {
    try await lose("oauth.api.secret")
    let before = try await stage.head()
    await #expect(throws: Refusal.self) {
      try await stage.instances.update(1, Array(#"{"providerData":{"code":"4/0B"}}"#.utf8))
    }
    #expect(try await stage.head() == before)
  }

  @Test func `the secrets of what is no instance any more are told of`() async throws {
    let row = try #require(
      try await stage.repository.reader.read { snapshot throws(JournalError) in
        try snapshot.secrets(of: "instance/1")[Self.password]
      })
    stage.answer("/revoke", 200, "{}")
    try await stage.instances.delete(1, reason: "a person asked")
    #expect(try await problems() == [])
    try await damage(
      .put(owner: "instance/1", name: Self.password, sealed: row.sealed),
      .put(owner: "instance/7", name: Self.password, sealed: row.sealed))
    #expect(
      try await problems() == [
        "instance/1: has secrets, and is no instance any more",
        #"the table secrets: there is no "instance/7""#,
      ])
    #expect(try await stage.repository.secrets(of: 1).values.isEmpty)
  }
}
