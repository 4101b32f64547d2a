import Domain
import Events
import RawJSON
import Webhook

/// Headers as they are sent, and what of an exchange is kept as evidence.
extension Deliverer {
  /// The headers of one attempt.
  func headers(
    _ facts: DeliveryFacts, to url: String, attempt: Int, at sentAt: Moment, body: [UInt8]
  ) -> [Header] {
    let (requested, secrets) = (facts.requested, facts.known.secrets)
    let isTrusted = facts.isTrusted
    let head = AttemptHead(
      host: known(url: url).host,
      notification: requested.notification.number ?? 0, attempt: attempt,
      sequence: requested.sequence, replay: requested.replay, sentAt: sentAt,
      keys: secrets.signatureKeys(at: sentAt),
      username: isTrusted ? secrets["event.notification.basic.username"] : nil,
      password: isTrusted ? secrets["event.notification.basic.password"] : nil,
      extra: isTrusted ? facts.known.extraHeaders : [])
    return Headers.make(head, body: body)
  }

  /// Headers whose values are shown to people; those of all others are masked.
  private static let plainHeaders: Set<String> = [
    "host", "content-type", "content-length", "user-agent", "elements-webhook-id",
    "elements-webhook-signature", "webhook-id", "webhook-timestamp", "webhook-signature",
    "daybook-attempt", "daybook-sequence", "daybook-replay", "daybook-probe",
  ]

  /// The header fields as JSON, credentials masked: `[["Content-Type","application/json"],…]`.
  static func listed(_ headers: [Header]) -> [UInt8] {
    JSON.array(
      headers.map { header in
        let isPlain = plainHeaders.contains(header.name.lowercased())
        return .array([.string(header.name), .string(isPlain ? header.value : "********")])
      }
    ).bytes()
  }

  /// An answer as JSON, a blank line, and the body’s bytes as they came, secrets masked:
  ///
  ///     {"digest":"2cf2…","headers":[["Retry-After","5"]],"status":503}
  ///
  ///     Try again later.
  ///
  /// The digest is SHA-256 of the whole body as far as it was read; it is there where that is more
  /// than is kept. Where a secret was masked it is left out, since a short one could be guessed by
  /// it.
  static func listed(_ reply: Reply, _ redaction: Redaction) -> [UInt8] {
    let clean = redaction.clean(reply)
    let hidden: Set<String> = ["set-cookie", "authorization", "www-authenticate"]
    let headers = clean.headers.map { header in
      JSON.array([
        .string(header.name),
        .string(hidden.contains(header.name.lowercased()) ? "********" : header.value),
      ])
    }
    var head = Members()
    if let digest = reply.bodyDigest, clean.body == reply.body {
      head["digest"] = .string(hexadecimal(digest))
    }
    head["headers"] = .array(headers)
    head["status"] = .number(reply.status)
    return JSON.object(head).bytes() + [10, 10] + clean.body
  }
}
