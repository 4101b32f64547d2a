import Engine
import EventStore
public import Events

extension Journal {
  /// Notifications on their way, each to one URL.
  public struct Deliveries: RowSource {
    /// Where its rows come from.
    public let journal: Journal
    /// Its columns.
    public var table: RowTable { .deliveries }

    /// Values of the column `status`, which the filter of that name takes.
    public static let states = [
      "pending", "attempting", "succeeded", "failed", "unknown", "held", "exhausted", "skipped",
    ]

    /// Makes the deliveries that are due; where another process runs the journal, waits for it.
    ///
    /// - Parameters:
    ///   - deadline: nil: what is due now, one attempt each; else also waits for retries that come
    ///     due until then.
    ///   - report: Told each attempt as it is made, and what comes to rest without one, from any
    ///     thread.
    /// - Throws: `refused`, with the code `locked`, where another process has not done by then what
    ///   was due.
    public func deliver(
      until deadline: Moment? = nil,
      report: @escaping @Sendable (AttemptReport) -> Void = { _ in }
    ) async throws(DaybookError) {
      try await translated {
        let opened = try await journal.working()
        try await journal.tellHeld()
        try await opened.deliver(until: deadline, report: report)
      }
    }

    /// Sends one delivery again, whatever became of it, to the instance’s URL and under its own id.
    ///
    /// - Parameters:
    ///   - position: Of any event of the delivery.
    ///   - report: Told what came of the attempt.
    /// - Throws: `refused` where there is no delivery, or an attempt of it is under way.
    public func redeliver(
      _ position: Int64, report: @escaping @Sendable (AttemptReport) -> Void = { _ in }
    ) async throws(DaybookError) {
      try await reopen(position).send(report: report)
    }

    /// Opens one delivery again, for whoever runs the journal to send it.
    ///
    /// - Parameters:
    ///   - reason: Recorded with it.
    ///   - askedBy: Who asked, such as a name that the system has for a person; recorded with it.
    /// - Throws: As `redeliver`.
    public func reopen(
      _ position: Int64, reason: String? = nil, askedBy: String? = nil
    ) async throws(DaybookError) -> ReopenedDelivery {
      try await translated {
        let stream = try await stream(position)
        let opened = try await journal.working()
        let released = try await opened.replays.redeliver(
          stream, reason: reason, askedBy: askedBy)
        return ReopenedDelivery(opened: opened, stream: stream, released: released)
      }
    }

    /// Ends one delivery without sending it, so that those go on which may not overtake it.
    ///
    /// - Parameters:
    ///   - position: Of any event of the delivery.
    ///   - reason: Recorded with it; nil: nobody said.
    /// - Returns: The position of `delivery.skipped`.
    /// - Throws: `refused` where there is no delivery, it is closed already, or an attempt of it is
    ///   under way.
    @discardableResult
    public func skip(
      _ position: Int64, reason: String? = nil
    ) async throws(DaybookError) -> Int64 {
      try await translated {
        let stream = try await stream(position)
        return try await journal.working().replays.skip(stream, reason: reason)
      }
    }

    /// The delivery that an event belongs to.
    ///
    /// - Throws: `refused` where there is none.
    public func row(_ position: Int64) async throws(DaybookError) -> Row {
      try await translated {
        let stream = try await stream(position)
        let first = try await journal.reader().read { snapshot throws(JournalError) in
          try snapshot.events(of: stream, limit: 1)
        }
        var part = Selection()
        part.after = (first.first?.position ?? 0) - 1
        guard let row = try await rows(part, limit: 1).first else {
          throw Refusal(.notFound(.delivery), "event \(position) is no delivery")
        }
        return row
      }
    }

    private func stream(_ position: Int64) async throws -> StreamName {
      let found = try await journal.reader().read { snapshot throws(JournalError) in
        try snapshot.event(at: position)
      }
      guard let found, found.type.hasPrefix("delivery.") else {
        throw Refusal(.notFound(.delivery), "event \(position) is no delivery")
      }
      return found.stream
    }
  }
}

/// A delivery that was opened again and is due.
public struct ReopenedDelivery: Sendable {
  let opened: OpenedJournal
  let stream: StreamName
  let released: Int64

  /// Makes the attempt, or waits for the process that runs the journal.
  ///
  /// - Throws: `refused`, with the code `locked`, where that process has not made it after a
  ///   minute.
  public func send(
    report: @escaping @Sendable (AttemptReport) -> Void = { _ in }
  ) async throws(DaybookError) {
    try await translated {
      try await opened.redeliver(stream, after: released, report: report)
    }
  }
}
