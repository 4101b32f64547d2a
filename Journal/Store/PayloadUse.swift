package import Events

/// The use of a payload that people alone need; state, which folding needs, has none.
package enum PayloadUse: String, Sendable, CaseIterable {
  /// Pages of polls, as they came.
  case pages
  /// Objects, as they came: titles, addresses and texts stand in these.
  case items
  /// Bodies of notifications.
  case bodies
  /// Header fields that were sent.
  case requests
  /// Answers of receivers, and of the provider where it did not give what was asked for.
  case responses
}

extension Event {
  /// The digests of evidence that it names, and the use of it.
  package var evidence: (use: PayloadUse, digests: [String]) {
    switch self {
    case .pollCompleted(let body): (.pages, body.evidence)
    case .pollDiscarded(let body): (.pages, body.evidence)
    case .changeObserved(let body): (.items, body.item.map { [$0] } ?? [])
    case .deliveryRequested(let body): (.bodies, [body.body])
    case .deliveryAttempted(let body): (.requests, body.request.map { [$0] } ?? [])
    case .deliverySucceeded(let body): (.responses, body.response.map { [$0] } ?? [])
    case .deliveryFailed(let body): (.responses, body.response.map { [$0] } ?? [])
    case .pollFailed(let body): (.responses, body.answer.map { [$0] } ?? [])
    case .objectMissed(let body): (.responses, body.answer.map { [$0] } ?? [])
    default: (.responses, [])
    }
  }
}
