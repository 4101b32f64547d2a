package import Daybook
import Events
import RawJSON

/// Settings of the program: from flags, else the environment, else a file, else by default.
package struct Settings: Sendable {
  package var journal: String
  package var output: OutputFormat = .auto
  package var color: ColorMode = .auto
  package var isReadOnly = false
  package var isLocal = false
  package var googleURL: String?
  package var keyFile: String?
  package var callbacks = CallbackRules()
  package var retries = Retries.standard
  /// nil: the library’s own.
  package var timeout: Duration?
  package var concurrency: Int?
  /// In place of every instance's interval; for tests.
  package var interval: Duration?
  package var failuresMax: Int?
  package var logLevel = WorkLog.Level.warning
  package var environment: [String: String]

  /// Flags as they were typed; nil: not given.
  package struct Flags: Sendable {
    package var journal: String?
    package var output: String?
    package var color: String?
    package var config: String?
    package var isReadOnly = false

    package init() {}
  }

  /// Puts the layers together.
  ///
  /// - Parameter file: The bytes of the file that `--config` names, where it was given.
  /// - Throws: `Failure` that names the setting, its value and what would be right.
  package init(
    _ flags: Flags, environment: [String: String], file: [UInt8]?
  ) throws(Failure) {
    self.environment = environment
    var layered = Layers(environment: environment, file: nil)
    if let file {
      do {
        layered.file = try JSON.parse(file)
      } catch {
        throw .usage("\(flags.config ?? "--config"): not JSON: \(error)")
      }
      layered.path = flags.config ?? "--config"
      try layered.checkFile()
    }
    journal = Journal.followed(
      flags.journal ?? layered.text("DAYBOOK_JOURNAL", "journal") ?? "daybook.journal")
    isReadOnly = flags.isReadOnly
    googleURL = layered.text("DAYBOOK_GOOGLE_URL", "google.url")
    keyFile = layered.text("DAYBOOK_KEY_FILE", "key.file")
    try read(layered)
    if let text = flags.output { output = try Settings.format(text) }
    if let text = flags.color {
      guard let mode = ColorMode(rawValue: text) else {
        throw .usage("--color: \(text) is none of auto, always, never")
      }
      color = mode
    }
  }

  private mutating func read(_ layered: Layers) throws(Failure) {
    if let text = layered.text("DAYBOOK_ALLOW_CALLBACKS", "callbacks.allow") {
      do {
        callbacks = try CallbackRules(allowing: [text])
      } catch {
        throw .usage(
          "\(layered.source("DAYBOOK_ALLOW_CALLBACKS", "callbacks.allow")): \(error.text)")
      }
    }
    if let text = layered.text("DAYBOOK_RETRY", "delivery.retry") {
      guard let retries = Retries(text) else {
        throw .usage(
          "\(layered.source("DAYBOOK_RETRY", "delivery.retry")): \(visible(text)) is none of standard, sap or 1s,5s,5m"
        )
      }
      self.retries = retries
    }
    if let text = layered.text("DAYBOOK_TIMEOUT", "delivery.timeout") {
      guard let timeout = Duration(unit: text), timeout >= .milliseconds(10),
        timeout <= .seconds(600)
      else {
        throw .usage(
          "\(layered.source("DAYBOOK_TIMEOUT", "delivery.timeout")): \(visible(text)) is no duration from 10ms to 10m"
        )
      }
      self.timeout = timeout
    }
    if let text = layered.text("DAYBOOK_CONCURRENCY", "delivery.concurrency") {
      guard let count = Int(text), (1...256).contains(count) else {
        throw .usage(
          "\(layered.source("DAYBOOK_CONCURRENCY", "delivery.concurrency")): \(visible(text)) is no number from 1 to 256"
        )
      }
      concurrency = count
    }
    try readPolling(layered)
    if let text = layered.text("DAYBOOK_LOG", "log.level") {
      guard let level = WorkLog.Level(rawValue: text) else {
        throw .usage(
          "\(layered.source("DAYBOOK_LOG", "log.level")): \(visible(text)) is none of error, warning, info, debug"
        )
      }
      logLevel = level
    }
  }

  private mutating func readPolling(_ layered: Layers) throws(Failure) {
    if let text = layered.text("DAYBOOK_INTERVAL", "polling.interval") {
      guard let interval = Duration(unit: text), interval >= .milliseconds(10),
        interval <= JournalOptions.intervalMax
      else {
        throw .usage(
          "\(layered.source("DAYBOOK_INTERVAL", "polling.interval")): \(visible(text)) is no duration of 10ms or more"
        )
      }
      self.interval = interval
    }
    if let text = layered.text("DAYBOOK_FAILURES", "polling.failures") {
      guard let count = Int(text), (1...1_000_000).contains(count) else {
        throw .usage(
          "\(layered.source("DAYBOOK_FAILURES", "polling.failures")): \(visible(text)) is no number from 1 to 1000000"
        )
      }
      failuresMax = count
    }
  }

  /// The output format of that name; the failure lists all of them.
  package static func format(_ text: String) throws(Failure) -> OutputFormat {
    guard let format = OutputFormat(rawValue: text) else {
      let names = OutputFormat.allCases.map(\.rawValue).joined(separator: ", ")
      throw .usage("--output: \(visible(text)) is none of \(names)")
    }
    return format
  }

  /// The same as the library takes it.
  func options(process: Int64, _ remarks: Remarks) -> JournalOptions {
    var options = JournalOptions()
    options.access = isReadOnly ? .readOnly : .whenNeeded
    options.keyFile = keyFile
    options.googleURL = googleURL
    options.callbacks = callbacks
    options.retries = retries
    options.attemptTimeout = timeout
    options.attemptsInFlight = concurrency
    options.interval = interval
    options.failuresMax = failuresMax
    options.program = Version.daybook
    options.process = process
    options.remark = { remarks.say($0) }
    return options
  }
}

