import Testing

/// What is sent, counted by the one who gets it.
///
/// `DAYBOOK_SOAK_SECONDS` says how long; `make soak` asks for twenty minutes. Every ten have a
/// journal of their own, whose seed a failure names and `DAYBOOK_SOAK_SEED` repeats.
@Suite(.serialized)
struct SendingSoakTests {
  @Test func `an attempt is one post at most, and the documented advice leads to Google's objects`()
    async throws
  {
    let seconds = soak("DAYBOOK_SOAK_SECONDS") ?? 8
    let seed = UInt64(soak("DAYBOOK_SOAK_SEED") ?? 1)
    for (place, part) in shares(of: seconds, each: 600).enumerated() {
      let own = seed + UInt64(place)
      try await withStage(seed: Int(own)) { stage in
        var trial = try await SendingSoak(stage, seed: own)
        let end = ContinuousClock.now + .seconds(part)
        var rounds = 0
        // A few seconds on a busy machine may meet too little: then there are more of them.
        let kinds = part < 60 ? 1 : 10
        func isShort() -> Bool {
          trial.receiver.posts.count <= part || trial.receiver.struck.count <= kinds
        }
        while ContinuousClock.now < end || rounds < 30 && isShort() {
          rounds += 1
          try await trial.round(of: part < 60 ? .seconds(2) : .seconds(10))
          if rounds % 5 == 0 { try await trial.settle() }
        }
        try await trial.settle()
        #expect(trial.receiver.posts.count > part, "seed \(own), in \(rounds) rounds")
        #expect(trial.receiver.struck.count > kinds, "seed \(own): \(trial.receiver.struck)")
      }
    }
  }
}
