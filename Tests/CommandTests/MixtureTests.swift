import RawJSON
import Testing

/// The promise as a whole, held by real processes over real connections.
///
/// `DAYBOOK_MIXTURES` says how many processes are killed; `make soak` asks for more. Every fifty
/// have a journal of their own, whose seed a failure names and `DAYBOOK_MIXTURE_SEED` repeats.
@Suite(.serialized)
struct MixtureTests {
  @Test func `after any mixture of faults and kills the receiver knows what Google holds`()
    async throws
  {
    let kills = soak("DAYBOOK_MIXTURES") ?? 20
    let seed = UInt64(soak("DAYBOOK_MIXTURE_SEED") ?? 1)
    for (place, part) in shares(of: kills).enumerated() {
      let own = seed + UInt64(place)
      try await withStage(seed: Int(own)) { stage in
        let library = try await stage.killswitch()
        var mixture = try await Mixture(stage, library: library, seed: own)
        var rounds = 0
        while mixture.kills < part, rounds < part * 4 {
          rounds += 1
          try await mixture.round()
          if rounds % 4 == 0 { try await mixture.settle() }
        }
        try await mixture.settle()
        #expect(mixture.kills == part, "seed \(own), in \(rounds) rounds")
      }
    }
  }
}
