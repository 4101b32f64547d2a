package import Events

/// What a poll came to: one row of `poll run`.
package struct PollReport: Sendable, Equatable {
  /// What became of the poll, by the word that `poll run` prints.
  package enum Status: String, Sendable { case completed, failed, skipped }

  package var instance: Int64
  package var resource: String
  package var status: Status
  package var pages = 0
  package var items = 0
  package var changes = 0
  /// Of `poll.completed` or `poll.failed`.
  package var position: Int64?
  /// Why it failed or was skipped.
  package var error: String?
  package var nextAt: Moment?

  package init(instance: Int64, resource: String, status: Status) {
    self.instance = instance
    self.resource = resource
    self.status = status
  }
}

/// What an attempt came to, or that none was made: one row of `deliver`.
package struct AttemptReport: Sendable, Equatable {
  /// Of `delivery.attempted`; of the event that says why, where no attempt was made.
  package var position: Int64
  /// The notification’s id, as the receiver sees it.
  package var id: String
  package var url: String
  /// Which it was; without one how many there were before.
  package var attempt: Int
  /// The HTTP status, where there was an answer.
  package var status: Int?
  package var duration: Duration
  /// The type of the event that followed, without its first word.
  package var outcome: String
  package var nextAt: Moment?
  /// Whether it is as somebody wants it that nothing was sent: the instance names no callback, or
  /// the replay is stopped. Then nothing has failed.
  package var isDeliberate: Bool

  package init(
    position: Int64, id: String, url: String, attempt: Int, status: Int? = nil,
    duration: Duration, outcome: String, nextAt: Moment? = nil, isDeliberate: Bool = false
  ) {
    self.position = position
    self.id = id
    self.url = url
    self.attempt = attempt
    self.status = status
    self.duration = duration
    self.outcome = outcome
    self.nextAt = nextAt
    self.isDeliberate = isDeliberate
  }
}

extension Event {
  /// Whether nothing is sent because somebody wants it so: without a callback, of a deleted
  /// instance, or of a stopped replay.
  package var isDeliberate: Bool {
    switch self {
    case .deliverySkipped(let body): ["no-callback", "instance-deleted"].contains(body.reason)
    case .deliveryHeld(let body): body.reason == "replay-stopped"
    default: false
    }
  }
}
