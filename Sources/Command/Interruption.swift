import Dispatch
import Glibc
import REPL

/// SIGINT, SIGTERM and SIGHUP as cancellation: what is under way is recorded, then the program
/// ends.
@MainActor
enum Interruption {
  /// Runs the work; a first signal cancels it, a second ends the process at once.
  static func watched(_ work: @escaping @MainActor () async -> Int32) async -> Int32 {
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
      var isAsked = false
      for await number in signals {
        // In the REPL a signal ends the command at hand, not the program.
        if number == SIGINT, Conversation.interrupt() { continue }
        if isAsked { _exit(128 + number) }
        isAsked = true
        task.cancel()
      }
    }
    defer { watch.cancel() }
    return await task.value
  }
}
