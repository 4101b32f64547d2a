import Domain

/// A failure that can be thrown or stand in a result.
struct Inadmissible: Error {
  let failure: NetworkFailure
}

/// Judges, before any name is looked up, where a request goes to, or why it cannot be sent.
///
/// - Parameter known: The origin that the same URL was read as before.
func admission(
  of request: Request, _ rules: AddressRules, known: Origin? = nil
) -> Result<Origin, Inadmissible> {
  let origin: Origin
  do throws(URLFault) {
    if let known {
      origin = known
    } else {
      origin = try Origin(of: request.url, bytesMax: Origin.sentBytesMax)
    }
  } catch {
    return .failure(Inadmissible(failure: NetworkFailure(.badURL, error.text)))
  }
  if request.reach == .callback, let reason = rules.refusal(ofPort: origin.port) {
    return .failure(Inadmissible(failure: NetworkFailure(.blocked, reason)))
  }
  if let address = origin.address,
    let reason = refusal(of: address, for: request.reach, at: origin, rules)
  {
    let failure = NetworkFailure(.blocked, reason + origin.remark, address: "\(address)")
    return .failure(Inadmissible(failure: failure))
  }
  if let text = headerFault(request.headers) {
    return .failure(Inadmissible(failure: NetworkFailure(.badURL, text)))
  }
  return .success(origin)
}

/// Why an address may not be connected to, as a short sentence; nil where it may.
func refusal(
  of address: Address, for reach: Reach, at origin: Origin, _ rules: AddressRules
) -> String? {
  switch reach {
  case .provider:
    if origin.scheme == .https || address.isLoopback { return nil }
    return "\(address) is no loopback address, and only those are asked over plain http"
  case .callback:
    guard case .blocked(let reason) = rules.verdict(on: address, host: origin.host) else {
      return nil
    }
    return reason
  }
}

/// Headers that say how long the message is; a second opinion would let one request look like two.
private let framing = ["content-length", "transfer-encoding"]

private func headerFault(_ headers: [Header]) -> String? {
  for header in headers {
    if !header.hasTokenName {
      return "A header’s name holds a character that none may hold"
    }
    if header.value.utf8.contains(where: { $0 == 0 || $0 == 10 || $0 == 13 }) {
      return "The value of the header \(header.name) holds a line break or a zero byte"
    }
    if framing.contains(where: header.isNamed) {
      return "The header \(header.name) is the client’s own to set"
    }
  }
  return nil
}

extension Header {
  /// Compares its name, without case, with one that is in lower case.
  func isNamed(_ name: String) -> Bool {
    self.name.utf8.count == name.utf8.count
      && zip(self.name.utf8, name.utf8).allSatisfy { given, wanted in
        given == wanted || (65...90).contains(given) && given + 32 == wanted
      }
  }
}
