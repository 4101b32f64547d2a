import Domain
import Events
import Testing
import Webhook

@Suite struct SignatureCheckTests {
  private static let sent = Moment(milliseconds: 1_795_424_701_000)
  private static let body = Array("{\"a\":1}".utf8)

  /// What a receiver gets that is sent under these keys.
  private static func headers(_ keys: [String]) -> [Header] {
    Headers.make(
      AttemptHead(
        host: "hooks.example.com", notification: 42, attempt: 1, sequence: 1, sentAt: sent,
        keys: keys), body: body)
  }

  private static func check(
    _ headers: [Header], _ body: [UInt8] = body, keys: [String] = ["new", "old"],
    at now: Moment? = sent
  ) -> [SignatureCheck] {
    SignatureCheck.all(of: headers, body: body, keys: keys, now: now)
  }

  @Test func `while a key is changed both keep their receivers`() {
    let headers = Self.headers(["new", "old"])
    let received = headers.first { $0.name == "webhook-signature" }?.value ?? ""
    #expect(received.split(separator: " ").count == 2)
    for key in ["new", "old"] {
      let checks = Self.check(headers.filter { $0.name.hasPrefix("webhook") }, keys: [key])
      #expect(checks.map(\.isValid) == [true], "\(key)")
    }
    #expect(
      Self.check(Self.headers(["old"])).map(\.reason) == [
        "made with the key before", "made with the key before",
      ])
  }

  @Test func `a body that was changed on the way says how`() {
    let headers = Self.headers(["new"])
    #expect(Self.check(headers).allSatisfy { $0.isValid })
    for (other, cause) in [
      (Self.body + [10], "line break at the end, which was not sent"),
      (Self.body + [13, 10], "line break at the end, which was not sent"),
      ([0xEF, 0xBB, 0xBF] + Self.body, "byte order mark"),
      (Array("{\"a\": 1}".utf8), "before anything parses or prints them"),
    ] {
      let checks = Self.check(headers, other)
      #expect(checks.count == 2)
      #expect(checks.allSatisfy { !$0.isValid && $0.reason.contains(cause) }, "\(cause): \(checks)")
    }
  }

  @Test func `what is old, or comes without what it covers, is not right`() {
    let headers = Self.headers(["new"]).filter { $0.name.hasPrefix("webhook") }
    let late = Self.check(headers, at: Self.sent + .seconds(600))
    #expect(late.map(\.isValid) == [false] && late[0].reason.contains("time"))
    #expect(Self.check(headers, at: nil).map(\.isValid) == [true])
    let bare = Self.check(headers.filter { $0.name == "webhook-signature" })
    #expect(bare[0].reason.contains("webhook-id and webhook-timestamp, which are not given"))
    #expect(Self.check([Header("Host", "x")]).isEmpty)
  }
}
