import Events
import Testing
import Webhook

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

@Test func `the platform's published example is signed as published`() {
  let body = bytes("<INSERT_EVENT_NOTIFICATION_RESPONSE_BODY>")
  let signature = "sha256=jHdbRx5EZAsOfTwAPJOGkNUzQMVVdu5VJlxcsk+G6jQ="
  #expect(Signature.elements(body, key: "MySecretEventSignatureKey") == signature)
  #expect(Signature.isElements(signature, of: body, key: "MySecretEventSignatureKey"))
}

@Test(
  arguments: [
    (
      "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, #"{"test": 2432232314}"#,
      "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    ),
    (
      "1500001", 1_795_424_701, "{}", "plain-key", "v1,KcyTQjZuNChv0/deUTpg3y2gSFNOaH7KD9Nb//d2GZg="
    ),
    (
      "1500001", 1_795_424_701, "{}", "whsec_***", "v1,jD3OJBroxFdf9j2eGqre3jwb3HjUmGWyalqtM65UPEo="
    ),
    (
      "1500001", 1_795_424_701, "{}", "whsec_", "v1,2H0lAZSkmt+XISGgKN1xL1VV+0J+zo8E+DHPQQxaw3U="
    ),
  ] as [(String, Int64, String, String, String)])
func `a standard signature covers id, time and body, with the key as it is meant`(
  id: String, seconds: Int64, body: String, key: String, signature: String
) {
  #expect(
    Signature.standard(id: id, timestampSeconds: seconds, body: bytes(body), key: key) == signature)
  #expect(
    Signature.isStandard(
      signature, id: id, timestamp: String(seconds), body: bytes(body), key: key,
      now: Moment(milliseconds: seconds * 1_000)))
}

@Test func `anything changed is not accepted`() {
  let signature = Signature.standard(
    id: "1", timestampSeconds: 1_000, body: bytes("{}"), key: "key")
  func accepts(
    _ header: String, id: String = "1", timestamp: String = "1000", body: String = "{}",
    key: String = "key"
  ) -> Bool {
    Signature.isStandard(
      header, id: id, timestamp: timestamp, body: bytes(body), key: key, now: nil)
  }
  #expect(accepts(signature))
  #expect(accepts("v1,AAAA v1a,xyz \(signature)"))
  #expect(!accepts(signature, id: "2"))
  #expect(!accepts(signature, timestamp: "1001"))
  #expect(!accepts(signature, body: "{ }"))
  #expect(!accepts(signature, key: "Key"))
  #expect(!accepts(String(signature.dropLast(4))))
  for header in ["", "v1,", "v1", "v1,=", "v2,\(signature.dropFirst(3))", "v1,not base64"] {
    #expect(!accepts(header))
  }
  #expect(!Signature.isElements("", of: [], key: "key"))
  #expect(!Signature.isElements("sha1=AAAA", of: [], key: "key"))
}

@Test(
  arguments: [
    ("1000", 1_000, true), ("1000", 1_300, true), ("1000", 700, true), ("1000", 1_301, false),
    ("1000", 699, false), ("-9223372036854775808", 1_000, false),
    ("99999999999999999999", 1_000, false), ("", 1_000, false), ("1e3", 1_000, false),
  ] as [(String, Int64, Bool)])
func `a signature is accepted for five minutes either way`(
  timestamp: String, now: Int64, accepted: Bool
) {
  let signature = Signature.standard(id: "1", timestampSeconds: 1_000, body: [], key: "key")
  #expect(
    Signature.isStandard(
      signature, id: "1", timestamp: timestamp, body: [], key: "key",
      now: Moment(milliseconds: now * 1_000)) == accepted)
}
