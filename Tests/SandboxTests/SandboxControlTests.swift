import Domain
import Events
import GoogleFake
import Sandbox
import TestSupport
import Testing

/// The control under `/sandbox`, asked without a socket.
@Suite struct SandboxControlTests {
  @Test(arguments: [
    ("POST", "/sandbox/faults", "{\"kind\":\"no such\"}", 400),
    ("POST", "/sandbox/faults", "{\"kind\":\"status\",\"status\":99}", 400),
    ("POST", "/sandbox/receiver", "{\"path\":\"/elsewhere\"}", 400),
    ("POST", "/sandbox/expire", "{}", 400), ("POST", "/sandbox/codes", "{", 400),
    ("POST", "/sandbox/codes", "{\"user\":\"nobody@example.com\"}", 404),
    ("GET", "/sandbox/nothing", "", 404),
    ("POST", "/sandbox/calendars", "{\"id\":\"team@example.com\"}", 409),
    ("POST", "/sandbox/calendars/none/generate", "{\"count\":1}", 404),
  ])
  func `the control says what it did not understand`(
    method: String, path: String, body: String, status: Int
  ) throws {
    var world = SandboxWorld()
    let answer = world.answer(FakeRequest(method, path, body: Array(body.utf8)), at: noon)
    #expect(answer.status == status)
    #expect(try Shown(answer.body)["message"] != nil)
  }

  @Test func `a reset brings back the first state`() throws {
    var world = SandboxWorld(seed: 5)
    let fresh = world.answer(FakeRequest("GET", "/sandbox/calendars/primary/events"), at: noon)
    world.google.generate(count: 9, title: "Meeting", in: FakeGoogle.firstUser, at: noon)
    _ = world.answer(FakeRequest("POST", "/sandbox/reset"), at: noon)
    let again = world.answer(FakeRequest("GET", "/sandbox/calendars/primary/events"), at: noon)
    #expect(again == fresh)
  }

  @Test func `the control reaches Google's paths without a token, for any user`() throws {
    var world = SandboxWorld()
    let user = FakeRequest(
      "POST", "/sandbox/users", body: Array("{\"email\":\"office@example.com\"}".utf8))
    _ = world.answer(user, at: noon)
    let body = Array("{\"contactGroup\":{\"name\":\"Office\"}}".utf8)
    let path = "/sandbox/v1/contactGroups?user=office%40example.com"
    #expect(world.answer(FakeRequest("POST", path, body: body), at: noon).status == 200)
    func names(_ path: String) throws -> [String] {
      let list = try Shown(world.answer(FakeRequest("GET", path), at: noon).body)
      return (list["contactGroups"]?.items ?? []).compactMap { $0["name"]?.string }
    }
    #expect(try names(path).last == "Office")
    #expect(try names("/sandbox/v1/contactGroups").last == "all")
  }

  @Test(arguments: [
    ("/v1/contactGroups", 400, "EXPIRED_SYNC_TOKEN", "EXPIRED_SYNC_TOKEN"),
    ("/v1/contactGroups", 403, "accessNotConfigured", "SERVICE_DISABLED"),
    ("/v1/contactGroups", 403, "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"),
    ("/gmail/v1/users/me/history", 404, "notFound", "NOT_FOUND"),
    ("/gmail/v1/users/me/history", 403, "insufficientPermissions", "PERMISSION_DENIED"),
    ("/gmail/v1/users/me/history", 403, "dailyLimitExceeded", "RESOURCE_EXHAUSTED"),
    ("/gmail/v1/users/me/history", 503, "backendError", "UNAVAILABLE"),
  ])
  func `a refusal made to order speaks as its API does`(
    path: String, status: Int, reason: String, word: String
  ) throws {
    var world = SandboxWorld()
    let order = "{\"kind\":\"status\",\"status\":\(status),\"reason\":\"\(reason)\"}"
    let made = FakeRequest("POST", "/sandbox/faults", body: Array(order.utf8))
    #expect(world.answer(made, at: noon).status == 200)
    let answer = world.answer(FakeRequest("GET", path), at: noon)
    #expect(answer.status == status)
    // Google's `ErrorInfo` says it, or else the status.
    let error = try Shown(answer.body)["error"]
    #expect((error?["details"]?[0]?["reason"] ?? error?["status"])?.string == word)
  }

  @Test func `the control shows which requests a fault is for`() throws {
    var world = SandboxWorld()
    let body = """
      {"faults":[{"kind":"vanish","path":"/gmail/","method":"GET"},
      {"kind":"skip","items":2,"permille":10,"path":"/v1/","parameter":"pageToken"},
      {"kind":"status","status":429,"retryAfterDate":60},
      {"kind":"miss","pick":3,"without":"syncToken"},{"kind":"double"}]}
      """
    let made = world.answer(
      FakeRequest("POST", "/sandbox/faults", body: Array(body.utf8)), at: noon)
    let shown = try Shown(made.body)
    #expect(shown["queue"]?[0]?["method"]?.string == "GET")
    #expect(shown["chances"]?[0]?["parameter"]?.string == "pageToken")
    #expect(shown["chances"]?[0]?["path"]?.string == "/v1/")
    #expect(shown["queue"]?[2]?["kind"]?.string == "miss")
    #expect(shown["queue"]?[2]?["without"]?.string == "syncToken")
  }

  @Test func `a switch is set, shown and set back`() throws {
    var world = SandboxWorld()
    func set(_ body: String) -> (status: Int, shown: String) {
      let request = FakeRequest("POST", "/sandbox/switches", body: Array(body.utf8))
      let answer = world.answer(request, at: noon)
      return (answer.status, String(decoding: answer.body, as: UTF8.self))
    }
    let (status, shown) = set(
      #"{"pageItemsMax":9,"showsBareStubs":true,"forgetsCancelled":true}"#)
    #expect(status == 200)
    for line in [#""pageItemsMax": 9"#, #""showsBareStubs": true"#, #""forgetsCancelled": true"#] {
      #expect(shown.contains(line))
    }
    let switches = world.google.switches
    #expect(switches.pageItemsMax == 9 && switches.showsBareStubs && switches.forgetsCancelled)
    #expect(set(#"{"pageItemsMax":0}"#).status == 400)
    _ = set(#"{"pageItemsMax":null,"showsBareStubs":false,"forgetsCancelled":false}"#)
    #expect(world.google.switches == FakeSwitches())
  }
}
