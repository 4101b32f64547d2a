import Domain
import Events
import Journal

/// What was held goes on.
extension Book {
  /// Makes due what is held now; what a replay with a rate sends, one after the other.
  ///
  /// Each delivery once: what is held again meanwhile stays so.
  ///
  /// - Parameters:
  ///   - target: What it waits for: a URL, or the stream of a replay or an instance.
  ///   - instance: Only what it tells, and no replay; nil: all of it.
  func release(
    heldFor target: String, of instance: Int64? = nil, reason: String, in world: World
  ) async throws {
    let start = world.now()
    var paces: [Int64: ReplayPace] = [:]
    var places: [Int64: Int] = [:]
    var released: Set<String> = []
    while true {
      try Task.checkCancellation()
      let held = try await reader.read { reading throws(LogError) in
        try reading.held(for: target, of: instance, limit: Limits.tasksPerRound)
      }.filter { released.insert($0).inserted }
      if held.isEmpty { return }
      for stream in held {
        let loaded = try await loaded(stream)
        var dueAt = start
        if let replay = loaded.delivery.requested?.replay {
          if paces[replay] == nil { paces[replay] = try await pace(ofReplay: replay) }
          dueAt = start + (paces[replay]?.wait(places[replay, default: 0]) ?? .zero)
          places[replay, default: 0] += 1
        }
        let drafts = loaded.delivery.release(reason: reason, dueAt: dueAt).map {
          Draft(stream, $0, cause: .position(loaded.last))
        }
        guard !drafts.isEmpty else { continue }
        // Where somebody else was faster, that one has decided.
        _ = try await attempt(
          Append(drafts, expecting: [stream: loaded.delivery.version], at: world.now()))
      }
    }
  }

  /// How far apart the deliveries of a replay are due.
  func pace(ofReplay replay: Int64) async throws(LogError) -> ReplayPace {
    let event = try await reader.read { reading throws(LogError) in
      try reading.event(at: replay)
    }
    guard case .replayRequested(let requested)? = try event?.event() else {
      return ReplayPace(rate: nil)
    }
    return ReplayPace(rate: requested.ratePerSecond)
  }
}
