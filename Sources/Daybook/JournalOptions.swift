import Domain
import Engine
import EventStore
public import Events
public import Logging

/// How a journal is opened and run; the defaults are those of the executable.
public struct JournalOptions: Sendable {
  /// When the file is opened, and whether it may be made or written.
  public enum Access: Sendable {
    /// Opened at once, and made where there is none.
    case making
    /// Opened when something is asked of it, anew where it was moved or replaced meanwhile; made
    /// by the first instance alone.
    case whenNeeded
    /// As `whenNeeded`; whatever would write is refused.
    case readOnly
  }

  /// When the file is opened.
  public var access = Access.making
  /// The file with the key that seals secrets, made on first use, mode 0600; nil: `<journal>.key`.
  public var keyFile: String?
  /// One base URL in place of all of Google’s hosts, `https`, or `http` on loopback.
  public var googleURL: String?
  /// Where callbacks may go. Give the same to `World.live`, which judges when connecting.
  public var callbacks = CallbackRules()
  /// The waits after failed attempts.
  public var retries = Retries.standard
  /// For one attempt to deliver, within `Bounds.attemptTimeout`; nil: its standard.
  public var attemptTimeout: Duration?
  /// Attempts at once, within `Bounds.attemptsInFlight`; nil: its standard.
  public var attemptsInFlight: Int?
  /// Attempts at once to one callback, within `Bounds.attemptsPerCallback`; nil: as many as there
  /// is room for. An instance may say otherwise, of this and of what follows.
  public var attemptsPerCallback: Int?
  /// Attempts in a second to one callback, within `Bounds.ratePerCallback`; nil: no bound.
  public var ratePerCallback: Int?
  /// For the connection of an attempt, within `Bounds.connectTimeout`; nil: its standard.
  public var connectTimeout: Duration?
  /// The fate of what a callback did not take.
  public var failurePolicy = FailurePolicy.retry
  /// How long after a failure a callback that rests is asked again, within `Bounds.breakerWait`;
  /// nil: its standard. It holds for all of them.
  public var breakerWait: Duration?
  /// How long a callback has to fail, and nothing else, until it is disabled, within
  /// `Bounds.disableAfter`; nil: its standard. It holds for all of them.
  public var disableAfter: Duration?
  /// Which deliveries may not overtake each other, of instances that do not say.
  public var order = DeliveryOrder.object
  /// In place of every instance’s own interval, for feeds opened or changed meanwhile, within
  /// `Bounds.interval`; for tests.
  public var interval: Duration?
  /// Failures in a row after which a feed is disabled, within `Bounds.failuresMax`; nil: its
  /// standard.
  public var failuresMax: Int?
  /// How long `run` keeps bytes that only people need, by kind, within `Bounds.retention`; what is
  /// not named stays until it is removed by hand.
  public var retention: [EvidenceKind: Duration] = [:]
  /// How the journal calls this program in `run.started`.
  public var program = "embedded"
  /// This process’s number, which others are told when they ask who runs the journal.
  public var process: Int64 = 0
  /// Told while it works what throws nothing and should be known; says nothing unless it is set.
  ///
  ///     notice             lists lag behind the log, and why
  ///     warning            a poll or an attempt of `run` failed
  ///     info, debug        what else `run` did
  ///
  /// Lines hold what the log’s bodies hold, and no more: no secret, no header, no content.
  public var logger = Logger(label: "daybook", factory: { _ in SwiftLogNoOpLogHandler() })

  /// As the executable runs where no setting says otherwise.
  public init() {}

  /// The same for the modules below.
  ///
  /// - Throws: `Refusal` with the name of an option that is out of its range.
  var opened: OpenedJournal.Options {
    get throws(Refusal) {
      let interval = try interval.map { interval throws(Refusal) in
        try Bounds.interval.checked(interval, "interval")
      }
      var times: [PayloadUse: Duration] = [:]
      for (kind, time) in retention {
        guard let use = PayloadUse(rawValue: kind.rawValue) else { continue }
        times[use] = try Bounds.retention.checked(time, "retention")
      }
      var engine = EngineSettings(
        retrySchedule: retries.schedule,
        timeout: try Bounds.attemptTimeout.checked(attemptTimeout, "attemptTimeout"),
        concurrency: try Bounds.attemptsInFlight.checked(attemptsInFlight, "attemptsInFlight"),
        rules: callbacks.rules, version: program, process: process, interval: interval,
        failuresMax: try Bounds.failuresMax.checked(failuresMax, "failuresMax"))
      engine.delivery.order = order
      engine.delivery.failurePolicy = failurePolicy
      engine.delivery.connectTimeout = try Bounds.connectTimeout.checked(
        connectTimeout, "connectTimeout")
      if attemptsPerCallback != nil {
        engine.delivery.concurrency = try Bounds.attemptsPerCallback.checked(
          attemptsPerCallback, "attemptsPerCallback")
      }
      if ratePerCallback != nil {
        engine.delivery.ratePerSecond = try Bounds.ratePerCallback.checked(
          ratePerCallback, "ratePerCallback")
      }
      engine.breakerWait = try Bounds.breakerWait.checked(breakerWait, "breakerWait")
      engine.disableAfter = try Bounds.disableAfter.checked(disableAfter, "disableAfter")
      engine.retention = times
      return OpenedJournal.Options(keyFile: keyFile, googleURL: googleURL, engine: engine)
    }
  }
}
