import Daybook
import Events
import Glibc
import Synchronization

/// How far long work has come, between whoever does it and whoever shows it.
final class ProgressGauge: Sendable {
  private let state = Mutex(WorkProgress())

  /// Takes in how far it is; returns at once.
  func set(_ progress: WorkProgress) { state.withLock { $0 = progress } }

  /// Counts some more that is done.
  func add(_ done: Int64) { state.withLock { $0.done += done } }

  var value: WorkProgress { state.withLock { $0 } }
}

/// Progress in words.
///
///     verify: 84,000 of 188,746 events, 9,120/s, 11 s left
///     deliver: 1,204 attempts, 153/s
struct ProgressText {
  /// The command at work.
  let name: String
  /// One of what is counted.
  let unit: String
  /// Several of it.
  var units: String { unit.hasSuffix("y") ? "\(unit.dropLast())ies" : unit + "s" }

  func text(_ progress: WorkProgress, after elapsed: Duration) -> String {
    let seconds = Double(max(1, elapsed.wholeMilliseconds)) / 1_000
    let rate = Double(progress.done) / seconds
    var parts: [String] = []
    if let total = progress.total {
      parts.append("\(grouped(progress.done)) of \(counted(total, unit, units))")
    } else {
      parts.append(counted(progress.done, unit, units))
    }
    if rate >= 10 {
      parts.append("\(grouped(Int64(rate.rounded())))/s")
    } else if rate > 0 {
      parts.append("\((rate * 10).rounded() / 10)/s")
    }
    if let total = progress.total, rate > 0 {
      let left = Double(max(0, total - progress.done)) / rate
      parts.append(left < 1 ? "finishing" : "\(Self.text(seconds: Int64(left.rounded(.up)))) left")
    } else {
      parts.append(Self.text(seconds: Int64(seconds)))
    }
    return "\(name): " + parts.joined(separator: ", ")
  }

  /// `diff: at work, 3 s`: nobody knows how far it is.
  static func text(_ name: String, atWorkFor elapsed: Duration) -> String {
    "\(name): at work, \(text(seconds: elapsed.wholeMilliseconds / 1_000))"
  }

  /// `11 s`, `2 min 5 s`, `1 h 3 min`.
  static func text(seconds: Int64) -> String {
    switch seconds {
    case ..<60: "\(seconds) s"
    case ..<3_600:
      seconds % 60 == 0 ? "\(seconds / 60) min" : "\(seconds / 60) min \(seconds % 60) s"
    default: "\(seconds / 3_600) h \(seconds % 3_600 / 60) min"
    }
  }
}

extension Session {
  /// True where a person sees what is drawn on standard error: nothing is drawn elsewhere.
  var showsProgress: Bool {
    isTerminal && isatty(2) == 1 && settings.environment["TERM"] != "dumb"
  }

  /// Does long work, and shows a person how far it is: from half a second on, in one line that is
  /// redrawn, and erased before anything else is printed.
  ///
  /// - Parameter unit: One of what is counted, such as `event`.
  func showing<Answer>(
    _ name: String, _ unit: String, _ gauge: ProgressGauge, _ work: () async throws -> Answer
  ) async rethrows -> Answer {
    guard showsProgress else { return try await work() }
    // It speaks for itself from now on.
    Console.speak()
    let text = ProgressText(name: name, unit: unit)
    let line = Task { await draw(text, gauge) }
    defer {
      line.cancel()
      Console.erase()
    }
    return try await work()
  }

  /// Carries out a command, and shows a person that it is at work where it has said nothing after
  /// `TerminalLimits.progressAfter`, until it does.
  func attended<Answer>(_ name: String, _ work: () async throws -> Answer) async rethrows -> Answer
  {
    guard showsProgress, descriptor == 1 else { return try await work() }
    let line = Task { await drawWaiting(name, since: Console.words) }
    defer {
      line.cancel()
      Console.erase()
    }
    return try await work()
  }

  private func drawWaiting(_ name: String, since words: Int) async {
    let start = world.now()
    await world.sleep(TerminalLimits.progressAfter)
    while !Task.isCancelled {
      let line = ProgressText.text(name, atWorkFor: world.now() - start)
      guard Console.draw(String(line.prefix(columns - 1)), ifQuietSince: words) else { return }
      await world.sleep(TerminalLimits.progressEvery)
    }
  }

  private func draw(_ text: ProgressText, _ gauge: ProgressGauge) async {
    let start = world.now()
    await world.sleep(TerminalLimits.progressAfter)
    while !Task.isCancelled {
      let line = text.text(gauge.value, after: world.now() - start)
      Console.draw(String(line.prefix(columns - 1)))
      await world.sleep(TerminalLimits.progressEvery)
    }
  }

  private var columns: Int {
    Destination(descriptor: 2, environment: settings.environment).columns ?? 80
  }
}
