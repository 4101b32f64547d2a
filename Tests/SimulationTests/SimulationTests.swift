import Foundation
import Testing

/// The whole promise, in worlds drawn from seeds.
///
/// `DAYBOOK_SEEDS=2000` lives through more of them, `DAYBOOK_SEED=17` through one.
@Suite struct SimulationTests {
  static let seeds: [UInt64] = {
    let environment = ProcessInfo.processInfo.environment
    if let seed = environment["DAYBOOK_SEED"].flatMap(UInt64.init) { return [seed] }
    let count = environment["DAYBOOK_SEEDS"].flatMap(UInt64.init) ?? 200
    return Array(1...max(1, count))
  }()

  @Test(arguments: seeds)
  func `every invariant holds in the world of a seed`(seed: UInt64) async {
    let report = await Simulation.run(seed)
    #expect(report.problems.isEmpty, "\(report.text)")
  }

  @Test func `a wall clock that jumps makes neither a gap nor a storm of polls`() async {
    for seed: UInt64 in 1...10 {
      let report = await Simulation.run(seed, isJumpy: true)
      #expect(report.problems.isEmpty, "\(report.text)")
      // Intervals are a minute.
      #expect(report.longestGap < .seconds(180), "seed \(seed)")
      // Each jump may bring one poll forward.
      #expect(report.listsInTenMinutes <= 15, "seed \(seed): \(report.listsInTenMinutes)")
    }
  }

  @Test func `the same seed writes the same bytes`() async {
    for seed: UInt64 in [3, 5, 8] {
      let (first, second) = (await Simulation.run(seed), await Simulation.run(seed))
      #expect(first.digests.count > 10)
      #expect(first.digests == second.digests)
    }
  }
}
