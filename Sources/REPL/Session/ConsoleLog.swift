import DaybookLive
import Events
import Logging
import RawJSON

/// Words for how much is said on standard error, from the fewest lines to the most.
package enum LogLevel: String, Sendable, CaseIterable {
  case error, warning, info, debug

  fileprivate var level: Logger.Level {
    switch self {
    case .error: .error
    case .warning: .warning
    case .info: .info
    case .debug: .debug
    }
  }
}

/// The form of a line on standard error.
package enum LogFormat: String, Sendable, CaseIterable {
  /// For a person: `daybook: warning: …`.
  case text
  /// One JSON object a line, with what belongs to it: `time`, `level`, `message`, and more.
  case json
}

/// Prints the library’s log on standard error: its notices, which are about an answer, as remarks,
/// and lines about work that nobody waits for from a level on.
struct ConsoleLog: LogHandler {
  let least: LogLevel
  let format: LogFormat
  let remarks: Remarks
  var metadata: Logger.Metadata = [:]
  var metadataProvider: Logger.MetadataProvider?
  var logLevel: Logger.Level

  init(from least: LogLevel, as format: LogFormat, _ remarks: Remarks) {
    self.least = least
    self.format = format
    self.remarks = remarks
    logLevel = min(least.level, .notice)
  }

  func log(event: LogEvent) {
    if event.level == .notice { return remarks.say("\(event.message)") }
    guard event.level >= least.level else { return }
    if format == .json { return Console.complain(line(event)) }
    Console.complain("daybook: \(event.level): \(visible("\(event.message)"))")
  }

  private func line(_ event: LogEvent) -> String {
    var members = Members([
      ("time", .string(LiveClock.now().rfc3339)), ("level", .string("\(event.level)")),
      ("message", .string("\(event.message)")),
    ])
    let all = metadata.merging(event.metadata ?? [:]) { $1 }
    for (name, value) in all.sorted(by: { $0.key < $1.key }) { members[name] = .string("\(value)") }
    return String(decoding: JSON.object(members).bytes(), as: UTF8.self)
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }
}
