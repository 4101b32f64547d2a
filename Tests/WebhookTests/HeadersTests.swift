import Domain
import Events
import Testing
import Webhook

private let sent = Moment(milliseconds: 1_795_424_701_999)
private let plain = AttemptHead(
  host: "hooks.example.com", notification: 1_500_001, attempt: 1, sequence: 12, sentAt: sent)
private let body = Array("{}".utf8)

@Test func `without a key nothing is signed, and the rest is always there`() {
  let expected = [
    Header("Host", "hooks.example.com"), Header("Content-Type", "application/json"),
    Header("User-Agent", "daybook"), Header("Elements-Webhook-Id", "1500001"),
    Header("webhook-id", "1500001"),
    Header("webhook-timestamp", "1795424701"), Header("Daybook-Attempt", "1"),
    Header("Daybook-Sequence", "12"),
  ]
  #expect(Headers.make(plain, body: body) == expected)
  var empty = plain
  (empty.keys, empty.username, empty.password) = ([""], "", "")
  #expect(Headers.make(empty, body: body) == expected)
}

@Test func `with a key both signatures are there, and they are right`() {
  var head = plain
  head.keys = ["plain-key"]
  let headers = Headers.make(head, body: body)
  let values = Dictionary(uniqueKeysWithValues: headers.map { ($0.name, $0.value) })
  #expect(
    values["webhook-signature"] == "v1,KcyTQjZuNChv0/deUTpg3y2gSFNOaH7KD9Nb//d2GZg=")
  let elements = values["Elements-Webhook-Signature"] ?? ""
  #expect(Signature.isElements(elements, of: body, key: "plain-key"))
}

@Test func `a replay is named, and a retry keeps the id while its time and number move`() {
  var later = plain
  later.attempt = 3
  later.replay = 44
  later.sentAt = sent + .seconds(60)
  let headers = Headers.make(later, body: body)
  #expect(headers.contains(Header("Daybook-Replay", "44")))
  #expect(headers.contains(Header("Daybook-Attempt", "3")))
  #expect(headers.contains(Header("webhook-id", "1500001")))
  #expect(headers.contains(Header("webhook-timestamp", "1795424761")))
}

@Test(
  arguments: [
    ("team", "pässword", "dGVhbTpww6Rzc3dvcmQ="), ("team", nil, "dGVhbTo="), (nil, "x", "Ong="),
  ] as [(String?, String?, String)])
func `user name or password give Basic authorization, instead of an extra one`(
  username: String?, password: String?, value: String
) {
  var head = plain
  head.username = username
  head.password = password
  head.extra = [Header("authorization", "Bearer x"), Header("X-Team", "Blue")]
  let headers = Headers.make(head, body: body)
  #expect(
    headers.suffix(2) == [Header("Authorization", "Basic \(value)"), Header("X-Team", "Blue")])
  head.username = nil
  head.password = nil
  #expect(Headers.make(head, body: body).suffix(2) == head.extra[...])
}

@Test(arguments: [
  ("", []), (" \n\r\n", []), ("{}", []),
  ("X-Team: Blue", [Header("X-Team", "Blue")]),
  (
    "X-Team:Blue\r\n\r\n  \nAuthorization:   Bearer a:b  ",
    [Header("X-Team", "Blue"), Header("Authorization", "Bearer a:b")]
  ),
  ("X-Empty:", [Header("X-Empty", "")]),
  (
    " {\"X-Team\":\"Blue é\",\"X-N\":7}", [Header("X-Team", "Blue é"), Header("X-N", "7")]
  ),
])
func `extra headers are read from an object or from lines`(text: String, expected: [Header]) throws
{
  #expect(try Headers.extra(text) == expected)
}

@Test(arguments: [
  "no colon", ": value", "X Team: a", "X-Team : a", " X-Team: a", "X-Team: a\rb", "X-Team: a\u{0}",
  "X-Team: a\u{1B}", "Ünname: a", "X: 1\nx: 2", #"{"X":"a\r\nY: b"}"#, #"{"X":"a\u0000"}"#,
  #"{"X\r\nY":"a"}"#, #"{"X":["a"]}"#, #"{"X":null}"#, #"{"X":{}}"#, #"{"X":"a""#, #"{"":"a"}"#,
  "Content-Type: text/plain", "content-length: 1", "Host: example.com", "User-Agent: x",
  "Transfer-Encoding: chunked", "WEBHOOK-ID: 1", "elements-webhook-signature: x",
  "Daybook-Replay: 1", "Proxy-Authorization: x", "Connection: close",
  (0...32).map { "X-\($0): a" }.joined(separator: "\n"),
  "X: \(String(repeating: "a", count: 8_192))",
])
func `extra headers that could forge or break a request are refused`(text: String) {
  #expect(throws: HeaderFault.self) { try Headers.extra(text) }
}

@Test func `a refusal of extra headers does not repeat their values`() {
  for text in ["X-Key: hush\u{0}", #"{"Host":"hush"}"#, "hush", #"{"X":"hush" "hush"}"#] {
    let fault = #expect(throws: HeaderFault.self) { try Headers.extra(text) }
    #expect(fault?.description.contains("hush") == false)
  }
}
