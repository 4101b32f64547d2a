import Daybook
import Events
import Foundation
import Logging
import RawJSON
import Synchronization
import TestSupport
import Testing

@testable import Server

/// The console, as a browser without scripts sees it.
@Suite struct ConsoleTests {
  /// A browser: it keeps cookies, and sends what the form of a page has in it.
  private final class Browser: Sendable {
    let stage: ServerStage
    private let cookies = Mutex<[String: String]>([:])

    init(_ stage: ServerStage) { self.stage = stage }

    var shown: String {
      cookies.withLock { $0.sorted { $0.key < $1.key } }.map { "\($0.key)=\($0.value)" }
        .joined(separator: "; ")
    }

    func open(_ path: String) async throws -> RawReply {
      keep(try await stage.ask("GET", path, headers: [("Cookie", shown)]))
    }

    func send(
      _ path: String, _ fields: [String: String], origin: String? = nil
    ) async throws -> RawReply {
      let body = fields.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      let own = "http://127.0.0.1:\(stage.port)"
      return keep(
        try await stage.ask(
          "POST", path, body.joined(separator: "&"),
          headers: [
            ("Cookie", shown), ("Origin", origin ?? own),
            ("Content-Type", "application/x-www-form-urlencoded"),
          ]))
    }

    /// Signs in by the form of the page.
    func signIn() async throws -> RawReply {
      let page = try await open("/console")
      return try await send(
        "/console/sign-in",
        ["form": token(page), "user": "user-secret", "organization": "org-secret"])
    }

    private func keep(_ reply: RawReply) -> RawReply {
      guard let set = reply.headers["set-cookie"] else { return reply }
      let pair = set.split(separator: ";")[0].split(separator: "=", maxSplits: 1)
      cookies.withLock {
        $0[String(pair[0])] = set.contains("Max-Age=0") ? nil : String(pair[1])
      }
      return reply
    }
  }

  private static func token(_ page: RawReply) -> String {
    page.text.firstMatch(of: /name="form" value="([0-9a-f]{64})"/).map { String($0.output.1) } ?? ""
  }

  @Test func `both secrets let one in, until one signs out`() async throws {
    try await ServerStage.with { stage in
      let browser = Browser(stage)
      for path in ["/console/instances", "/console/show/1", "/console/trace/1"] {
        let sent = try await browser.open(path)
        #expect(sent.status == 303 && sent.headers["location"] == "/console", "\(path)")
        #expect(!sent.text.contains("journal.created"))
      }
      let entered = try await browser.signIn()
      #expect(entered.status == 303 && entered.headers["location"] == "/console/instances")
      let page = try await browser.open("/console/events")
      #expect(page.status == 200 && page.text.contains("journal.created"))
      #expect(page.headers["cache-control"] == "no-store")
      #expect(try await browser.open("/console").status == 303)
      let stranger = try await browser.send("/console/sign-out", ["form": "0"])
      #expect(stranger.status == 403)
      #expect(try await browser.open("/console/events").status == 200)
      let left = try await browser.send("/console/sign-out", ["form": Self.token(page)])
      #expect(left.status == 303 && left.headers["location"] == "/console")
      #expect(try await browser.open("/console/events").status == 303)
    }
  }

  @Test func `the session's cookie is kept from scripts and other sites`() async throws {
    try await ServerStage.with { stage in
      let browser = Browser(stage)
      let form = try await browser.open("/console").headers["set-cookie"] ?? ""
      let names = ["HttpOnly", "SameSite=Strict", "Path=/console"]
      #expect(names.allSatisfy { form.contains($0) }, "\(form)")
      _ = try await browser.signIn()
      let cookie = browser.shown
      #expect(cookie.wholeMatch(of: /.*daybook-console=[0-9a-f]{64}.*/) != nil, "\(cookie)")
      #expect(!cookie.contains("secret"))
      // Nor does it open the API.
      let api = try await stage.ask("GET", "/daybook/v1/events", headers: [("Cookie", cookie)])
      #expect(api.status == 401)
      let proxied = try await stage.ask(
        "GET", "/console", headers: [("X-Forwarded-Proto", "https")])
      #expect(proxied.headers["set-cookie"]?.contains("; Secure") == true)
    }
  }

