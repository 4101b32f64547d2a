import Logging
import Synchronization

/// Keeps the lines that a logger is told.
final class LogLines: Sendable {
  private let kept = Mutex<[(level: Logger.Level, text: String)]>([])

  var all: [(level: Logger.Level, text: String)] { kept.withLock { $0 } }

  /// A logger that tells them here, of every level.
  var logger: Logger { Logger(label: "test", factory: { _ in Handler(lines: self) }) }

  private func add(_ event: LogEvent) {
    kept.withLock { $0.append((event.level, "\(event.message) \(event.metadata ?? [:])")) }
  }

  private struct Handler: LogHandler {
    let lines: LogLines
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    var logLevel = Logger.Level.trace

    func log(event: LogEvent) { lines.add(event) }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }
  }
}
