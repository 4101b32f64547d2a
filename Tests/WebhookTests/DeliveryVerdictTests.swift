import Domain
import Events
import Testing
import Webhook

private let now = Moment(milliseconds: 1_795_424_700_000)

private func verdict(_ status: Int, _ retryAfter: String? = nil) -> DeliveryVerdict {
  let headers = retryAfter.map { [Header("retry-after", $0)] } ?? []
  return .of(.reply(Reply(status: status, headers: headers)), now: now)
}

@Test(arguments: [200, 201, 202, 204, 226, 299])
func `every 2xx is a success`(status: Int) {
  #expect(verdict(status) == .success(status: status))
}

@Test(arguments: [
  (100, false), (301, false), (302, false), (304, false), (307, false), (400, true), (401, true),
  (403, true), (404, true), (405, true), (408, false), (409, true), (413, true), (422, true),
  (425, false), (429, false), (451, true), (500, false), (501, false), (502, false), (503, false),
  (504, false), (599, false),
])
func `everything else but 410 fails, and the receiver's blame is told apart`(
  status: Int, isOther4xx: Bool
) {
  #expect(
    verdict(status) == .failed(.status(status), retryAfter: nil, isOther4xx: isOther4xx))
}

@Test func `410 is final for the callback, whatever else it says`() {
  #expect(verdict(410, "5") == .gone)
}

@Test(arguments: [
  NetworkFailure.Kind.refused, .reset, .timedOut, .tls, .nameNotFound, .blocked, .garbled,
])
func `no answer is a failure of its kind`(kind: NetworkFailure.Kind) {
  #expect(
    DeliveryVerdict.of(.failed(NetworkFailure(kind, "no")), now: now)
      == .failed(.network(kind), retryAfter: nil, isOther4xx: false))
}

@Test(arguments: [
  ("120", Duration.seconds(120)), ("0", .zero), (" 7", .seconds(7)), ("86401", .seconds(86_400)),
  ("999999999999999999999999", .seconds(86_400)), ("-1", nil), ("+1", nil), ("1.5", nil),
  ("", nil), ("soon", nil), ("Mon, 23 Nov 2026 09:06:00 GMT", .seconds(60)),
  ("Monday, 23-Nov-26 09:06:00 GMT", .seconds(60)), ("Mon Nov 23 09:06:00 2026", .seconds(60)),
  ("Mon, 23 Nov 2026 09:04:59 GMT", .zero), ("Fri, 23 Nov 2096 09:06:00 GMT", .seconds(86_400)),
  ("Mon, 31 Feb 2026 09:06:00 GMT", nil), ("Mon, 23 Nov 2026 25:06:00 GMT", nil),
  ("Mon, 23 Nov 2026 09:06:00 CET", nil), ("Mon, 23 Now 2026 09:06:00 GMT", nil),
  ("Mon, 23 Nov 99999999999999999999 09:06:00 GMT", nil), (",,,,, -", nil),
])
func `Retry-After is read in all its forms, and is never more than a day`(
  value: String, expected: Duration?
) {
  #expect(
    verdict(503, value) == .failed(.status(503), retryAfter: expected, isOther4xx: false))
}

@Test(
  arguments: [
    ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777_000),
    ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777_000),
    ("Sun Nov  6 08:49:37 1994", 784_111_777_000),
    ("Sat, 31 Dec 2016 23:59:60 GMT", 1_483_228_799_000),
  ] as [(String, Int64)])
func `an HTTP date names the same instant in each of its forms`(text: String, expected: Int64) {
  #expect(Moment(httpDate: text) == Moment(milliseconds: expected))
}
