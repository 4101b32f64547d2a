import Engine
import Journal

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
  /// Bytes of the recorded notifications (`exact`) or of the changes’ objects (`rebuilt`).
  public let bytes: Int64

  let positions: [Int64]
}

extension Bookkeeper {
  /// What a replay of that selection would send, and sends nothing.
  ///
  /// - Throws: `refused` for a filter that does not go with the mode: `statuses` are of `exact`,
  ///   `types` of `rebuilt`.
  public func plannedReplay(
    of selection: Selection, mode: ReplayMode = .exact
  ) async throws(DaybookError) -> PlannedReplay {
    switch mode {
    case .exact:
      var seen: Set<String> = []
      // One delivery a notification: the first, whose bytes all others have.
      let rows = try await rows(selection.query(.deliveries, limit: nil))
        .filter { row in row["id"]?.string.map { seen.insert($0).inserted } ?? false }
      return PlannedReplay(
        notifications: rows.count, changes: rows.sum("changes"), bytes: Int64(rows.sum("bytes")),
        positions: rows.positions)
    case .rebuilt:
      let rows = try await rows(selection.query(.changes, limit: nil))
      let positions = rows.positions
      let reader = desk.book.reader
      return PlannedReplay(
        notifications: try await translated {
          try await Replayer.count(rebuilt: positions, from: reader)
        },
        changes: rows.count, bytes: Int64(rows.sum("bytes")), positions: positions)
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
    let plan = try await plannedReplay(of: selection, mode: mode)
    return try await translated {
      let chosen = Replayer.Selection(
        positions: plan.positions, notifications: plan.notifications, changes: plan.changes,
        bytes: plan.bytes, text: "\(plan.positions.count) positions")
      let wish = Replayer.Wish(
        url: url, mode: mode.rawValue, rate: ratePerSecond, concurrency: nil,
        hasCredentials: false, reason: reason)
      let replay = try await desk.replayer.request(chosen, wish)
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
    let row = try await desk.book.reader.read { reading throws(LogError) in
      try reading.replay(replay)
    }
    guard let row else { throw DaybookError.refused("there is no replay \(replay)") }
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
      let found = try await desk.book.reader.read { reading throws(LogError) in
        try reading.event(at: position)
      }
      guard let found, found.type.hasPrefix("delivery.") else {
        throw DaybookError.refused("event \(position) is no delivery")
      }
      let released = try await desk.replayer.redeliver(found.stream)
      try await desk.redeliver(found.stream, after: released) { report(AttemptedDelivery($0)) }
    }
  }
}

extension [Row] {
  fileprivate var positions: [Int64] { compactMap { $0["position"]?.integer }.sorted() }

  fileprivate func sum(_ name: String) -> Int {
    reduce(0) { $0 + Int($1[name]?.integer ?? 0) }
  }
}