/// The environment over the file.
private struct Layers {
  var environment: [String: String]
  var file: JSON?
  /// The file’s path, as it was given.
  var path = ""

  private static let keys: Set<String> = [
    "journal", "google.url", "key.file", "callbacks.allow", "delivery.retry", "delivery.timeout",
    "delivery.concurrency", "polling.interval", "polling.failures", "log.level",
    "http.user.secret", "http.organization.secret",
  ]

  func text(_ variable: String, _ key: String) -> String? {
    if let value = environment[variable], !value.isEmpty { return value }
    return (file?[key] ?? file?.at(path: key)).flatMap(Layers.text)
  }

  /// Where a setting came from, for the person who has to mend it.
  func source(_ variable: String, _ key: String) -> String {
    environment[variable]?.isEmpty == false ? variable : "\(visible(path)): \(key)"
  }

  private static func text(_ value: JSON) -> String? {
    if let text = value.text { return text }
    if let elements = value.elements {
      let texts = elements.compactMap(\.text)
      return texts.count == elements.count ? texts.joined(separator: ",") : nil
    }
    return value.integer.map(String.init)
  }

  /// Refuses what nobody would read: a mistyped key would leave a default in force unseen.
  func checkFile() throws(Failure) {
    guard let members = file?.members else {
      throw .usage("\(visible(path)): has to be a JSON object of settings")
    }
    try check(members, under: "")
  }

  private func check(_ members: Members, under prefix: String) throws(Failure) {
    for member in members {
      let key = prefix + member.name
      if Layers.keys.contains(key) {
        guard member.value == .null || Layers.text(member.value) != nil else {
          throw .usage("\(visible(path)): \(key): has to be a text or a whole number")
        }
      } else if Layers.keys.contains(where: { $0.hasPrefix("\(key).") }) {
        guard let inner = member.value.members else {
          throw .usage("\(visible(path)): \(key): has to be an object")
        }
        try check(inner, under: "\(key).")
      } else {
        let known = Layers.keys.sorted()
        let hint = suggestion(for: key, among: known).map { "; did you mean \($0)?" } ?? ""
        throw .usage("\(visible(path)): there is no setting \(visible(key))\(hint)")
      }
    }
  }
}
