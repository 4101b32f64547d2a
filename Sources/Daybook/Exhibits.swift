import EventStore
import Events
import RawJSON

/// Payloads that are kept beside an event, as JSON to be shown.
struct Exhibits {
  let reader: JournalReader
  /// Fields of bodies that name payloads.
  private static let names = [
    "item", "body", "request", "response", "answer", "evidence", "manifests", "selected",
  ]

  /// The row of an event with `payloads`, and of an attempt with `request` and `response`.
  func added(to row: Row) async throws -> Row {
    var row = row
    func add(_ name: String, _ json: String) {
      row.names.append(name)
      row.values.append(.json(json))
    }
    let body = try? JSON.parse(Array((row["body"]?.string ?? "{}").utf8))
    add("payloads", try await payloads(of: body))
    if row["type"]?.string == DeliveryAttempted.type, let stream = row["stream"]?.string,
      let position = row["position"]?.integer
    {
      let exchange = try await exchange(position, StreamName(stored: stream), body)
      add("request", exchange.request)
      add("response", exchange.response)
    }
    return row
  }

  private func payloads(of body: JSON?) async throws -> String {
    var parts: [String] = []
    for name in Self.names {
      let value = body?[name]
      for digest in value?.elements?.compactMap(\.text) ?? [value?.text].compactMap({ $0 }) {
        let content = try await content(digest)
        parts.append(
          "{\"field\":\(quoted(name)),\"digest\":\(quoted(digest)),\"bytes\":\(content.count),"
            + "\"content\":\(content.json)}")
      }
    }
    return "[\(parts.joined(separator: ","))]"
  }

  /// The attempt’s request and, where there was one, the answer to it.
  private func exchange(
    _ position: Int64, _ stream: StreamName, _ attempted: JSON?
  ) async throws -> (request: String, response: String) {
    let events = try await reader.read { snapshot throws(JournalError) in
      try snapshot.events(of: stream)
    }
    var body = "null"
    var outcome: JSON?
    for row in events {
      let json = try? JSON.parse(Array(row.body.utf8))
      if row.type == DeliveryRequested.type, let digest = json?["body"]?.text {
        body = try await content(digest).json
      }
      if row.cause == position, row.type != DeliveryAttempted.type, outcome == nil {
        outcome = json
      }
    }
    let headers = try await optional(attempted?["request"]?.text)
    let request =
      "{\"method\":\"POST\",\"url\":\(quoted(attempted?["url"]?.text ?? "")),"
      + "\"headers\":\(headers),\"body\":\(body)}"
    return (request, try await answer(outcome))
  }

  private func answer(_ outcome: JSON?) async throws -> String {
    guard let digest = outcome?["response"]?.text,
      let bytes = try await bytes(digest),
      let split = bytes.firstIndex(of: 10)
    else { return "null" }
    let head = String(decoding: bytes[..<split], as: UTF8.self)
    let rest = Array(bytes.dropFirst(split + 2))
    return String(head.dropLast()) + ",\"body\":\(Self.shown(rest))}"
  }

  private func optional(_ digest: String?) async throws -> String {
    guard let digest else { return "null" }
    return try await content(digest).json
  }

  private func bytes(_ digest: String) async throws -> [UInt8]? {
    do {
      return try await reader.read { snapshot throws(JournalError) in try snapshot.payload(digest) }
    } catch JournalError.noPayload {
      return nil
    }
  }

  private func content(_ digest: String) async throws -> (json: String, count: Int) {
    guard let bytes = try await bytes(digest) else { return ("null", 0) }
    return (Self.shown(bytes), bytes.count)
  }

  /// JSON nested as it is; text as a string; anything else as its hexadecimal digits.
  private static func shown(_ bytes: [UInt8]) -> String {
    if (try? JSON.parse(bytes)) != nil { return String(decoding: bytes, as: UTF8.self) }
    if let text = String(validating: bytes, as: UTF8.self) { return quoted(text) }
    return quoted(hexadecimal(bytes))
  }
}
