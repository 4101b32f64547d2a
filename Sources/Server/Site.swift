import Daybook
import Logging
import Synchronization

/// What all requests share: the journal, the secrets, what is counted.
final class Site: Sendable {
  let journal: Journal
  let world: World
  let settings: ServerSettings
  let secrets: ClientSecrets
  let hosts: HostRule
  let logger: Logger
  let counts: Mutex<Counts>
  let meters: Meters
  let glance: Glance
  let watch: HeadWatch
  let steps: PollSteps
  let consents = ConsentDesk()

  /// What is under way.
  struct Counts {
    /// By the address that asks.
    var requests: [String: Int] = [:]
    var held: [Permit.Kind: Int] = [:]
    /// True once the server stops: whatever comes is turned away.
    var isStopping = false
  }

  init(
    _ journal: Journal, _ world: World, _ settings: ServerSettings, secrets: ClientSecrets,
    logger: Logger, meters: Meters = Meters()
  ) {
    self.journal = journal
    self.world = world
    self.settings = settings
    self.secrets = secrets
    self.logger = logger
    hosts = HostRule(host: settings.host, outside: settings.outsideHosts)
    counts = Mutex(Counts())
    self.meters = meters
    glance = Glance(journal)
    watch = HeadWatch(journal, in: world, silence: settings.silence)
    steps = PollSteps(journal, in: world, name: { Site.freshName() })
  }

  /// A name for a request: 24 hexadecimal digits, as the platform’s are.
  func requestID() -> String { Site.freshName() }

  private static func freshName() -> String {
    let high = String(UInt32.random(in: 0 ... .max), radix: 16)
    let low = String(UInt64.random(in: 0 ... .max), radix: 16)
    return String(repeating: "0", count: 8 - high.count) + high
      + String(repeating: "0", count: 16 - low.count) + low
  }
}
