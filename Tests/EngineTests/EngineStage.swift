import Domain
import Engine
import EventStore
import Events
import FoundationEssentials
import Google
import RawJSON
import Synchronization

/// A journal of its own, on a clock that only sleeping moves, with Google and a receiver whose
/// answers are given.
final class EngineStage: Sendable {
  static let noon = Moment(milliseconds: 1_795_000_000_000)
  static let primary = "calendars/primary/changed-events"
  private static let base = "http://127.0.0.1:8085"

  let repository: Repository
  private let folder: String
  var path: String { folder + "/engine.journal" }
  private let state = Mutex(State())

  private struct State {
    var now = EngineStage.noon
    var drawn: UInt64 = 0
    var answers: [(part: String, reply: Reply)] = []
    var tokens = (access: "A", refresh: "R")
    var received: [Request] = []
    var grant: JSON = [:]
    var always: [(part: String, reply: Reply)] = []
    var asked: [String] = []
  }

  init() throws {
    folder =
      FileManager.default.temporaryDirectory
      .appending(path: "daybook-tests-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let path = folder + "/engine.journal"
    let writer = try JournalWriter(path, naming: [UInt8](repeating: 7, count: 16), at: Self.noon)
    let seal = Seal(key: [UInt8](repeating: 42, count: 32), journal: writer.journal)
    repository = Repository(writer: writer, reader: try JournalReader(path), seal: seal)
  }

  /// The journal as another process has it.
  func repository(_ hooks: JournalWriter.Hooks) throws -> Repository {
    let writer = try JournalWriter(
      path, naming: [UInt8](repeating: 7, count: 16), at: now, hooks: hooks)
    return Repository(writer: writer, reader: try JournalReader(path), seal: repository.seal)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  var now: Moment { state.withLock { $0.now } }

  /// What was sent to callbacks.
  var requests: [Request] { state.withLock { $0.received } }

  var world: World {
    World(
      now: { self.state.withLock { $0.now } },
      uptime: { self.state.withLock { $0.now - Self.noon } },
      sleep: { wait in self.pass(wait) },
      chance: {
        self.state.withLock { state in
          state.drawn &+= 0x9e37_79b9_7f4a_7c15
          return state.drawn
        }
      },
      perform: { request in .reply(self.answer(request)) })
  }

  var instances: Instances {
    Instances(
      repository, connector: GoogleSuite(baseURL: Self.base), world: world,
      settings: EngineSettings())
  }

  var connector: any Connector { GoogleSuite(baseURL: Self.base) }

  func instances(of repository: Repository) -> Instances {
    Instances(
      repository, connector: GoogleSuite(baseURL: Self.base), world: world,
      settings: EngineSettings())
  }

  var worker: Worker {
    Worker(
      repository, connector: GoogleSuite(baseURL: Self.base), world: world,
      settings: EngineSettings())
  }

  /// What the token endpoint gives.
  var tokens: (access: String, refresh: String) {
    get { state.withLock { $0.tokens } }
    set { state.withLock { $0.tokens = newValue } }
  }

  /// What the token endpoint's answers have besides, or in place of what they have.
  var grant: JSON {
    get { state.withLock { $0.grant } }
    set { state.withLock { $0.grant = newValue } }
  }

  func pass(_ duration: Duration) { state.withLock { $0.now = $0.now + duration } }

  /// The next request whose URL holds this part is answered so.
  func answer(_ part: String, _ status: Int, _ body: String = "") {
    state.withLock { $0.answers.append((part, Reply(status: status, body: Array(body.utf8)))) }
  }

  /// Every request whose URL holds this part is answered so; nil: as others again.
  func always(_ part: String, _ status: Int?, _ body: String = "") {
    state.withLock { state in
      state.always.removeAll { $0.part == part }
      if let status {
        state.always.append((part, Reply(status: status, body: Array(body.utf8))))
      }
    }
  }

  /// Forgets the answers that nobody has asked for.
  func forgetAnswers() { state.withLock { $0.answers = [] } }

  /// The requests since the last time that this was asked, whose URLs hold this part.
  func asked(for part: String) -> Int {
    state.withLock { state in
      defer { state.asked = [] }
      return state.asked.count { $0.contains(part) }
    }
  }

  private func answer(_ request: Request) -> Reply {
    state.withLock { $0.asked.append(request.url) }
    if request.url.hasSuffix("/token") {
      let tokens = tokens
      var members = Members([
        ("access_token", .string(tokens.access)), ("refresh_token", .string(tokens.refresh)),
        ("expires_in", 3600),
      ])
      for member in grant.members ?? Members() { members[member.name] = member.value }
      return Reply(status: 200, body: JSON.object(members).bytes())
    }
    return state.withLock { state in
      if request.reach == .callback { state.received.append(request) }
      if let always = state.always.last(where: { request.url.contains($0.part) }) {
        return always.reply
      }
      guard let place = state.answers.firstIndex(where: { request.url.contains($0.part) }) else {
        return Reply(status: 503)
      }
      return state.answers.remove(at: place).reply
    }
  }

  /// Creates an instance that watches these resources, each a `url` by its key.
  ///
  /// - Parameter isOld: Whether an earlier program did, that took what cannot be polled.
  func create(
    _ resources: [(String, String)] = [(primary, "/" + primary)], _ more: [(String, JSON)] = [],
    isOld: Bool = false
  ) async throws {
    var configuration = Members([
      ("oauth.api.key", "id"), ("oauth.api.secret", "word"),
      ("oauth.callback.url", "http://127.0.0.1/"), ("event.notification.enabled", true),
      ("event.notification.callback.url", "https://example.com/hook"),
      ("event.poller.configuration", Self.table(resources)),
    ])
    for (name, value) in more { configuration[name] = value }
    let body: JSON = [
      "element": ["key": "googlesuite"], "providerData": ["code": "4/0A"], "name": "Team",
      "configuration": .object(configuration),
    ]
    let form = try InstanceForm(
      body.bytes(), rules: AddressRules(), connector: GoogleSuite(baseURL: Self.base))
    let old = Grant(accessToken: "A", refreshToken: "R", expiresIn: .seconds(3_600), scopes: [])
    let grant =
      isOld
      ? old
      : try await Instances.exchange(
        form, connector: GoogleSuite(baseURL: Self.base), world: world)
    _ = try await instances.create(form, grant)
  }

  /// Gives instance 1 other resources.
  func watch(_ resources: [(String, String)]) async throws {
    let body: JSON = ["configuration": ["event.poller.configuration": Self.table(resources)]]
    try await instances.update(1, body.bytes())
  }

  private static func table(_ resources: [(String, String)]) -> JSON {
    .object(Members(resources.map { ($0.0, ["url": .string($0.1)]) }))
  }

  func append(_ events: (stream: StreamName, event: Event)...) async throws {
    _ = try await repository.writer.append(
      AppendRequest(events.map { NewEvent($0.stream, $0.event) }, at: state.withLock { $0.now }))
  }

  // MARK: What is recorded

  func feeds() async throws -> [FeedRow] {
    try await repository.reader.read { snapshot throws(JournalError) in try snapshot.feeds(of: 1) }
  }

  func now() async throws -> Moment { state.withLock { $0.now } }

  func head() async throws -> Int64 { try await events(after: 0).last?.position ?? 0 }

  func events(after position: Int64) async throws -> [RecordedEvent] {
    try await repository.reader.read { snapshot throws(JournalError) in
      try snapshot.events(after: position, limit: 1_000)
    }
  }

  /// Type and stream of what was appended since: `notice.closed notice/feed-disabled/feed/1`.
  func told(since position: Int64) async throws -> [String] {
    try await events(after: position).map { "\($0.type) \($0.stream)" }
  }

  /// The kinds of the notices that are open, in the order in which they were raised.
  func openNotices() async throws -> [String] {
    var open: [String] = []
    for row in try await events(after: 0) {
      switch try row.event() {
      case .noticeRaised(let body): open.append(body.kind.stored)
      case .noticeClosed(let body): open.removeAll { $0 == body.kind.stored }
      default: break
      }
    }
    return open
  }

  /// `CREATED s`: what was announced since.
  func changes(since position: Int64 = 0) async throws -> [String] {
    try await events(after: position).compactMap { row in
      guard case .changeObserved(let body) = try row.event() else { return nil }
      return "\(body.kind.rawValue) \(body.object)"
    }
  }
}
