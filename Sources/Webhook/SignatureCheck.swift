package import Domain
package import Events

/// The finding about one signature that a receiver got, and what it is probably due to.
package struct SignatureCheck: Sendable, Equatable {
  /// The header that was checked.
  package let header: String
  package let isValid: Bool
  /// Where it is valid, which key it was made with; where it is not, a likely cause.
  package let reason: String

  /// Checks each signature among the headers.
  ///
  /// - Parameters:
  ///   - keys: The one in force first.
  ///   - now: The receiver’s time; nil to pass over the age.
  package static func all(
    of headers: [Header], body: [UInt8], keys: [String], now: Moment?
  ) -> [SignatureCheck] {
    let values = Dictionary(headers.map { ($0.name.lowercased(), $0.value) }) { first, _ in first }
    var checks: [SignatureCheck] = []
    if let received = values["elements-webhook-signature"] {
      checks.append(
        check("Elements-Webhook-Signature", body, keys) { body, key in
          Signature.isElements(received, of: body, key: key)
        })
    }
    if let received = values["webhook-signature"] {
      checks.append(standard(received, values, body, keys, now))
    }
    return checks
  }

  private static func standard(
    _ received: String, _ values: [String: String], _ body: [UInt8], _ keys: [String],
    _ now: Moment?
  ) -> SignatureCheck {
    let name = "webhook-signature"
    guard let id = values["webhook-id"], let timestamp = values["webhook-timestamp"] else {
      let missing = ["webhook-id", "webhook-timestamp"].filter { values[$0] == nil }
      return SignatureCheck(
        header: name, isValid: false,
        reason:
          "it covers \(missing.joined(separator: " and ")), which \(missing.count == 1 ? "is" : "are") not given"
      )
    }
    func isRight(_ body: [UInt8], _ key: String, at now: Moment?) -> Bool {
      Signature.isStandard(
        received, id: id, timestamp: timestamp, body: body, key: key, now: now)
    }
    let found = check(name, body, keys) { isRight($0, $1, at: nil) }
    guard found.isValid, let now, !keys.contains(where: { isRight(body, $0, at: now) }) else {
      return found
    }
    return SignatureCheck(
      header: name, isValid: false,
      reason: "the signature is right, but its time is more than 5 minutes off")
  }

  /// - Parameter isRight: Judges a body under a key.
  private static func check(
    _ name: String, _ body: [UInt8], _ keys: [String], _ isRight: ([UInt8], String) -> Bool
  ) -> SignatureCheck {
    if let place = keys.firstIndex(where: { isRight(body, $0) }) {
      return SignatureCheck(
        header: name, isValid: true,
        reason: place == 0 ? "made with the key in force" : "made with the key before")
    }
    for (cause, other) in slips(of: body) where keys.contains(where: { isRight(other, $0) }) {
      return SignatureCheck(header: name, isValid: false, reason: cause)
    }
    return SignatureCheck(
      header: name, isValid: false,
      reason: "it is of another body or made with another key; it covers the bytes as they came,"
        + " before anything parses or prints them")
  }

  /// The body as it was before editors and shells changed it, by what they do.
  private static func slips(of body: [UInt8]) -> [(String, [UInt8])] {
    var slips: [(String, [UInt8])] = []
    if body.last == 10 {
      slips.append(
        ("right without the line break at the end, which was not sent", body.dropLast() + []))
      if body.dropLast().last == 13 {
        slips.append(
          ("right without the line break at the end, which was not sent", body.dropLast(2) + []))
      }
    } else {
      slips.append(("right with a line break at the end, which was sent", body + [10]))
    }
    if body.starts(with: [0xEF, 0xBB, 0xBF]) {
      slips.append(
        ("right without the byte order mark, which was not sent", body.dropFirst(3) + []))
    }
    if body.contains(13) {
      slips.append(("right with LF in the place of CR LF", body.filter { $0 != 13 }))
    }
    return slips
  }
}
