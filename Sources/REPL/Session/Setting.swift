import Daybook
import DaybookLive
import Events

/// One setting of the program. Its row is all that is said of it: reading, errors, the help of the
/// command line and the table in docs/operations.md come of it.
///
///     DAYBOOK_TIMEOUT   delivery.timeout   10ms to 10m   15s   for one attempt to deliver
package struct Setting: Sendable {
  /// The flag of the program that goes before all else.
  package let flag: String?
  /// The variable of the environment.
  package let variable: String?
  /// The key in the file that `--config` names, dotted or nested.
  package let key: String?
  /// Values that are taken, for a person.
  package let values: String
  /// The value where none is given, for a person; nil where there is none.
  package let standard: String?
  /// The setting’s purpose, in one line.
  package let help: String
  private let store: @Sendable (String, inout Settings) throws(SettingFault) -> Void

  init<Value>(
    flag: String? = nil, variable: String? = nil, key: String? = nil, _ kind: SettingKind<Value>,
    _ place: any WritableKeyPath<Settings, Value> & Sendable, standard: String? = nil,
    _ help: String
  ) {
    self.flag = flag
    self.variable = variable
    self.key = key
    values = kind.values
    self.standard = standard
    self.help = help
    store = { text, settings throws(SettingFault) in
      settings[keyPath: place] = try kind.read(text)
    }
  }

  /// Reads a value into its place.
  ///
  /// - Parameter source: Where it was given, for the person who has to mend it.
  /// - Throws: `Failure` that names where it was given, the value and those that are taken.
  func read(_ text: String, from source: String, into settings: inout Settings) throws(Failure) {
    do {
      try store(text, &settings)
    } catch {
      throw .usage("\(source): \(error.text)")
    }
  }
}

