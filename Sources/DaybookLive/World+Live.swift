public import Daybook
package import Domain
package import Engine

extension Daybook.World {
  /// The machine’s clocks, the system’s chance, and HTTP by libcurl on a thread of its own.
  ///
  /// The thread ends with the last copy.
  ///
  /// - Parameters:
  ///   - callbacks: Where they may connect, judged when connecting, as in `JournalOptions`.
  ///   - files: Authorities to trust beside the system’s, and the certificate for receivers.
  public static func live(
    callbacks: CallbackRules = CallbackRules(), files: TLSFiles = TLSFiles()
  ) -> Daybook.World {
    Daybook.World(Engine.World.live(rules: callbacks.rules, files: files))
  }
}

extension Engine.World {
  /// The real clock, chance and network.
  ///
  /// - Parameters:
  ///   - rules: Where callbacks may connect.
  ///   - files: Authorities to trust beside the system’s, and the certificate for receivers.
  package static func live(
    rules: AddressRules, files: TLSFiles = TLSFiles()
  ) -> Engine.World {
    let client = HTTPClient(rules: rules, files: files)
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
