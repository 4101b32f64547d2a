import Dispatch
import Glibc
import REPL

/// SIGINT, SIGTERM and SIGHUP: the first begins nothing new and waits for what is under way, the
/// second cuts that, and the third ends the process where it stands.
///
///     SIGTERM once, and the work came to an end of its own     0
///     any other interruption                                 130
@MainActor
enum Interruption {
  /// How long what was cut may take to be recorded.
  private static let cutMax = Duration.seconds(5)

  /// The signals that came for the whole program, in order.
  private static var asked: [Int32] = []

  /// Runs the work of a session, and stops it where a signal asks for that.
  static func watched(
    _ session: Session, _ work: @escaping @MainActor () async -> Int32
  ) async -> Int32 {
    let (signals, arrived) = AsyncStream<Int32>.makeStream()
    var sources: [any DispatchSourceSignal] = []
    for number in [SIGINT, SIGTERM, SIGHUP] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { @Sendable in arrived.yield(number) }
      source.activate()
      sources.append(source)
    }
    defer { for source in sources { source.cancel() } }
    let task = Task { await work() }
    let watch = Task {
      for await number in signals {
        // In the REPL a signal ends the command at hand, not the program.
        if number == SIGINT, Conversation.interrupt() { continue }
        asked.append(number)
        switch asked.count {
        case 1: task.cancel()
        case 2: cut(session, number)
        default: _exit(128 + number)
        }
      }
    }
    defer { watch.cancel() }
    let status = await task.value
    let isClean = asked == [SIGTERM] && session.isStoppedCleanly
    return status == 130 && isClean ? 0 : status
  }

  /// Ends what is under way, and the process where even that does not end it.
  private static func cut(_ session: Session, _ number: Int32) {
    session.cut()
    Task {
      try? await Task.sleep(for: cutMax)
      _exit(128 + number)
    }
  }
}
