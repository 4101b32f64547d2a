import Crypto
import EventStore
import Events
import RawJSON

/// Payloads that are kept beside an event, to be shown.
struct Exhibits {
  let reader: JournalReader
  /// Fields of bodies that name payloads.
  private static let names = [
    "item", "body", "request", "response", "answer", "evidence", "manifests", "selected",
  ]
  /// Events that say what came of an attempt.
  private static let outcomes = [
    DeliverySucceeded.type, DeliveryFailed.type, DeliveryUnknown.type, ProbeConcluded.type,
  ]

  /// The row of an event with `payloads`, and of an attempt with `request` and `response`.
  func added(to row: Row) async throws -> Row {
    var row = row
    func add(_ name: String, _ json: String) {
      row.names.append(name)
      row.values.append(.json(json))
    }
    let parts = try await payloads(of: row).map { payload in
      let content = payload.bytes.map(Exhibits.shown) ?? "null"
      return "{\"field\":\(quoted(payload.field)),\"digest\":\(quoted(payload.digest)),"
        + "\"bytes\":\(payload.bytes?.count ?? 0),\"content\":\(content)}"
    }
    add("payloads", "[\(parts.joined(separator: ","))]")
    let isAttempt = [DeliveryAttempted.type, ProbeAttempted.type].contains(row["type"]?.string)
    if isAttempt, let exchange = try await exchange(of: row) {
      add("request", Exhibits.request(exchange))
      add("response", exchange.outcome?.answer.map(Exhibits.response) ?? "null")
      add("attempt", Exhibits.attempt(exchange))
    }
    return row
  }

  /// Payloads that an event names, in the order of the fields.
  func payloads(of row: Row) async throws -> [RecordedPayload] {
    let body = Exhibits.body(of: row)
    var payloads: [RecordedPayload] = []
    for name in Exhibits.names {
      let value = body?[name]
      for digest in value?.elements?.compactMap(\.text) ?? [value?.text].compactMap({ $0 }) {
        payloads.append(
          RecordedPayload(field: name, digest: digest, bytes: try await bytes(digest)))
      }
    }
    return payloads
  }

  /// The attempt that an event is, or tells the outcome of; nil for other events.
  func exchange(of row: Row) async throws -> RecordedExchange? {
    guard let type = row["type"]?.string, let stream = row["stream"]?.string,
      let own = row["position"]?.integer
    else { return nil }
    let position = Exhibits.outcomes.contains(type) ? row["cause"]?.integer : own
    let isAttempt = type == DeliveryAttempted.type || type == ProbeAttempted.type
    guard let position, position != own || isAttempt else { return nil }
    let limit = await reader.asOf ?? .max
    let events = try await reader.read { snapshot throws(JournalError) in
      try snapshot.events(of: StreamName(stored: stream))
    }
    let outcome = events.first {
      $0.cause == position && Exhibits.outcomes.contains($0.type) && $0.position <= limit
    }
    switch try events.first(where: { $0.position == position })?.event() {
    case .deliveryAttempted(let attempt):
      return try await exchange(attempt, at: position, in: events, outcome)
    case .probeAttempted(let attempt): return try await exchange(attempt, at: position, outcome)
    default: return nil
    }
  }

  private func exchange(
    _ attempt: ProbeAttempted, at position: Int64, _ outcome: RecordedEvent?
  ) async throws -> RecordedExchange {
    let headers = try await optional(attempt.request).flatMap { try? JSON.parse($0) }
    return RecordedExchange(
      position: position, attempt: 1, trigger: .probe, reason: attempt.reason,
      askedBy: attempt.askedBy,
      sentAt: Moment(milliseconds: attempt.sentAtMs), method: "POST", url: attempt.url,
      headers: headers.map(Exhibits.fields), body: try await optional(attempt.body),
      outcome: try await self.outcome(outcome))
  }

  private func exchange(
    _ attempt: DeliveryAttempted, at position: Int64, in events: [RecordedEvent],
    _ outcome: RecordedEvent?
  ) async throws -> RecordedExchange {
    let requested = Exhibits.json(events.first?.body ?? "{}")
    let headers = try await optional(attempt.request).flatMap { try? JSON.parse($0) }
    let before = events.prefix { $0.position < position }
    let asked = try await reader.read { snapshot throws(JournalError) in
      try AttemptOccasion(of: attempt, after: before, in: snapshot)
    }
    return RecordedExchange(
      position: position, attempt: Int64(attempt.attempt), trigger: asked.trigger,
      reason: asked.reason, askedBy: asked.askedBy, sentAt: Moment(milliseconds: attempt.sentAtMs),
      method: "POST",
      url: attempt.url,
      headers: headers.map(Exhibits.fields),
      body: try await optional(requested?["body"]?.text),
      outcome: try await self.outcome(outcome))
  }

  private func outcome(_ event: RecordedEvent?) async throws -> RecordedExchange.Outcome? {
    guard let event else { return nil }
    let body = Exhibits.json(event.body)
    func moment(_ name: String) -> Moment? {
      body?[name]?.integer.map { Moment(milliseconds: Int64($0)) }
    }
    return RecordedExchange.Outcome(
      position: event.position, word: Exhibits.word(event, body),
      error: body?["error"]?.text, text: body?["text"]?.text,
      durationMilliseconds: body?["duration_ms"]?.integer.map(Int64.init),
      times: try event.event().times,
      address: body?["address"]?.text, nextAt: moment("retry_at_ms"),
      answer: try await answer(body))
  }

