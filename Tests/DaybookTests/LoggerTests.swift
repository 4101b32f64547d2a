import Daybook
import Engine
import Events
import HTTPTypes
import Logging
import Testing

/// Whoever embeds the library is told of its work by a logger of their own.
@Suite struct LoggerTests {
  private let folder: TestFolder
  private let made = MadeUpWorld()

  init() throws { folder = try TestFolder() }

  /// What a run over one change says, its receiver answering with a status.
  private func lines(answering status: Int) async throws -> [(level: Logger.Level, text: String)] {
    let first = try made.journal(in: folder, retryWaits: [.seconds(1)])
    let code = made.withSandbox { $0.code(at: $1) }
    _ = try await first.instances.create(instanceJSON(code: code, base: MadeUpWorld.base))
    _ = try await first.polls.run(.instance(1))
    made.withSandbox { $0.enter("Planning", at: $1) }
    _ = try await first.polls.run(.instance(1))
    await first.close()
    let lines = LogLines()
    var options = JournalOptions()
    options.googleURL = MadeUpWorld.base
    options.callbacks = try CallbackRules(allowing: ["127.0.0.1"])
    options.retries = .waits([.seconds(3_600)])
    options.logger = lines.logger
    let made = made
    let world = Daybook.World(
      now: { made.outside.now() }, uptime: made.outside.engine.uptime,
      sleep: { _ in
        let (moments, never) = AsyncStream<Void>.makeStream()
        for await _ in moments {}
        never.finish()
      },
      chance: made.outside.engine.chance,
      exchange: { exchange in
        guard exchange.isCallback, status != 200 else { return made.exchange(exchange) }
        return .success(HTTPReply(.init(status: .init(code: status)), address: "127.0.0.1"))
      })
    let journal = try Journal("\(folder.path)/daybook.journal", options, in: world)
    let (reports, reported) = AsyncStream<StepOutcome>.makeStream()
    let task = Task { try await journal.run { reported.yield($0) } }
    for await case .attempted in reports { break }
    task.cancel()
    try await task.value
    return lines.all
  }

  @Test(
    arguments: [
      (200, .info, "attempt 1: succeeded"), (503, .warning, "attempt 1: failed with 503"),
    ] as [(Int, Logger.Level, String)])
  func `a run tells the logger what each task came to, and nothing that is secret`(
    status: Int, level: Logger.Level, text: String
  ) async throws {
    let lines = try await lines(answering: status)
    let line = try #require(lines.first { $0.text.hasPrefix("delivery ") })
    #expect(line.level == level)
    #expect(line.text.contains(text))
    for line in lines {
      for secret in ["sandbox-secret", "sandbox-client", "Planning", "Bearer"] {
        #expect(!line.text.contains(secret), "\(line.text)")
      }
    }
  }
}
