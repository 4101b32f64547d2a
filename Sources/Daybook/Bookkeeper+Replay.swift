import Engine
import EventStore
import Events

/// How past changes are sent again.
public enum ReplayMode: String, Sendable, CaseIterable {
  /// Whole notifications as they went: the recorded bytes, the recorded id.
  case exact
  /// The selected changes, rendered again by today’s rules, with new ids.
  case rebuilt
}

/// What a replay would send; nothing was sent.
public struct PlannedReplay: Sendable, Equatable {
  /// Bodies that would be sent.
  public let notifications: Int
  /// Changes in these notifications.
  public let changes: Int
  /// Bytes of the bodies. Of `rebuilt` ones at most so many: their ids are not made yet, and most
  /// are as long as they can be.
  public let bytes: Int64
  /// Notifications that the URL has taken before; of `rebuilt` ones, those whose changes it was
  /// told of.
  public let alreadyDelivered: Int

  init(_ selection: Replays.Selection) {
    notifications = selection.notifications
    changes = selection.changes
    bytes = selection.bytes
    alreadyDelivered = selection.delivered
  }
}

extension Bookkeeper {
  /// What a replay of that selection would send to a URL, and sends nothing.
  ///
  /// - Throws: `refused` for a filter that does not go with the mode: `statuses` are of `exact`,
  ///   `types` of `rebuilt`.
  public func plannedReplay(
    of selection: Selection, to url: String, mode: ReplayMode = .exact
  ) async throws(DaybookError) -> PlannedReplay {
    PlannedReplay(try await chosen(selection, url, mode))
  }

  private func chosen(
    _ selection: Selection, _ url: String, _ mode: ReplayMode
  ) async throws(DaybookError) -> Replays.Selection {
    switch mode {
    case .exact:
      let query = try selection.query(.deliveries, limit: nil)
      return try await translated {
        try await desk.repository.writer.catchUp()
        return try await Replays.selectExact(query, for: url, from: desk.repository.reader)
      }
    case .rebuilt:
      let query = try selection.query(.changes, limit: nil)
      return try await translated {
        try await desk.repository.writer.catchUp()
        return try await Replays.selectRebuilt(
          query, for: url, by: desk.connector, from: desk.repository.reader)
      }
    }
  }

  /// Sends past changes again, and comes back when each was sent once; what failed is retried as
  /// any delivery is. Where another process runs the journal, that one sends.
  ///
  /// Callback credentials and extra headers go only to the origin of the instance’s own callback.
  /// The selection is frozen to positions now.
  ///
  /// - Parameters:
  ///   - url: Where to, checked as callbacks are.
  ///   - ratePerSecond: Sent a second at most; nil: as fast as they are answered.
  ///   - reason: Recorded with the request.
  /// - Throws: `refused` for an empty selection or a URL that can never be allowed.
  public func replay(
    _ selection: Selection, to url: String, mode: ReplayMode = .exact, ratePerSecond: Int? = nil,
    reason: String? = nil
  ) async throws(DaybookError) -> ReplayProgress {
    let chosen = try await chosen(selection, url, mode)
    return try await translated {
      let order = Replays.Order(
        url: url, mode: mode.rawValue, rate: ratePerSecond, concurrency: nil,
        hasCredentials: false, reason: reason)
      let replay = try await desk.replays.request(chosen, order)
      try await desk.finishReplay(replay)
      return try await progress(replay)
    }
  }

  /// How far a replay is.
  ///
  /// - Throws: `refused` where there is none of that id.
  public func replayProgress(_ replay: Int64) async throws(DaybookError) -> ReplayProgress {
    try await translated { try await progress(replay) }
  }

  private func progress(_ replay: Int64) async throws -> ReplayProgress {
    let row = try await desk.repository.reader.read { snapshot throws(JournalError) in
      try snapshot.replay(replay)
    }
    guard let row else { throw Refusal(.notFound(.replay), "there is no replay \(replay)") }
    return ReplayProgress(replay, row)
  }

  /// Sends one delivery again, whatever became of it, to the instance’s URL and under its own id.
  ///
  /// - Parameters:
  ///   - position: Of any event of the delivery.
  ///   - report: Told what came of the attempt.
  /// - Throws: `refused` where there is no delivery, or an attempt of it is under way.
  public func redeliver(
    _ position: Int64, report: @escaping @Sendable (AttemptedDelivery) -> Void = { _ in }
  ) async throws(DaybookError) {
    try await translated {
      let found = try await desk.repository.reader.read { snapshot throws(JournalError) in
        try snapshot.event(at: position)
      }
      guard let found, found.type.hasPrefix("delivery.") else {
        throw Refusal(.notFound(.delivery), "event \(position) is no delivery")
      }
      let released = try await desk.replays.redeliver(found.stream)
      try await desk.redeliver(found.stream, after: released) { report(AttemptedDelivery($0)) }
    }
  }
}