  @Test func `wrong secrets, a token and forms of others let nobody in`() async throws {
    try await ServerStage.with { stage in
      let created = try await stage.json(
        "POST", "/elements/api-v2/instances", try await stage.form())
      let token = try #require(created["token"]?.text)
      let browser = Browser(stage)
      for (user, organization) in [
        ("", ""), ("user-secret", ""), ("user-secret", "user-secret"), (token, token),
        ("org-secret", "user-secret"),
      ] {
        let form = Self.token(try await browser.open("/console"))
        let refused = try await browser.send(
          "/console/sign-in", ["form": form, "user": user, "organization": organization])
        #expect(refused.status == 401, "\(user)")
        #expect(refused.text.contains("These are not the two secrets."))
        #expect(!refused.text.contains(token))
      }
      let right = ["user": "user-secret", "organization": "org-secret"]
      _ = try await browser.open("/console")
      #expect(try await browser.send("/console/sign-in", right).status == 403)
      let another = right.merging(["form": String(repeating: "0", count: 64)]) { $1 }
      #expect(try await browser.send("/console/sign-in", another).status == 403)
      let form = Self.token(try await browser.open("/console"))
      let foreign = try await browser.send(
        "/console/sign-in", right.merging(["form": form]) { $1 }, origin: "https://example.com")
      #expect(foreign.status == 403)
      let shown = [("Authorization", "Element \(token)")]
      #expect(try await stage.ask("GET", "/console/events", headers: shown).status == 303)
      let otherHost = try await stage.ask("GET", "/console", headers: [("Host", "example.com")])
      #expect(otherHost.status == 421)
    }
  }