  /// The type of an outcome without its first word; of a probe the word for what its receiver said.
  private static func word(_ event: RecordedEvent, _ body: JSON?) -> String {
    guard event.type == ProbeConcluded.type else {
      return String(event.type.dropFirst("delivery.".count))
    }
    return body?["error"] == nil ? "succeeded" : "failed"
  }

  /// An answer is kept as `{"headers":[[…]],"status":204}`, a blank line, and the body’s bytes.
  private func answer(_ outcome: JSON?) async throws -> RecordedExchange.Answer? {
    guard let bytes = try await optional(outcome?["response"]?.text),
      let split = bytes.firstIndex(of: 10), let head = try? JSON.parse(Array(bytes[..<split])),
      let status = head["status"]?.integer
    else { return nil }
    let body = Array(bytes.dropFirst(split + 2))
    let count = outcome?["response_bytes"]?.integer.map(Int64.init) ?? Int64(body.count)
    return RecordedExchange.Answer(
      status: status, headers: head["headers"].map(Exhibits.fields) ?? [], body: body,
      bodyBytes: count,
      bodyDigest: head["digest"]?.text ?? Exhibits.digest(of: body, count: count),
      bodyFailure: outcome?["response_failure"]?.text)
  }

  private func optional(_ digest: String?) async throws -> [UInt8]? {
    guard let digest else { return nil }
    return try await bytes(digest)
  }

  private func bytes(_ digest: String) async throws -> [UInt8]? {
    do {
      return try await reader.read { snapshot throws(JournalError) in try snapshot.payload(digest) }
    } catch JournalError.noPayload {
      return nil
    }
  }
}

extension Exhibits {
  private static func body(of row: Row) -> JSON? { json(row["body"]?.string ?? "{}") }

  private static func json(_ text: String) -> JSON? { try? JSON.parse(Array(text.utf8)) }

  private static func fields(_ headers: JSON) -> [RecordedExchange.Field] {
    (headers.elements ?? []).compactMap { pair in
      guard let parts = pair.elements, parts.count == 2, let name = parts[0].text else {
        return nil
      }
      return RecordedExchange.Field(name: name, value: parts[1].text ?? "")
    }
  }

  private static func list(_ fields: [RecordedExchange.Field]) -> String {
    let json = JSON.array(fields.map { .array([.string($0.name), .string($0.value)]) })
    return String(decoding: json.bytes(), as: UTF8.self)
  }

  private static func request(_ exchange: RecordedExchange) -> String {
    "{\"method\":\"POST\",\"url\":\(quoted(exchange.url)),"
      + "\"headers\":\(exchange.headers.map(list) ?? "null"),"
      + "\"body\":\(exchange.body.map(shown) ?? "null")}"
  }

  private static func response(_ answer: RecordedExchange.Answer) -> String {
    "{\"headers\":\(list(answer.headers)),\"status\":\(answer.status),"
      + "\"bytes\":\(answer.bodyBytes),\"digest\":\(json(answer.bodyDigest)),"
      + "\"failure\":\(json(answer.bodyFailure)),\"body\":\(shown(answer.body))}"
  }

  /// The rest of an attempt: what asked for it, who answered, and when it had come how far.
  private static func attempt(_ exchange: RecordedExchange) -> String {
    let outcome = exchange.outcome
    let duration = outcome?.durationMilliseconds.map(String.init) ?? "null"
    return "{\"trigger\":\(json(exchange.trigger?.rawValue)),\"reason\":\(json(exchange.reason)),"
      + "\"askedBy\":\(json(exchange.askedBy)),"
      + "\"outcome\":\(json(outcome?.word)),\"errorClass\":\(json(outcome?.error)),"
      + "\"error\":\(json(outcome?.text)),\"address\":\(json(outcome?.address)),"
      + "\"durationMs\":\(duration),\"times\":\(json(outcome?.times ?? ExchangeTimes()))}"
  }

  private static func json(_ text: String?) -> String { text.map(quoted) ?? "null" }

  /// The times as an object of microseconds; null where none was taken.
  ///
  ///     {"nameUs":410,"connectUs":690,"tlsUs":null,"firstByteUs":12300,"endUs":12410}
  static func json(_ times: ExchangeTimes) -> String {
    if times == ExchangeTimes() { return "null" }
    func member(_ name: String, _ time: Int64?) -> String {
      "\"\(name)\":\(time.map(String.init) ?? "null")"
    }
    let members = [
      member("nameUs", times.name), member("connectUs", times.connect),
      member("tlsUs", times.tls), member("firstByteUs", times.firstByte),
      member("endUs", times.end),
    ]
    return "{\(members.joined(separator: ","))}"
  }

  /// The digest of a body that is kept whole; nil where it is not, or was masked.
  private static func digest(of body: [UInt8], count: Int64) -> String? {
    guard body.count == count, !body.contains(InstanceObject.masked.utf8) else { return nil }
    return hexadecimal(SHA256.hash(data: body))
  }

  /// JSON nested as it is, also with half of a surrogate pair in it; text as a string; anything
  /// else as its hexadecimal digits.
  static func shown(_ bytes: [UInt8]) -> String {
    var scanner = JSONScanner(bytes)
    if (try? scanner.value()) != nil, (try? scanner.end()) != nil {
      return String(decoding: bytes, as: UTF8.self)
    }
    if let text = String(validating: bytes, as: UTF8.self) { return quoted(text) }
    return quoted(hexadecimal(bytes))
  }
}
