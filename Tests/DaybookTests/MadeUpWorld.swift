import Daybook
import Domain
import Events
import FoundationEssentials
import GoogleFake
import HTTPTypes
import Sandbox
import Synchronization

/// A Monday noon.
let noon = Moment(CalendarTime(year: 2026, month: 11, day: 23, hour: 12))

/// The stand-ins of the sandbox without a socket, on a clock that only sleeping moves.
final class MadeUpWorld: Sendable {
  static let base = "http://127.0.0.1:8095"
  /// Of every exchange.
  static let times = ExchangeTimes(firstByte: 900, end: 1_000)

  private struct State {
    var now = noon
    var drawn: UInt64 = 0
    var sandbox = SandboxWorld(seed: 7)
  }
  private let state = Mutex(State())

  var outside: World {
    World(
      now: { self.state.withLock { $0.now } },
      uptime: { self.state.withLock { $0.now - noon } },
      sleep: { duration in self.pass(duration) },
      chance: { self.draw() },
      exchange: { self.exchange($0) })
  }

  /// A journal in a folder, with the stand-in for Google and callbacks to it.
  func journal(
    in folder: TestFolder, retryWaits: [Duration], _ other: World? = nil
  ) throws -> Journal {
    var options = JournalOptions()
    options.googleURL = Self.base
    options.callbacks = try CallbackRules(allowing: ["127.0.0.1"])
    options.retries = .waits(retryWaits)
    return try Journal("\(folder.path)/daybook.journal", options, in: other ?? outside)
  }

  /// Creates an instance in the journal and polls it once, so that what comes next is a change.
  func watch(in journal: Journal) async throws -> Int64 {
    let code = withSandbox { $0.code(at: $1) }
    let id = try await journal.instances.create(instanceJSON(code: code, base: Self.base)).id
    _ = try await journal.polls.run(.instance(id))
    return id
  }

  /// Has somebody enter an event, and an hour later whatever is due done: it is delivered.
  func deliver(_ title: String, in journal: Journal) async throws {
    pass(.seconds(60))
    withSandbox { $0.enter(title, at: $1) }
    pass(.seconds(3_600))
    while try await journal.step() != nil {}
  }

  func pass(_ duration: Duration) { state.withLock { $0.now = $0.now + duration } }

  /// Looks at the stand-ins or changes them.
  @discardableResult
  func withSandbox<Answer: Sendable>(_ body: (inout SandboxWorld, Moment) -> Answer) -> Answer {
    state.withLock { body(&$0.sandbox, $0.now) }
  }

  /// Has a person agree at the address of a consent.
  ///
  /// - Returns: The code that the browser is sent back with.
  func agree(to address: String) -> String? {
    let asked = FakeRequest("GET", String(address.dropFirst(Self.base.count)))
    let answer = withSandbox { sandbox, now in sandbox.answer(asked, at: now) }
    let location = answer.headers.first { $0.name == "Location" }?.value
    return location.flatMap { URLComponents(string: $0)?.queryItems }?
      .first { $0.name == "code" }?.value
  }

  /// SplitMix64 from a fixed seed.
  private func draw() -> UInt64 {
    state.withLock { state in
      state.drawn &+= 0x9e37_79b9_7f4a_7c15
      var bits = state.drawn
      bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
      bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
      return bits ^ (bits >> 31)
    }
  }

  func exchange(_ exchange: HTTPExchange) -> Result<HTTPReply, HTTPFailure> {
    let request = exchange.request
    guard "\(request.scheme ?? "")://\(request.authority ?? "")" == Self.base else {
      return .failure(HTTPFailure(.nameNotFound, "there is no such host here"))
    }
    let asked = FakeRequest(
      request.method.rawValue, request.path ?? "",
      headers: request.headerFields.map { Header($0.name.rawName, $0.value) },
      body: exchange.body)
    let answer = withSandbox { sandbox, now in sandbox.answer(asked, at: now) }
    var response = HTTPResponse(status: .init(code: answer.status))
    for header in answer.headers {
      guard let name = HTTPField.Name(header.name) else { continue }
      response.headerFields.append(HTTPField(name: name, value: header.value))
    }
    return .success(HTTPReply(response, body: answer.body, address: "127.0.0.1", times: Self.times))
  }
}

extension SandboxWorld {
  /// A code that can be exchanged once.
  mutating func code(at now: Moment) -> String {
    let answer = answer(FakeRequest("POST", "/sandbox/codes", body: Array("{}".utf8)), at: now)
    let text = String(decoding: answer.body, as: UTF8.self)
    return text.split(separator: "\"").dropFirst(3).first.map(String.init) ?? ""
  }

  /// An event that somebody enters.
  ///
  /// - Returns: Its id.
  @discardableResult
  mutating func enter(_ title: String, at now: Moment) -> String {
    let body =
      #"{"summary":"\#(title)","start":{"dateTime":"2026-12-07T09:00:00Z"},"#
      + #""end":{"dateTime":"2026-12-07T10:00:00Z"}}"#
    let answer = answer(
      FakeRequest(
        "POST", "/sandbox/calendars/primary/events",
        headers: [Header("Content-Type", "application/json")], body: Array(body.utf8)), at: now)
    let text = String(decoding: answer.body, as: UTF8.self)
    return text.firstMatch(of: /"id": *"([^"]+)"/).map { String($0.output.1) } ?? ""
  }
}

extension SandboxWorld {
  /// An event that somebody changes: `{"summary":"…"}`.
  mutating func change(_ id: String, _ json: String, at now: Moment) {
    _ = answer(
      FakeRequest(
        "PATCH", "/sandbox/calendars/primary/events/\(id)",
        headers: [Header("Content-Type", "application/json")], body: Array(json.utf8)), at: now)
  }

  /// An event that somebody deletes.
  mutating func remove(_ id: String, at now: Moment) {
    _ = answer(FakeRequest("DELETE", "/sandbox/calendars/primary/events/\(id)"), at: now)
  }
}

/// The body of `POST /instances` for one calendar.
func instanceJSON(code: String, base: String) -> String {
  """
  {"element": {"key": "googlesuite"}, "name": "Team", "tags": [],
    "providerData": {"code": "\(code)"},
    "configuration": {
      "oauth.api.key": "sandbox-client", "oauth.api.secret": "sandbox-secret",
      "oauth.callback.url": "http://127.0.0.1/", "event.notification.enabled": true,
      "event.notification.callback.url": "\(base)/receiver/hook",
      "event.poller.refresh_interval": "15",
      "event.poller.configuration": {
        "calendars/primary/changed-events": {
          "url": "/hubs/general/calendars/primary/changed-events", "idField": ""}}}}
  """
}

/// A folder that goes with the test.
final class TestFolder: Sendable {
  let path: String

  init() throws {
    let name = "daybook-tests-\(UUID().uuidString)"
    path = FileManager.default.temporaryDirectory.appending(path: name).path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