  @Test func `text from outside stays text, and nothing runs or comes from elsewhere`()
    async throws
  {
    try await ServerStage.with { stage in
      _ = try await stage.json("POST", "/elements/api-v2/instances", try await stage.form())
      _ = try await stage.journal.polls.run(.instance(1))
      let title = "<script>alert('1')</script> \u{1B}[31m\u{202E}\u{9B}"
      let event: JSON = [
        "summary": .string(title), "start": ["dateTime": "2026-12-07T09:00:00Z"],
        "end": ["dateTime": "2026-12-07T10:00:00Z"],
      ]
      try await stage.tell(
        "POST", "/sandbox/calendars/primary/events",
        String(decoding: event.bytes(), as: UTF8.self))
      _ = try await stage.journal.polls.run(.instance(1))
      try await stage.journal.deliveries.deliver()
      let browser = Browser(stage)
      _ = try await browser.signIn()
      let change = try #require(try await stage.journal.changes.rows().first?["position"]?.integer)
      let types = try await stage.journal.events.rows()
      let sent = try #require(
        types.first { $0["type"]?.string == "delivery.attempted" }?["position"]?.integer)
      let paths =
        ConsolePage.places.map { "/console/\($0)" }
        + ["/console/show/\(change)", "/console/show/\(sent)", "/console/trace/\(change)"]
      for path in paths {
        let page = try await browser.open(path)
        #expect(page.status == 200, "\(path): \(page.text)")
        #expect(!page.text.contains("<script"), "\(path)")
        #expect(
          !page.text.unicodeScalars.contains { scalar in
            scalar != "\n"
              && [.control, .format].contains(scalar.properties.generalCategory)
          }, "\(path)")
        for match in page.text.matches(of: /(?:href|src|action)="([^"]*)"/) {
          #expect(match.output.1.hasPrefix("/console"), "\(path): \(match.output.1)")
        }
        let policy = page.headers["content-security-policy"] ?? ""
        #expect(policy.hasPrefix("default-src 'none';") && !policy.contains("unsafe"))
        #expect(page.headers["x-frame-options"] == "DENY")
      }
      let shown = try await browser.open("/console/changes")
      #expect(
        shown.text.contains("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; \\u{1B}[31m\\u{202E}"))
      let attempt = try await browser.open("/console/show/\(sent)")
      #expect(attempt.text.contains("webhook-id: ") && attempt.text.contains("answered"))
    }
  }

  @Test func `a list is turned page by page, and no row is on two`() async throws {
    try await ServerStage.with { stage in
      _ = try await stage.json("POST", "/elements/api-v2/instances", try await stage.form())
      _ = try await stage.journal.polls.run(.instance(1))
      try await stage.tell(
        "POST", "/sandbox/calendars/primary/generate", #"{"count":120,"title":"Event"}"#)
      _ = try await stage.journal.polls.run(.instance(1))
      let browser = Browser(stage)
      _ = try await browser.signIn()
      var seen: [String] = []
      var path: String? = "/console/changes?instance=1"
      var pages = 0
      while let here = path {
        let page = try await browser.open(here)
        try #require(page.status == 200, "\(page.text)")
        pages += 1
        seen += page.text.matches(of: /<tr><td class="n"><a href="\/console\/show\/(\d+)">/)
          .map { String($0.output.1) }
        path = page.text.firstMatch(of: /<a href="([^"]*)">older<\/a>/).map {
          String($0.output.1.replacing("&amp;", with: "&"))
        }
        #expect(path?.contains("instance=1") != false)
      }
      #expect(pages == 3)
      let positions = try await stage.journal.changes.rows().compactMap { $0["position"]?.integer }
      #expect(seen == positions.reversed().map { "\($0)" })
    }
  }

  @Test func `what is not there is told on a page`() async throws {
    try await ServerStage.with { stage in
      let browser = Browser(stage)
      _ = try await browser.signIn()
      for (path, status, text) in [
        ("/console/show/999", 404, "there is no event 999"),
        ("/console/trace/nowhere", 400, "nowhere is no position"),
        ("/console/changes?instance=nobody", 404, "nobody"),
        ("/console/events?before=x", 400, "x is no position"),
      ] {
        let page = try await browser.open(path)
        #expect(page.status == status, "\(path): \(page.text)")
        #expect(page.headers["content-type"] == "text/html; charset=utf-8")
        #expect(page.text.contains(text) && page.text.contains("sign out"), "\(page.text)")
      }
    }
  }

  @Test func `a session ends when it is idle, old, or one too many`() {
    let noon = Moment(milliseconds: 1_700_000_000_000)
    let people = ConsoleSessions()
    let first = people.begin(at: noon)
    #expect(people.session(first, at: noon + ServerLimits.consoleIdleTime) != nil)
    #expect(people.session("", at: noon) == nil)
    let later = noon + ServerLimits.consoleIdleTime + ServerLimits.consoleIdleTime
    #expect(people.session(first, at: later) != nil)
    #expect(people.session(first, at: later + .seconds(1_801)) == nil)
    #expect(people.session(first, at: later) == nil)
    let busy = people.begin(at: noon)
    var now = noon
    while now < noon + ServerLimits.consoleTime {
      #expect(people.session(busy, at: now) != nil)
      now = now + .seconds(1_000)
    }
    #expect(people.session(busy, at: noon + ServerLimits.consoleTime + .seconds(1)) == nil)
    let many = (0...ServerLimits.consoleSessionsMax).map { people.begin(at: noon + .seconds($0)) }
    #expect(people.session(many[0], at: noon + .seconds(200)) == nil)
    #expect(many.dropFirst().allSatisfy { people.session($0, at: noon + .seconds(200)) != nil })
    people.endAll()
    #expect(people.session(many[1], at: noon + .seconds(200)) == nil)
  }

  @Test func `no line of the log holds a secret`() async throws {
    let lines = Mutex<[String]>([])
    let log = KeptLines { line in lines.withLock { $0.append(line) } }
    var logger = Logger(label: "test", factory: { _ in log })
    logger.logLevel = .trace
    try await ServerStage.with(logger: logger) { stage in
      let browser = Browser(stage)
      let form = Self.token(try await browser.open("/console"))
      _ = try await browser.send(
        "/console/sign-in", ["form": form, "user": "canary", "organization": "org-secret"])
      _ = try await browser.signIn()
      _ = try await browser.open("/console/events?object=user-secret")
      let cookie = try #require(browser.shown.firstMatch(of: /daybook-console=([0-9a-f]+)/)).1
      let all = lines.withLock { $0 }.joined(separator: "\n")
      #expect(all.contains("POST /console/sign-in 303"))
      for secret in ["user-secret", "org-secret", "canary", String(cookie)] {
        #expect(!all.contains(secret), "\(all)")
      }
    }
  }
}

/// Hands on each line of a log, with what goes along with it.
private struct KeptLines: LogHandler {
  var metadata = Logger.Metadata()
  var logLevel = Logger.Level.trace
  let keep: @Sendable (String) -> Void

  init(_ keep: @escaping @Sendable (String) -> Void) { self.keep = keep }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    keep("\(event.message) \(event.metadata ?? [:])")
  }
}
