package import Domain
package import Engine

extension World {
  /// The real clock, chance and network.
  ///
  /// - Parameter rules: Where callbacks may connect.
  package static func live(rules: AddressRules) -> World {
    let client = HTTPClient(rules: rules)
    return World(
      now: { LiveClock.now() }, uptime: { LiveClock.uptime() },
      sleep: { duration in
        // Ends early when the task is cancelled, which is what its callers want.
        try? await Task.sleep(for: duration)
      },
      chance: { LiveChance.number() }, perform: { await client.perform($0) },
      cut: { client.cut() })
  }
}
