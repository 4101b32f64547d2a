package import Daybook
package import DaybookLive
package import Events
import Logging

/// Settings of the program: from flags, else the environment, else a file, else by default. The
/// rows of `Setting` say how each is given.
package struct Settings: Sendable {
  package var journal = ""
  package var output: OutputFormat = .auto
  package var color: ColorMode = .auto
  package var isReadOnly = false
  /// Times are shown in the local zone; `set` switches it.
  package var isLocal = false
  /// The time that each command took is said; `set` switches it.
  package var isTimed = false
  /// The fields that every command prints, where it is not told others; nil: its own.
  package var fields: [String]?
  package var googleURL: String?
  package var keyFile: String?
  package var callbacks = CallbackRules()
  /// Ports below 1024 that `callbacks` allows as well.
  var ports: Set<UInt16> = []
  package var files = TLSFiles()
  package var retries = Retries.standard
  package var timeout = JournalOptions.Bounds.attemptTimeout.standard
  package var concurrency = JournalOptions.Bounds.attemptsInFlight.standard
  package var order = DeliveryOrder.object
  package var perCallback: Int?
  package var ratePerCallback: Int?
  package var failurePolicy = FailurePolicy.retry
  package var connectTimeout = JournalOptions.Bounds.connectTimeout.standard
  package var breakerWait = JournalOptions.Bounds.breakerWait.standard
  package var disableAfter = JournalOptions.Bounds.disableAfter.standard
  package var interval: Duration?
  package var failuresMax = JournalOptions.Bounds.failuresMax.standard
  package var retention: [EvidenceKind: Duration] = [:]
  package var logLevel = LogLevel.warning
  package var logFormat = LogFormat.text
  package var userSecret: String?
  package var organizationSecret: String?
  package var hosts: [String] = []
  package var environment: [String: String]

  /// Flags as they were typed.
  package struct Flags: Sendable {
    /// Values of settings, by the flag.
    package var values: [String: String] = [:]
    package var config: String?
    package var isReadOnly = false
    /// The value of `--fields` before the command.
    package var fields: String?
    /// The place that commands answer as of, as `--at` says before them.
    package var place: String?

    package init() {}

    /// The flags that a setting’s value follows.
    package static let names = Setting.all.compactMap(\.flag)
  }

  /// Puts the layers together.
  ///
  /// - Parameter file: The bytes of the file that `--config` names, where it was given.
  /// - Throws: `Failure` that names the setting, its value and what would be right.
  package init(
    _ flags: Flags, environment: [String: String], file: [UInt8]?
  ) throws(Failure) {
    self.environment = environment
    isReadOnly = flags.isReadOnly
    fields = try flags.fields.map(SharedOptions.fields)
    let layers = try SettingLayers(environment: environment, file: file, path: flags.config)
    journal = Setting.journal.standard ?? ""
    for setting in Setting.all {
      if let flag = setting.flag, let text = flags.values[flag] {
        try setting.read(text, from: flag, into: &self)
      } else if let (text, source) = layers.value(of: setting) {
        try setting.read(text, from: source, into: &self)
      }
    }
    journal = Journal.followed(journal)
    callbacks = callbacks.allowing(ports: ports)
    if files.key != nil, files.certificate == nil {
      throw .usage(
        "\(Setting.clientKey.variable ?? ""): a key is of no use without"
          + " \(Setting.clientCertificate.variable ?? "")")
    }
  }

  /// The same as the library takes it.
  func options(process: Int64, _ logger: Logger) -> JournalOptions {
    var options = JournalOptions()
    options.access = isReadOnly ? .readOnly : .whenNeeded
    options.keyFile = keyFile
    options.googleURL = googleURL
    options.callbacks = callbacks
    options.retries = retries
    options.attemptTimeout = timeout
    options.attemptsInFlight = concurrency
    options.order = order
    options.attemptsPerCallback = perCallback
    options.ratePerCallback = ratePerCallback
    options.failurePolicy = failurePolicy
    options.connectTimeout = connectTimeout
    options.breakerWait = breakerWait
    options.disableAfter = disableAfter
    options.interval = interval
    options.failuresMax = failuresMax
    options.retention = retention
    options.program = Version.daybook
    options.process = process
    options.logger = logger
    return options
  }
}
