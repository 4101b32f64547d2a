package import Domain
package import Events

/// The facts that the headers of one attempt tell beyond the body.
package struct AttemptHead: Sendable, Equatable {
  /// The authority of the URL, such as `hooks.example.com:8443`.
  package var host: String
  /// The notification's number; its decimal form is the id in headers and body.
  package var notification: UInt64
  /// Counted from 1.
  package var attempt: Int
  /// Grows with every poll, so that a receiver can drop what is older than what it has of an
  /// object; nil for a probe, which is of none.
  package var sequence: Int64?
  /// The replay that asks for this; nil for a first delivery or a redelivery.
  package var replay: ReplayID?
  /// When this attempt begins; the signature covers it.
  package var sentAt: Moment
  /// The key in force, then the one before it while both sign; none: nothing is signed.
  package var keys: [String]
  /// For Basic authorization, given by either of the two.
  package var username: String?
  package var password: String?
  /// The operator's own, as `Headers.extra(_:)` accepted them.
  package var extra: [Header]

  /// The parts as given, unchecked.
  package init(
    host: String, notification: UInt64, attempt: Int, sequence: Int64?, replay: ReplayID? = nil,
    sentAt: Moment, keys: [String] = [], username: String? = nil, password: String? = nil,
    extra: [Header] = []
  ) {
    self.host = host
    self.notification = notification
    self.attempt = attempt
    self.sequence = sequence
    self.replay = replay
    self.sentAt = sentAt
    self.keys = keys
    self.username = username
    self.password = password
    self.extra = extra
  }
}

/// The headers of a notification.
///
///     Host: hooks.example.com
///     Content-Type: application/json
///     User-Agent: daybook
///     Elements-Webhook-Id: 1500001
///     Elements-Webhook-Signature: sha256=…      with a key
///     webhook-id: 1500001
///     webhook-timestamp: 1795424701
///     webhook-signature: v1,…                   with a key
///     Daybook-Attempt: 1
///     Daybook-Sequence: 12
///     Daybook-Probe: 1                          on a probe, without the line before
///     Daybook-Replay: 3                         on a replay
///     Authorization: Basic …                    with a user name or password
package enum Headers {
  /// All headers of one attempt, in the order in which they are sent, the operator's own last.
  ///
  /// Basic authorization from the settings takes the place of an `Authorization` among the extra
  /// ones.
  package static func make(_ head: AttemptHead, body: [UInt8]) -> [Header] {
    let id = String(head.notification)
    // Unix seconds; moments before 1970 do not send.
    let timestamp = head.sentAt.milliseconds / 1_000
    let keys = head.keys.filter { !$0.isEmpty }
    var headers = [
      Header("Host", head.host), Header("Content-Type", "application/json"),
      Header("User-Agent", "daybook"), Header("Elements-Webhook-Id", id),
    ]
    // The platform’s has room for one.
    if let key = keys.first {
      headers.append(Header("Elements-Webhook-Signature", Signature.elements(body, key: key)))
    }
    headers += [Header("webhook-id", id), Header("webhook-timestamp", String(timestamp))]
    if !keys.isEmpty {
      let signatures = keys.map {
        Signature.standard(id: id, timestampSeconds: timestamp, body: body, key: $0)
      }
      headers.append(Header("webhook-signature", signatures.joined(separator: " ")))
    }
    headers.append(Header("Daybook-Attempt", String(head.attempt)))
    headers.append(
      head.sequence.map { Header("Daybook-Sequence", String($0)) } ?? Header("Daybook-Probe", "1"))
    if let replay = head.replay { headers.append(Header("Daybook-Replay", "\(replay)")) }
    guard let basic = basic(head) else { return headers + head.extra }
    headers.append(Header("Authorization", basic))
    return headers + head.extra.filter { $0.name.lowercased() != "authorization" }
  }

  /// Source: RFC 7617, §2, with UTF-8.
  private static func basic(_ head: AttemptHead) -> String? {
    let username = head.username ?? ""
    let password = head.password ?? ""
    guard !username.isEmpty || !password.isEmpty else { return nil }
    return "Basic \(base64(Array("\(username):\(password)".utf8)))"
  }
}
