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

  /// The numbers of the signals that came, a byte each: a handler may do no more than write.
  private nonisolated static let arrivals: (reader: Int32, writer: Int32) =
    makePipe(isBlocking: false) ?? (-1, -1)

  /// Has the signals noted from now on: none is lost while nobody reads the notes yet, as it would
  /// be if they were ignored meanwhile.
  private static func noteSignals() {
    // Made here, and not in the handler.
    guard arrivals.writer >= 0 else { return }
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { number in
      let before = errno
      var byte = UInt8(truncatingIfNeeded: number)
      _ = write(Interruption.arrivals.writer, &byte, 1)
      errno = before
    }
    action.sa_flags = SA_RESTART
    for number in [SIGINT, SIGTERM, SIGHUP] { sigaction(number, &action, nil) }
  }

  /// Runs the work of a session, and stops it where a signal asks for that.
  static func watched(
    _ session: Session, _ work: @escaping @MainActor () async -> Int32
  ) async -> Int32 {
    let (signals, arrived) = AsyncStream<Int32>.makeStream()
    noteSignals()
    let source = DispatchSource.makeReadSource(
      fileDescriptor: arrivals.reader, queue: .global())
    source.setEventHandler { @Sendable in
      var bytes = [UInt8](repeating: 0, count: 64)
      let count = read(Interruption.arrivals.reader, &bytes, bytes.count)
      guard count > 0 else { return }
      InputBell.ring()
      for byte in bytes[..<count] { arrived.yield(Int32(byte)) }
    }
    source.activate()
    defer { source.cancel() }
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
