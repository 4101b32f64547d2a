package import Events

/// Facts to be appended together, all of them or none.
package struct AppendRequest: Sendable {
  package var newEvents: [NewEvent]
  /// The version that a stream has to be at; streams that are not named are not checked.
  package var expected: [StreamName: Int64]
  /// A request from outside: repeated, it answers the first position and writes nothing.
  package var key: String?
  package var payloads: [Payload]
  /// Payloads staged earlier under this ticket move along.
  package var pollID: Int64?
  /// How many they are: where some are gone, nothing is appended.
  package var stagedCount: Int
  package var secrets: [SecretChange]
  package var at: Moment

  package init(
    _ newEvents: [NewEvent], expecting expected: [StreamName: Int64] = [:], key: String? = nil,
    payloads: [Payload] = [], pollID: Int64? = nil, stagedCount: Int = 0,
    secrets: [SecretChange] = [], at: Moment
  ) {
    self.newEvents = newEvents
    self.expected = expected
    self.key = key
    self.payloads = payloads
    self.pollID = pollID
    self.stagedCount = stagedCount
    self.secrets = secrets
    self.at = at
  }
}

/// An event on its way into the log.
package struct NewEvent: Sendable, Equatable {
  /// The fact that led to it.
  package enum Cause: Sendable, Equatable {
    case none
    case position(Int64)
    /// Another event of the same append, counted from 0.
    case newEvent(Int)
  }

  /// The stream, such as `feed/7`. `replay/*` takes the event's own position in place of the star.
  package var stream: StreamName
  package var event: Event
  package var cause: Cause

  package init(_ stream: StreamName, _ event: Event, cause: Cause = .none) {
    self.stream = stream
    self.event = event
    self.cause = cause
  }
}

/// A sealed secret put or dropped with an append.
package enum SecretChange: Sendable, Equatable {
  /// - Parameters:
  ///   - owner: The stream that it belongs to.
  ///   - hash: SHA-256 of an element token, for look-up.
  case put(
    owner: StreamName, name: String, sealed: [UInt8], hash: [UInt8]? = nil, expiresAt: Moment? = nil
  )
  /// All of an owner's, or the one of that name.
  case drop(owner: StreamName, name: String?)
}

/// The answer to an append that is durable.
package struct AppendResult: Sendable, Equatable {
  /// The positions in order; of a repeated key only the first. A notice that is open already has
  /// that one’s.
  package var positions: [Int64]
  /// The digest of the first event.
  package var digest: [UInt8]
  /// True where the key had been used, and nothing was written.
  package var isRepeated: Bool

  package var first: Int64 { positions[0] }
}
