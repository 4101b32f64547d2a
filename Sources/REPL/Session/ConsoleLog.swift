import Logging

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

/// Prints the library’s log on standard error: its notices, which are about an answer, as remarks,
/// and lines about work that nobody waits for from a level on.
struct ConsoleLog: LogHandler {
  let least: LogLevel
  let remarks: Remarks
  var metadata: Logger.Metadata = [:]
  var metadataProvider: Logger.MetadataProvider?
  var logLevel: Logger.Level

  init(from least: LogLevel, _ remarks: Remarks) {
    self.least = least
    self.remarks = remarks
    logLevel = min(least.level, .notice)
  }

  func log(event: LogEvent) {
    if event.level == .notice { return remarks.say("\(event.message)") }
    guard event.level >= least.level else { return }
    Console.complain("daybook: \(event.level): \(visible("\(event.message)"))")
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }
}
