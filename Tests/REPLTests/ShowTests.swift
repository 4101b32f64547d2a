import Events
import Testing

@testable import Daybook
@testable import REPL

/// An attempt as a person sees it.
@Suite struct ShowTests {
  private static let sentAt = Moment(milliseconds: 1_795_424_700_000)

  private func exchange(
    body: [UInt8] = Array(#"{"id":"1","raw":{"list":[],"title":"a\nb"}}"#.utf8),
    answer: RecordedExchange.Answer? = nil, word: String = "failed",
    trigger: AttemptTrigger? = .retry, reason: String? = nil, askedBy: String? = nil,
    times: ExchangeTimes = ExchangeTimes()
  ) -> RecordedExchange {
    RecordedExchange(
      position: 24, attempt: 2, trigger: trigger, reason: reason, askedBy: askedBy,
      sentAt: Self.sentAt,
      method: "POST",
      url: "https://hooks.example.com/it's?a=1",
      headers: [
        .init(name: "Host", value: "hooks.example.com"),
        .init(name: "Content-Type", value: "application/json"),
        .init(name: "webhook-signature", value: "v1,abc"),
        .init(name: "Authorization", value: "********"),
        .init(name: "Content-Length", value: "42"),
      ],
      body: body,
      outcome: .init(
        position: 25, word: word, error: word == "failed" ? "status" : nil,
        text: word == "failed" ? "the receiver answered 503" : nil,
        durationMilliseconds: 12, times: times, address: "203.0.113.7",
        nextAt: word == "failed" ? Self.sentAt + .seconds(5) : nil, answer: answer))
  }

  private var answer: RecordedExchange.Answer {
    .init(
      status: 503, headers: [.init(name: "Retry-After", value: "5\u{1B}[2J")],
      body: Array("Try again\r\n\u{9B}later\n".utf8), bodyBytes: 100, bodyDigest: nil,
      bodyFailure: nil)
  }

  @Test func `an attempt is an HTTP exchange`() {
    let text = ExchangeText(palette: .plain, moments: .utc)
    #expect(
      text.lines(exchange(answer: answer)).joined(separator: "\n") == #"""
        > POST https://hooks.example.com/it's?a=1
        > Host: hooks.example.com
        > Content-Type: application/json
        > webhook-signature: v1,abc
        > Authorization: ********
        > Content-Length: 42
        >
        {
          "id": "1",
          "raw": {
            "list": [],
            "title": "a\nb"
          }
        }

        < 503 Service Unavailable
        < Retry-After: 5\u{1B}[2J
        <
        Try again
        \u{9B}later
        … 81 bytes more came and are not kept

        203.0.113.7 answered in 12 ms
        attempt 2, a retry, failed: the receiver answered 503; next attempt 2026-11-23T09:05:05.000Z
        """#)
  }

  @Test func `an attempt without an answer says so, and one that is under way`() {
    let text = ExchangeText(palette: .plain, moments: .utc)
    #expect(text.lines(exchange()).contains("203.0.113.7 gave no answer in 12 ms"))
    #expect(
      text.lines(exchange(answer: answer, word: "succeeded")).last
        == "attempt 2, a retry, succeeded")
  }

  @Test func `an attempt that somebody asked for says why, and one of a newer program no occasion`()
  {
    let text = ExchangeText(palette: .plain, moments: .utc)
    let asked = exchange(word: "succeeded", trigger: .hand, reason: "it was\u{1B} down")
    #expect(
      text.lines(asked).suffix(2) == [
        "asked for: it was\\u{1B} down", "attempt 2, by hand, succeeded",
      ])
    let byName = exchange(trigger: .hand, reason: "it was down", askedBy: "alice")
    #expect(text.lines(byName).contains("asked for by alice: it was down"))
    let silent = exchange(trigger: .hand, askedBy: "alice")
    #expect(text.lines(silent).contains("asked for by alice"))
    #expect(text.lines(exchange(word: "succeeded", trigger: nil)).last == "attempt 2 succeeded")
  }

  @Test(arguments: [
    (
      ExchangeTimes(name: 410, connect: 690, tls: 7_240, firstByte: 12_300, end: 12_410),
      "name 0.4, connect 0.3, TLS 6.6, waiting 5.1, reading 0.1 ms"
    ),
    (
      ExchangeTimes(firstByte: 5_000, end: 5_049),
      "connection kept from before, waiting 5.0, reading 0.0 ms"
    ),
    (
      ExchangeTimes(name: 100, connect: 300, end: 15_000_000),
      "name 0.1, connect 0.2, waiting 14999.7 ms"
    ),
    (ExchangeTimes(end: 800), "waiting 0.8 ms"),
  ])
  func `the duration of an attempt is shown in its parts`(times: ExchangeTimes, parts: String) {
    #expect(phases(of: times) == parts)
    let lines = ExchangeText(palette: .plain, moments: .utc).lines(exchange(times: times))
    #expect(lines.contains("203.0.113.7 gave no answer in 12 ms: \(parts)"))
  }

  @Test func `a long body ends with what is left and how to see it`() {
    let body = Array(("[" + String(repeating: "\"日本\",", count: 9_000) + "1]").utf8)
    let lines = ExchangeText(palette: .plain, moments: .utc).lines(exchange(body: body))
    let last = lines.first { $0.hasPrefix("…") }
    let left = body.count - TerminalLimits.bodyBytesShown
    #expect(last?.firstMatch(of: /… (\d+) bytes more; `show 24 --raw` writes all/) != nil)
    #expect(last.flatMap { Int($0.split(separator: " ")[1]) }.map { $0 - left < 4 } == true)
    #expect(!lines.contains { $0.contains("\u{FFFD}") })
  }

  @Test(arguments: [
    ("{}", ["{}"]), (" [ ] ", ["[]"]), ("7", ["7"]), ("\"a{[,:]}\\\"\"", ["\"a{[,:]}\\\"\""]),
    (
      "{\"a\" :\n[1,{\"b\":null}]}",
      ["{", "  \"a\": [", "    1,", "    {", "      \"b\": null", "    }", "  ]", "}"]
    ),
    ("\"\u{202E}\\ud800\"", ["\"\\u202e\\ud800\""]),
  ])
  func `JSON is indented, its strings as they were written`(json: String, lines: [String]) {
    #expect(jsonLines(Array(json.utf8)) == lines)
  }

  @Test func `bytes that are no text are shown as digits and letters`() {
    let shown = ShownBytes([0xFF, 0x00] + Array("0123456789abcdef".utf8))
    #expect(
      shown.lines == [
        "0000  ff 00 30 31 32 33 34 35 36 37 38 39 61 62 63 64  ..0123456789abcd",
        "0010  65 66                                            ef",
      ])
  }

  @Test func `attempts of older programs have no parts`() {
    #expect(phases(of: ExchangeTimes()) == nil)
  }

  @Test func `the raw form holds the bodies byte by byte`() {
    let body: [UInt8] = [0xFF, 0, 13, 10, 0x1B]
    let raw = exchange(body: body, answer: answer).rawBytes
    let head = "POST /it's?a=1 HTTP/1.1\r\nHost: hooks.example.com\r\n"
    #expect(raw.starts(with: Array(head.utf8)))
    let between = Array("\r\n\r\n".utf8) + body + Array("\r\n\r\nHTTP/1.1 503 Service".utf8)
    #expect(raw.contains(between))
    #expect(raw.suffix(answer.body.count).elementsEqual(answer.body))
  }

  @Test func `an event is shown with its body, what changed and its payloads, once each`() {
    let row: Record = [
      "position": .integer(20), "type": .text("change.observed"), "cause": .null,
      "body": .json(#"{"kind":"UPDATED"}"#), "payloads": .json(#"[{"content":{"a":"\ud800"}}]"#),
      "object": .json(#"{"a":"\ud800"}"#),
      "differences": .json(
        #"[{"field":"a","before":null,"after":"x"},{"field":"long","before":"\#(long)","after":1}]"#
      ),
    ]
    let screen = EventScreen(palette: .plain, moments: .utc, width: 60)
    let item = RecordedPayload(
      field: "item", digest: "00", bytes: Array(#"{"a":"\ud800"}"#.utf8))
    let gone = RecordedPayload(field: "request", digest: "01", bytes: nil)
    #expect(
      screen.lines(row, payloads: [item, gone]).joined(separator: "\n") == #"""
        position = 20
            type = change.observed

        body
          {
            "kind": "UPDATED"
          }

        changed since the version before
          a  – → "x"
          long
            "\#(long)"
          → 1

        item  14 bytes
          {
            "a": "\ud800"
          }

        request  not kept any more
        """#)
  }

  private let long = String(repeating: "0123456789", count: 6)

  @Test func `a record with objects is an outline`() throws {
    let record: Record = [
      "id": .integer(1), "tags": .json(#"["Docs","Team"]"#), "note": .null,
      "configuration": .json(
        #"{"interval":"15","empty":null,"poller":"{\"calendars\":{\"idField\":\"id\"}}","#
          + #""list":[{"a":1},"b"]}"#),
    ]
    var text = ""
    let destination = Destination(isTerminal: true, columns: 60, rows: 24)
    var writer = RecordWriter(
      Presentation(destination: destination, color: .never), single: true
    ) { text += $0 }
    try writer.begin(columns: record.names)
    try writer.write(record)
    try writer.end()
    #expect(
      text == """
          id = 1
        tags = ["Docs","Team"]
        note =
        configuration
          interval = 15
          empty =
          poller
            calendars
              idField = id
          list
            -
              a = 1
            - b

        """)
  }
}
