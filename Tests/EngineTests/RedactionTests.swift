import Domain
import EventStore
import Events
import RawJSON
import Testing

@testable import Engine

/// What others answer may hold what they were sent: none of it is recorded.
@Suite struct RedactionTests {
  private static let secrets: [(String, JSON)] = [
    ("event.notification.basic.username", "courier"),
    ("event.notification.basic.password", "pass/word+ä"),
    ("event.notification.signature.key", "a signature's key"),
    (
      "event.notification.callback.headers",
      "X-Team: blue-and-secret\nX-Other: Bearer b-e-a-r\nX-Pair: Basic ZG9vcjprbm9jay1rbm9jaw=="
    ),
    ("oauth.api.secret", "client's secret"),
  ]
  /// Each as it is, percent-encoded, in base64 and in hexadecimal digits.
  private static let forms = [
    "pass/word+ä", "pass%2Fword%2B%C3%A4", "cGFzcy93b3JkK8Ok", "706173732f776f72642bc3a4",
    #"pass\/word+\u00e4"#, #"pass/word\u002B\u00E4"#, "cGFzcy93b3JkK8Ok",
    "a signature's key", #"a signature\u0027s key"#, "blue-and-secret", "b-e-a-r",
    "client's secret", "client%27s+secret", "client's%20secret",
    "knock-knock", "ZG9vcjprbm9jay1rbm9jaw",
    "Y291cmllcjpwYXNzL3dvcmQrw6Q=", "ya29.A-token", "1//refresh",
  ]

  /// Everything that can be read in the log: bodies and payloads.
  private func readable(_ stage: EngineStage) async throws -> String {
    var text = ""
    for row in try await stage.events(after: 0) {
      text += row.body
      for digest in digests(in: try JSON.parse(Array(row.body.utf8))) {
        let bytes = try? await stage.repository.reader.read { snapshot throws(JournalError) in
          try snapshot.payload(digest)
        }
        text += String(decoding: bytes ?? [], as: UTF8.self)
      }
    }
    return text
  }

  private func digests(in body: JSON) -> [String] {
    let values = (body.members ?? Members()).flatMap { $0.value.elements ?? [$0.value] }
    return values.compactMap(\.text).filter { $0.count == 64 }
  }

  @Test func `what a receiver or Google echoes of a secret is not recorded`() async throws {
    let stage = try EngineStage()
    stage.tokens = ("ya29.A-token", "1//refresh")
    try await stage.create([(EngineStage.primary, "/" + EngineStage.primary)], Self.secrets)
    let echo = Self.forms.joined(separator: " | ")
    stage.answer("/events", 200, #"{"items":[],"nextSyncToken":"one"}"#)
    _ = try await stage.worker.poll(1)
    stage.answer(
      "/events", 200, #"{"items":[{"id":"e","etag":"1"}],"nextSyncToken":"two"}"#)
    _ = try await stage.worker.poll(1)
    _ = try await stage.worker.step([.notify])
    stage.answer("/hook", 500, "you sent \(echo)")
    let attempt = try await stage.worker.step([.deliver])
    guard case .attempt(let report)? = attempt else {
      throw Refusal(.conflict, "\(attempt as Any)")
    }
    #expect(report.outcome == "failed")
    let refusal: JSON = ["error": ["message": .string(echo)]]
    stage.answer("/events", 400, String(decoding: refusal.bytes(), as: UTF8.self))
    let poll = try await stage.worker.poll(1)
    #expect(poll.status == .failed)
    let text = try await readable(stage) + (poll.error ?? "")
    #expect(text.contains("you sent ******** | ********"))
    for form in Self.forms { #expect(!text.contains(form), "\(form)") }
  }

  @Test func `an answer in which a secret was masked is kept without its digest`() {
    var secrets = Secrets()
    secrets.values["event.notification.basic.password"] = "correct horse"
    func kept(_ body: String) -> String {
      let reply = Reply(
        status: 500, body: Array(body.utf8), bodyBytes: 70_000, bodyDigest: [0xAB, 0xCD])
      return String(decoding: Deliverer.listed(reply, Redaction(secrets)), as: UTF8.self)
    }
    #expect(
      kept("plain") == "{\"digest\":\"abcd\",\"headers\":[],\"status\":500}\n\nplain")
    #expect(
      kept("a correct horse!") == "{\"headers\":[],\"status\":500}\n\na ********!")
  }

  @Test func `ordinary words of extra headers stay`() {
    var secrets = Secrets()
    secrets.values["event.notification.callback.headers"] =
      "X-Debug: true\nX-Version: 10\nAccept: application/json\nX-Key: a-long-secret"
    let answer = #"{"ok":true,"id":31305,"type":"application/json","key":"a-long-secret"}"#
    #expect(
      Redaction(secrets).clean(answer)
        == #"{"ok":true,"id":31305,"type":"application/json","key":"********"}"#)
  }

  @Test func `what a bound cuts off leaves no beginning of a secret`() {
    var secrets = Secrets()
    secrets.values["event.notification.basic.password"] = "correct horse"
    let redaction = Redaction(secrets)
    let cut = Array("you sent correct ho".utf8)
    #expect(redaction.clean(cut, isCut: true) == Array("you sent ********".utf8))
    #expect(redaction.clean(cut) == cut)
    #expect(redaction.clean("you sent correct ho…") == "you sent ********…")
    let reply = Reply(
      status: 500, headers: [Header("X-Echo", "correct horse")], body: cut, bodyBytes: 70_000)
    let clean = redaction.clean(reply)
    #expect(clean.headers == [Header("X-Echo", "********")])
    #expect(clean.body == Array("you sent ********".utf8))
  }
}
