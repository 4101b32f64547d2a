import Domain
import Engine
import Events

/// How a journal is run; the defaults are those of the executable.
public struct BookkeeperOptions: Sendable {
  /// The file with the key that seals secrets, made on first use, mode 0600; nil: `<journal>.key`.
  public var keyFile: String?
  /// One base URL in place of all of Google’s hosts, `https`, or `http` on loopback.
  public var googleURL: String?
  /// CIDR blocks and host names that callbacks may reach although they are not public. Give the
  /// same to `Surroundings.live`, which judges when connecting.
  public var allowedCallbacks: [String] = []
  /// The waits after failed attempts, each at most a year; nil: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h,
  /// 14 h, 20 h, 24 h.
  public var retryWaits: [Duration]?
  /// For one attempt to deliver, 10 ms to 10 min; nil: 15 s.
  public var attemptTimeout: Duration?
  /// Attempts at once, 1 to 256; nil: 16.
  public var attemptsInFlight: Int?
  /// How the journal calls this program in `run.started`.
  public var program = "embedded"
  /// This process’s number, which others are told when they ask who runs the journal.
  public var process: Int64 = 0

  /// As the executable runs where no setting says otherwise.
  public init() {}

  /// The same for the modules below.
  var desk: Desk.Options {
    get throws {
      let rules: AddressRules
      do {
        rules = try AddressRules(list: allowedCallbacks.joined(separator: ","))
      } catch {
        throw DaybookError.refused(Refusal(at: "allowedCallbacks", "\(error)"))
      }
      var engine = EngineSettings(rules: rules, version: program, process: process)
      if let retryWaits { engine.retrySchedule = .waits(retryWaits) }
      if let attemptTimeout {
        guard attemptTimeout >= .milliseconds(10), attemptTimeout <= .seconds(600) else {
          throw DaybookError.refused(
            Refusal(at: "attemptTimeout", "\(attemptTimeout) is not 10 ms to 10 min"))
        }
        engine.timeout = attemptTimeout
      }
      if let attemptsInFlight {
        guard (1...256).contains(attemptsInFlight) else {
          throw DaybookError.refused(
            Refusal(at: "attemptsInFlight", "\(attemptsInFlight) is not 1 to 256"))
        }
        engine.concurrency = attemptsInFlight
      }
      return Desk.Options(keyFile: keyFile, googleURL: googleURL, engine: engine)
    }
  }
}
