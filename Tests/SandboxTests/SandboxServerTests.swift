import Domain
import Events
import GoogleFake
import Sandbox
import TestSupport
import Testing

/// A Monday noon.
let noon = Moment(CalendarTime(year: 2026, month: 11, day: 23, hour: 12))

@Suite struct SandboxServerTests {
  /// Runs a test against a server on a port of its own.
  private func serve(_ body: (SandboxServer, Int) async throws -> Void) async throws {
    let server = SandboxServer(now: { noon })
    let port = try await server.start()
    do {
      try await body(server, port)
      try await server.stop()
    } catch {
      try await server.stop()
      throw error
    }
  }

  /// A token got over the socket, as a header line.
  private func bearer(_ port: Int) async throws -> String {
    let made = try await exchange(port, "POST", "/sandbox/codes", "{}")
    let code = try #require(try Shown(Array(made.body.utf8))["code"]?.string)
    let form =
      "grant_type=authorization_code&code=\(code)&client_id=a&client_secret=b&redirect_uri=x"
    let grant = try await exchange(port, "POST", "/token", form)
    let token = try #require(try Shown(Array(grant.body.utf8))["access_token"]?.string)
    return "Authorization: Bearer \(token)"
  }

  @Test func `Google, the receiver and the control answer on one port`() async throws {
    try await serve { server, port in
      let token = try await bearer(port)
      let path = "/calendar/v3/calendars/primary/events"
      let event = try await exchange(
        port, "POST", "/sandbox/calendars/primary/events", "{\"summary\":\"Seen\",\(morning)}")
      #expect(event.status == 200)
      let list = try await exchange(port, "GET", path, headers: [token])
      #expect(try Shown(Array(list.body.utf8))["items"]?[0]?["summary"]?.string == "Seen")
      #expect(try await exchange(port, "GET", path).status == 401)
      #expect(try await exchange(port, "POST", "/receiver/hook", "{\"a\":1}").status == 204)
      let came = try await exchange(port, "GET", "/sandbox/receiver?path=/receiver/hook")
      #expect(try Shown(Array(came.body.utf8))["deliveries"]?[0]?["body"]?.string == "{\"a\":1}")
      #expect(server.withWorld { $0.receiver.deliveries.count } == 1)
      #expect(try await exchange(port, "GET", "/elsewhere").status == 404)
    }
  }

  @Test func `the receiver follows its script over the socket`() async throws {
    try await serve { _, port in
      let script = """
        {"path":"/receiver/hook","answers":[
          {"status":503,"retryAfter":"120"},{"status":301,"location":"/receiver/other"},
          {"manner":"reset"},{"manner":"close"}]}
        """
      #expect(try await exchange(port, "POST", "/sandbox/receiver", script).status == 200)
      let first = try await exchange(port, "POST", "/receiver/hook", "{}")
      #expect(first.status == 503)
      #expect(first.text.contains("Retry-After: 120\r\n"))
      let second = try await exchange(port, "POST", "/receiver/hook", "{}")
      #expect(second.text.contains("Location: /receiver/other\r\n"))
      #expect(try await exchange(port, "POST", "/receiver/hook", "{}").wasReset)
      let closed = try await exchange(port, "POST", "/receiver/hook", "{}")
      #expect(closed.text == "")
      #expect(!closed.wasReset)
      #expect(try await exchange(port, "POST", "/receiver/hook", "{}").status == 204)
    }
  }

  @Test func `the manners of an answer reach the wire`() async throws {
    try await serve { server, port in
      let whole = try await exchange(port, "GET", "/calendar")
      func order(_ fault: FakeFault) {
        server.withWorld { _ = $0.google.faults.add(.init(fault, path: "/calendar")) }
      }
      order(.cut)
      let cut = try await exchange(port, "GET", "/calendar")
      #expect(cut.body.utf8.count == whole.body.utf8.count / 2)
      order(.drip(bytes: 40, every: .milliseconds(1)))
      #expect(try await exchange(port, "GET", "/calendar").body == whole.body)
      order(.endless)
      let endless = try await exchange(port, "GET", "/calendar", bytesMax: 300_000)
      #expect(endless.text.utf8.count > 300_000)
      order(.delay(.milliseconds(5)))
      #expect(try await exchange(port, "GET", "/calendar").body == whole.body)
      order(.resetBefore)
      #expect(try await exchange(port, "GET", "/calendar").wasReset)
      order(.huge(bytes: 100_000))
      let huge = try await exchange(port, "GET", "/calendar")
      #expect(huge.text.utf8.count > 100_000)
      #expect(try await exchange(port, "GET", "/receiver").status == 404)
    }
  }
}