extension Setting {
  static let journal = Setting(
    flag: "--journal", variable: "DAYBOOK_JOURNAL", key: "journal", .path, \.journal,
    standard: "daybook.journal",
    "the file")
  static let googleURL = Setting(
    variable: "DAYBOOK_GOOGLE_URL", key: "google.url", SettingKind.url.optional, \.googleURL,
    "one base URL in place of all of Google's hosts")
  static let keyFile = Setting(
    variable: "DAYBOOK_KEY_FILE", key: "key.file", SettingKind.path.optional, \.keyFile,
    standard: "<journal>.key",
    "the key that seals secrets")
  static let callbacks = Setting(
    variable: "DAYBOOK_ALLOW_CALLBACKS", key: "callbacks.allow", .callbacks, \.callbacks,
    "what callbacks may reach although it is not public")
  static let ports = Setting(
    variable: "DAYBOOK_ALLOW_PORTS", key: "callbacks.ports", .ports, \.ports,
    "ports below 1024 that callbacks may reach beside 80 and 443")
  static let authorities = Setting(
    variable: "DAYBOOK_CA_FILE", key: "tls.authorities",
    SettingKind.pem("CERTIFICATE").optional, \.files.authorities,
    "authorities that are trusted beside the system's")
  static let clientCertificate = Setting(
    variable: "DAYBOOK_CLIENT_CERTIFICATE", key: "callbacks.certificate",
    SettingKind.pem("CERTIFICATE").optional, \.files.certificate,
    "what receivers are shown that ask for a client certificate")
  static let clientKey = Setting(
    variable: "DAYBOOK_CLIENT_KEY", key: "callbacks.key",
    SettingKind.pem("PRIVATE KEY").optional, \.files.key,
    standard: "in the same file", "its private key, without a passphrase")
  static let retries = Setting(
    variable: "DAYBOOK_RETRY", key: "delivery.retry", .retries, \.retries, standard: "standard",
    "the waits after failed attempts")
  static let timeout = Setting(
    variable: "DAYBOOK_TIMEOUT", key: "delivery.timeout", .duration(Bounds.attemptTimeout.range),
    \.timeout,
    standard: Bounds.attemptTimeout.standard.unitText, "the time of one attempt")
  static let concurrency = Setting(
    variable: "DAYBOOK_CONCURRENCY", key: "delivery.concurrency",
    .number(Bounds.attemptsInFlight.range),
    \.concurrency, standard: "\(Bounds.attemptsInFlight.standard)", "attempts in flight")
  static let connectTimeout = Setting(
    variable: "DAYBOOK_CONNECT_TIMEOUT", key: "delivery.connect.timeout",
    .duration(Bounds.connectTimeout.range), \.connectTimeout,
    standard: Bounds.connectTimeout.standard.unitText, "the time in which an attempt connects")
  static let perCallback = Setting(
    variable: "DAYBOOK_CALLBACK_CONCURRENCY", key: "delivery.callback.concurrency",
    SettingKind.number(Bounds.attemptsPerCallback.range).optional, \.perCallback,
    "attempts in flight to one callback, where an instance does not say")
  static let ratePerCallback = Setting(
    variable: "DAYBOOK_CALLBACK_RATE", key: "delivery.callback.rate",
    SettingKind.number(Bounds.ratePerCallback.range).optional, \.ratePerCallback,
    "attempts in a second to one callback, where an instance does not say")
  static let failurePolicy = Setting(
    variable: "DAYBOOK_FAILURE_POLICY", key: "delivery.failure.policy", .word(), \.failurePolicy,
    standard: "\(FailurePolicy.retry)",
    "the fate of what a callback did not take, where an instance does not say")
  static let breakerWait = Setting(
    variable: "DAYBOOK_BREAKER", key: "delivery.breaker", .duration(Bounds.breakerWait.range),
    \.breakerWait, standard: Bounds.breakerWait.standard.unitText,
    "how long after a failure a callback that rests is asked again")
  static let disableAfter = Setting(
    variable: "DAYBOOK_DISABLE_AFTER", key: "delivery.disable.after",
    .duration(Bounds.disableAfter.range), \.disableAfter,
    standard: Bounds.disableAfter.standard.unitText,
    "how long a callback has to fail, and nothing else, until it is disabled")
  static let order = Setting(
    variable: "DAYBOOK_ORDER", key: "delivery.order", .word(), \.order,
    standard: "\(DeliveryOrder.object)",
    "which deliveries may not overtake each other, where an instance does not say")
  static let interval = Setting(
    variable: "DAYBOOK_INTERVAL", key: "polling.interval",
    SettingKind.duration(Bounds.interval.range).optional, \.interval,
    "an interval for feeds opened or changed meanwhile; for tests")
  static let failuresMax = Setting(
    variable: "DAYBOOK_FAILURES", key: "polling.failures", .number(Bounds.failuresMax.range),
    \.failuresMax,
    standard: "\(Bounds.failuresMax.standard)", "failed polls in a row until a feed is disabled")
  static let retention = Setting(
    variable: "DAYBOOK_RETENTION", key: "retention", .retention, \.retention,
    standard: "everything is kept",
    "how long `run` and `serve` keep bytes that only people need")
  static let logLevel = Setting(
    variable: "DAYBOOK_LOG", key: "log.level", .word(), \.logLevel,
    standard: "\(LogLevel.warning)",
    "the lines of `run` on standard error")
  static let logFormat = Setting(
    variable: "DAYBOOK_LOG_FORMAT", key: "log.format", .word(), \.logFormat,
    standard: "\(LogFormat.text)", "the form of these lines")
  static let userSecret = Setting(
    variable: "DAYBOOK_USER_SECRET", key: "http.user.secret", .secret, \.userSecret,
    standard: "made by the first `serve`", "what clients of `serve` show as `User`")
  static let organizationSecret = Setting(
    variable: "DAYBOOK_ORGANIZATION_SECRET", key: "http.organization.secret", .secret,
    \.organizationSecret, standard: "made by the first `serve`",
    "what clients of `serve` show as `Organization`")
  static let hosts = Setting(
    variable: "DAYBOOK_HTTP_HOSTS", key: "http.hosts", .hosts, \.hosts,
    "names by which a proxy passes requests on to `serve`")
  static let output = Setting(
    flag: "--output", .word(), \.output, standard: "\(OutputFormat.auto)", "the form of results")
  static let color = Setting(
    flag: "--color", .word(), \.color, standard: "\(ColorMode.auto)", "when to use colour")

  /// All of them, in the order of the docs.
  package static let all = [
    journal, googleURL, keyFile, callbacks, ports, authorities, clientCertificate, clientKey,
    retries, timeout, connectTimeout, concurrency, perCallback, ratePerCallback, order,
    failurePolicy, breakerWait, disableAfter, interval, failuresMax, retention,
    logLevel, logFormat, userSecret, organizationSecret, hosts, output, color,
  ]

  private typealias Bounds = JournalOptions.Bounds
}

extension Setting {
  /// The table of docs/operations.md.
  package static let table: String = {
    var lines = [
      "| environment | JSON key | meaning | values | default |", "|---|---|---|---|---|",
    ]
    for setting in all {
      guard let variable = setting.variable, let key = setting.key else { continue }
      let flag = setting.flag.map { "; `\($0)` goes before it" } ?? ""
      let standard = setting.standard.map { "`\($0)`" } ?? ""
      lines.append(
        "| `\(variable)` | `\(key)` | \(setting.help)\(flag) | \(setting.values) | \(standard) |")
    }
    return lines.joined(separator: "\n") + "\n"
  }()

  /// Lines for the help of the program.
  static let lines = all.compactMap { setting in
    setting.variable.map { variable in
      let standard = setting.standard.map { "; default \($0)" } ?? ""
      return "  \(variable): \(setting.help)\(standard)"
    }
  }.joined(separator: "\n")
}
