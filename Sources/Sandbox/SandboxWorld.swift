package import Events
package import GoogleFake

/// All that stands under one address: Google, the receiver, and their control.
///
///     /o/oauth2/v2/auth  /token  /revoke  /calendar/v3/…     Google's own paths
///     /receiver/…                                            callbacks
///     /sandbox/…                                             control, see docs/sandbox.md
package struct SandboxWorld: Sendable {
  package var google: FakeGoogle
  package var receiver = FakeReceiver()
  /// Requests answered since the start or the last reset, by the three parts.
  package private(set) var requests = (google: 0, receiver: 0, control: 0)
  private let seed: UInt64

  package init(seed: UInt64 = 1) {
    self.seed = seed
    google = FakeGoogle(seed: seed)
  }

  /// Answers one request; never waits and never performs anything.
  package mutating func answer(_ request: FakeRequest, at now: Moment) -> FakeAnswer {
    if request.path.hasPrefix("/receiver/") {
      requests.receiver += 1
      return receiver.answer(request, at: now)
    }
    if request.path.hasPrefix("/sandbox/") {
      requests.control += 1
      return control(request, at: now)
    }
    requests.google += 1
    return google.answer(request, at: now)
  }

  /// Everything as it was at the start, from the same seed.
  package mutating func reset() {
    self = SandboxWorld(seed: seed)
  }
}
