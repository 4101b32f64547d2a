public import Daybook
package import Domain
package import Engine

extension Daybook.World {
  /// The machine’s clocks, the system’s chance, and HTTP by libcurl on a thread of its own.
  ///
  /// The thread ends with the last copy.
  ///
  /// - Parameter callbacks: Where they may connect, judged when connecting, as in `JournalOptions`.
  public static func live(callbacks: CallbackRules = CallbackRules()) -> Daybook.World {
    Daybook.World(Engine.World.live(rules: callbacks.rules))
  }
}

extension Engine.World {
  /// The real clock, chance and network.
  ///
  /// - Parameter rules: Where callbacks may connect.
  package static func live(rules: AddressRules) -> Engine.World {
    let client = HTTPClient(rules: rules)
    return Engine.World(
      now: { LiveClock.now() }, uptime: { LiveClock.uptime() },
      sleep: { duration in
        // Ends early when the task is cancelled, which is what its callers want.
        try? await Task.sleep(for: duration)
      },
      chance: { LiveChance.number() }, perform: { await client.perform($0) },
      performAll: { client.perform($0, $1) }, cut: { client.cut() })
  }
}
