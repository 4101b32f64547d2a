import Daybook
import Logging
import Synchronization

/// What all requests share: the journal, the secrets, what is counted.
final class Site: Sendable {
  let journal: Journal
  /// The same for figures, which look at everything that waits: nobody else waits meanwhile.
  let aside: Journal
  let looks: LongLooks
  let stopping = StopSignal()
  let world: World
  let settings: ServerSettings
  let keys: ClientKeys
  let hosts: HostRule
  let logger: Logger
  let counts: Mutex<Counts>
  let meters: Meters
  let glance: Glance
  let watch: HeadWatch
  let steps: PollSteps
  let consents = ConsentDesk()
  /// Who has signed in at the console.
  let people = ConsoleSessions()

  /// What is under way.
  struct Counts {
    /// By the address that asks.
    var requests: [String: Int] = [:]
    var held: [Permit.Kind: Int] = [:]
    /// What those of it have who show an element token.
    var shares: [Share: Int] = [:]

    struct Share: Hashable {
      let kind: Permit.Kind
      let instance: Int64?
    }
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
    keys = ClientKeys(journal, in: world, secrets, given: settings.secrets)
    self.logger = logger
    hosts = HostRule(host: settings.host, outside: settings.outsideHosts)
    counts = Mutex(Counts())
    self.meters = meters
    let aside = journal.apart()
    self.aside = aside
    glance = Glance(aside)
    looks = LongLooks(journal, ServerLimits.lookersMax)
    watch = HeadWatch(journal, in: world, silence: settings.silence)
    steps = PollSteps(journal, in: world, name: { Site.freshName() })
  }

  /// Turns away what comes from now on, and ends what can be ended.
  func stop() {
    counts.withLock { $0.isStopping = true }
    stopping.tell()
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
