import Events
import Foundation
import Testing

@testable import REPL

/// Rows of settings: each is read from all the places where it can be given.
@Suite struct SettingTests {
  private func read(
    _ environment: [String: String] = [:], file: String? = nil, flags: [String: String] = [:]
  ) throws(Failure) -> Settings {
    var given = Settings.Flags()
    given.values = flags
    given.config = file == nil ? nil : "settings.json"
    return try Settings(given, environment: environment, file: file.map { Array($0.utf8) })
  }

  private static let samples = [
    "journal": "other.journal", "google.url": "http://127.0.0.1:1", "key.file": "k",
    "callbacks.allow": "10.0.0.0/8", "delivery.retry": "sap", "delivery.timeout": "2s",
    "delivery.concurrency": "7", "delivery.connect.timeout": "2s",
    "delivery.callback.concurrency": "3", "delivery.callback.rate": "4", "delivery.order": "strict",
    "delivery.failure.policy": "queue", "delivery.breaker": "1s", "delivery.disable.after": "1d",
    "polling.interval": "3s", "polling.failures": "9", "retention": "pages=7d",
    "log.level": "debug", "log.format": "json", "http.user.secret": "u",
    "http.organization.secret": "o", "http.hosts": "daybook.example", "callbacks.ports": "444",
    "tls.authorities": pem("CERTIFICATE"), "callbacks.certificate": pem("CERTIFICATE"),
    "callbacks.key": pem("EC PRIVATE KEY"),
  ]

  /// A file with the first line of such an object, which is all that is looked for.
  private static func pem(_ label: String) -> String {
    let path = NSTemporaryDirectory() + "daybook-\(UUID().uuidString).pem"
    try? Data("-----BEGIN \(label)-----\n".utf8).write(to: URL(filePath: path))
    return path
  }

  @Test(arguments: Setting.all.compactMap(\.key))
  func `a setting is read from the environment as from the file`(key: String) throws {
    let setting = try #require(Setting.all.first { $0.key == key })
    let sample = try #require(Self.samples[key], "a sample of \(key) is missing here")
    let variable = try #require(setting.variable)
    // A key is of no use without its certificate.
    let certificate = ["DAYBOOK_CLIENT_CERTIFICATE": Self.samples["callbacks.certificate"] ?? ""]
    let others = key == "callbacks.key" ? certificate : [:]
    func bare(_ settings: Settings) -> String {
      var settings = settings
      settings.environment = [:]
      return "\(settings)"
    }
    let byVariable = bare(try read(others.merging([variable: sample]) { $1 }))
    let byFile = bare(try read(others, file: #"{"\#(key)":"\#(sample)"}"#))
    #expect(byVariable == byFile)
    #expect(byFile != bare(try read(others)))
  }

  @Test func `a key without a certificate is refused`() {
    let message = "DAYBOOK_CLIENT_KEY: a key is of no use without DAYBOOK_CLIENT_CERTIFICATE"
    #expect(throws: Failure.usage(message)) {
      try read(["DAYBOOK_CLIENT_KEY": Self.pem("PRIVATE KEY")])
    }
  }

  @Test func `a flag goes before the environment, and that before the file`() throws {
    let file = #"{"journal":"c","delivery":{"timeout":"3s"}}"#
    let all = try read(["DAYBOOK_JOURNAL": "b"], file: file, flags: ["--journal": "a"])
    #expect(all.journal.hasSuffix("a"))
    #expect(all.timeout == .seconds(3))
    #expect(try read(["DAYBOOK_JOURNAL": "b"], file: file).journal.hasSuffix("b"))
  }

  @Test(arguments: [
    ("DAYBOOK_TIMEOUT", "9ms", "DAYBOOK_TIMEOUT: 9ms is no duration from 10ms to 10m"),
    ("DAYBOOK_CONCURRENCY", "257", "DAYBOOK_CONCURRENCY: 257 is no number from 1 to 256"),
    ("DAYBOOK_LOG", "loud", "DAYBOOK_LOG: loud is none of error, warning, info, debug"),
    ("DAYBOOK_RETRY", "soon", "DAYBOOK_RETRY: soon is none of standard, sap or 1s,5s,5m"),
    (
      "DAYBOOK_ALLOW_PORTS", "25,1024",
      "DAYBOOK_ALLOW_PORTS: 25,1024 is no list of port numbers from 1 to 1023"
    ),
    ("DAYBOOK_CA_FILE", "/nowhere.pem", "DAYBOOK_CA_FILE: /nowhere.pem cannot be read"),
    ("DAYBOOK_CA_FILE", "/", "DAYBOOK_CA_FILE: / cannot be read"),
    ("DAYBOOK_CA_FILE", "/dev/null", "DAYBOOK_CA_FILE: /dev/null holds no CERTIFICATE in PEM"),
    (
      "DAYBOOK_CLIENT_KEY", "/dev/null",
      "DAYBOOK_CLIENT_KEY: /dev/null holds no PRIVATE KEY in PEM"
    ),
    (
      "DAYBOOK_RETENTION", "pages=soon",
      "DAYBOOK_RETENTION: pages=soon is none of pages=7d,responses=90d, with times from 1s to 366d"
    ),
    ("DAYBOOK_INTERVAL", "367d", "DAYBOOK_INTERVAL: 367d is no duration from 10ms to 366d"),
  ])
  func `what is no value says where it stands and what would be one`(
    variable: String, value: String, message: String
  ) {
    #expect(throws: Failure.usage(message)) { try read([variable: value]) }
  }

  @Test(arguments: [
    #"{"http.user.secret":"u"}"#, #"{"http":{"user.secret":"u"}}"#,
    #"{"http.user":{"secret":"u"}}"#, #"{"http":{"user":{"secret":"u"}}}"#,
  ])
  func `keys of a file may be dotted and nested as one likes`(file: String) throws {
    #expect(try read(file: file).userSecret == "u")
  }

  @Test(arguments: ["DAYBOOK_USER_SECRET", "DAYBOOK_ORGANIZATION_SECRET"])
  func `a secret that cannot be shown is refused and not repeated`(variable: String) {
    let text = "\(variable): has to be printable ASCII without blanks and commas"
    for secret in ["two words", "a,b", "é", "line\n"] {
      #expect(throws: Failure.usage(text)) { try read([variable: secret]) }
    }
  }

  @Test func `the file’s own faults name the file and the key`() {
    #expect(
      throws: Failure.usage("settings.json: delivery.timeout: 1 is no duration from 10ms to 10m")
    ) { try read(file: #"{"delivery":{"timeout":1}}"#) }
    #expect(
      throws: Failure.usage("settings.json: there is no setting jornal; did you mean journal?")
    ) { try read(file: #"{"jornal":"x"}"#) }
  }

  @Test func `durations are written as they are read`() {
    for text in ["10ms", "15s", "90s", "10m", "36h", "366d"] {
      #expect(Duration(unit: text).map(\.unitText) == text, "\(text)")
    }
  }
}
