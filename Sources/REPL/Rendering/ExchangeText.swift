import Daybook
import Events

/// An attempt as the HTTP exchange that it was.
///
///     > POST https://hooks.example.com/daybook
///     > Content-Type: application/json
///     >
///     {
///       "id": "4297861"
///     }
///
///     < 503 Service Unavailable
///     < Retry-After: 5
///     <
///     Try again later.
///
///     127.0.0.1 answered in 12 ms: name 0.4, connect 0.3, TLS 6.6, waiting 5.1, reading 0.1 ms
///     attempt 1, by schedule, failed: the receiver answered 503; next attempt 09:05:05.210Z
struct ExchangeText {
  let palette: Palette
  let moments: MomentStyle

  /// The lines, without anything that a terminal would obey.
  func lines(_ exchange: RecordedExchange) -> [String] {
    var lines = request(exchange)
    if let answer = exchange.outcome?.answer {
      lines += [""] + self.answer(answer, of: exchange)
    }
    return lines + [""] + end(exchange)
  }

  private func request(_ exchange: RecordedExchange) -> [String] {
    var lines = ["> " + palette.styled(visible("\(exchange.method) \(exchange.url)"), .heading)]
    if let headers = exchange.headers {
      lines += fields(headers, mark: ">")
    } else {
      lines.append("> (the header fields are not kept any more)")
    }
    lines.append(">")
    guard let body = exchange.body else { return lines + ["(the body is not kept any more)"] }
    return lines + self.body(body, of: exchange.position)
  }

  private func answer(
    _ answer: RecordedExchange.Answer, of exchange: RecordedExchange
  ) -> [String] {
    let status = statusLine(answer.status)
    let style = Emphasis.style(of: .integer(Int64(answer.status)), in: "status") ?? .heading
    var lines = ["< " + palette.styled(status, style)] + fields(answer.headers, mark: "<") + ["<"]
    lines += body(answer.body, of: exchange.position)
    let unkept = answer.bodyBytes - Int64(answer.body.count)
    if unkept > 0 { lines.append(faint("… \(bytes(unkept)) more came and are not kept")) }
    if let failure = answer.bodyFailure {
      lines.append(faint("… the rest did not come: \(visible(failure))"))
    }
    return lines
  }

  private func fields(_ fields: [RecordedExchange.Field], mark: String) -> [String] {
    fields.map { field in
      let value = visible(field.value)
      return "\(mark) \(visible(field.name)): \(field.isMasked ? faint(value) : value)"
    }
  }

  private func body(_ body: [UInt8], of position: Int64) -> [String] {
    let shown = ShownBytes(body)
    guard shown.left > 0 else { return shown.lines }
    return shown.lines
      + [faint("… \(bytes(Int64(shown.left))) more; `show \(position) --raw` writes all")]
  }

  private func end(_ exchange: RecordedExchange) -> [String] {
    let occasion = exchange.trigger.map { ", \(words(for: $0))," } ?? ""
    let attempt = "attempt \(exchange.attempt)\(occasion)"
    guard let outcome = exchange.outcome else {
      return reason(exchange) + ["\(attempt) is under way since \(moments.text(exchange.sentAt))"]
    }
    var lines: [String] = []
    if let milliseconds = outcome.durationMilliseconds {
      let address = outcome.address.map { visible($0) } ?? "nobody"
      let verb = outcome.answer == nil ? "gave no answer" : "answered"
      let parts = phases(of: outcome.times).map { ": \($0)" } ?? ""
      lines.append("\(address) \(verb) in \(milliseconds) ms\(parts)")
    }
    let word = outcome.word == "unknown" ? "has an unknown outcome" : outcome.word
    var line = "\(attempt) "
    line +=
      Emphasis.style(of: .text(outcome.word), in: "status").map { palette.styled(word, $0) }
      ?? word
    if let text = outcome.text { line += ": \(visible(text))" }
    if let next = outcome.nextAt {
      line += "; next attempt \(moments.text(next))"
    } else if outcome.word != "succeeded", exchange.trigger != .probe {
      line += "; no attempt follows"
    }
    return lines + reason(exchange) + [line]
  }

  private func reason(_ exchange: RecordedExchange) -> [String] {
    let who = exchange.askedBy.map { " by \(visible($0))" } ?? ""
    guard let reason = exchange.reason else { return who.isEmpty ? [] : ["asked for\(who)"] }
    return ["asked for\(who): \(visible(reason))"]
  }

  private func words(for trigger: AttemptTrigger) -> String {
    switch trigger {
    case .schedule: "by schedule"
    case .retry: "a retry"
    case .hand: "by hand"
    case .replay: "by a replay"
    case .probe: "a probe"
    }
  }

  private func faint(_ text: String) -> String { palette.styled(text, .faint) }
}

/// The time that each step took, in milliseconds; nil where no times were taken.
///
///     name 0.4, connect 0.3, TLS 6.6, waiting 5.1, reading 0.1 ms
///     connection kept from before, waiting 5.1, reading 0.1 ms
func phases(of times: ExchangeTimes) -> String? {
  guard let end = times.end else { return nil }
  var parts: [String] = []
  var begin: Int64 = 0
  func add(_ name: String, until time: Int64?) {
    guard let time else { return }
    let tenths = (max(time - begin, 0) + 50) / 100
    parts.append("\(name) \(tenths / 10).\(tenths % 10)")
    begin = time
  }
  if times.name == nil, times.firstByte != nil { parts.append("connection kept from before") }
  add("name", until: times.name)
  add("connect", until: times.connect)
  add("TLS", until: times.tls)
  add("waiting", until: times.firstByte)
  add(times.firstByte == nil ? "waiting" : "reading", until: end)
  return parts.joined(separator: ", ") + " ms"
}

/// A number of bytes in words.
func bytes(_ count: Int64) -> String { count == 1 ? "1 byte" : "\(count) bytes" }

/// A status with its phrase.
///
/// Source: RFC 9110, §15, and RFC 6585.
func statusLine(_ status: Int) -> String {
  let phrases = [
    200: "OK", 201: "Created", 202: "Accepted", 203: "Non-Authoritative Information",
    204: "No Content", 205: "Reset Content", 206: "Partial Content", 300: "Multiple Choices",
    301: "Moved Permanently", 302: "Found", 303: "See Other", 304: "Not Modified",
    307: "Temporary Redirect", 308: "Permanent Redirect", 400: "Bad Request", 401: "Unauthorized",
    402: "Payment Required", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
    406: "Not Acceptable", 407: "Proxy Authentication Required", 408: "Request Timeout",
    409: "Conflict", 410: "Gone", 411: "Length Required", 412: "Precondition Failed",
    413: "Content Too Large", 414: "URI Too Long", 415: "Unsupported Media Type",
    417: "Expectation Failed", 421: "Misdirected Request", 422: "Unprocessable Content",
    425: "Too Early", 426: "Upgrade Required", 428: "Precondition Required",
    429: "Too Many Requests", 431: "Request Header Fields Too Large",
    451: "Unavailable For Legal Reasons", 500: "Internal Server Error", 501: "Not Implemented",
    502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout",
    505: "HTTP Version Not Supported",
  ]
  return phrases[status].map { "\(status) \($0)" } ?? "\(status)"
}
