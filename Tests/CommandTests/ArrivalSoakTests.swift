import Testing

/// What the whole promises, tried with the executable on real sockets.
///
/// `DAYBOOK_SOAK_CHANGES` says how many changes arrive; `make soak` asks for 100,000. A failure
/// names its seed, which `DAYBOOK_SOAK_SEED` repeats.
@Suite(.serialized)
struct ArrivalSoakTests {
  @Test func `each change arrives, in its object's order, whatever fails and however often`()
    async throws
  {
    let changes = soak("DAYBOOK_SOAK_CHANGES") ?? 500
    let seed = UInt64(soak("DAYBOOK_SOAK_SEED") ?? 1)
    try await withStage(seed: Int(seed)) { stage in
      var trial = try await ArrivalSoak(stage, seed: seed, objects: min(1_000, changes / 5))
      try await trial.run(changes: changes)
      #expect(trial.kills > 1)
      #expect(trial.receiver.struck.count > (changes > 5_000 ? 19 : 3), "\(trial.receiver.struck)")
      if changes > 500 {
        print(
          """
          \(trial.witness.seen.changes) changes in \(trial.witness.seen.taken.count) notifications \
          by \(trial.receiver.posts.count) requests, \(trial.kills) kills
          """)
      }
    }
  }
}
