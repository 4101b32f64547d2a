import Events
import Testing

@testable import Daybook
@testable import EventStore

/// A journal whose tables an older program has folded, seen through the door.
@Suite struct OlderJournalTests {
  private let folder: TestFolder
  private let world = MadeUpWorld()

  init() throws { folder = try TestFolder() }

  private var path: String { folder.path + "/daybook.journal" }

  /// The journal opened anew after an older program has worked on it, and the cursors in it.
  private func older(_ lines: LogLines) async throws -> (Journal, cursors: [Row]) {
    let first = try world.journal(in: folder, retryWaits: [.seconds(1)])
    let code = world.withSandbox { $0.code(at: $1) }
    _ = try await first.instances.create(instanceJSON(code: code, base: MadeUpWorld.base))
    let cursors = try await first.cursors.rows()
    await first.close()
    try Connection(path: path, access: .readWrite)
      .execute("UPDATE projections SET revision = revision - 1")
    var options = JournalOptions()
    options.access = .whenNeeded
    options.googleURL = MadeUpWorld.base
    options.callbacks = try CallbackRules(allowing: ["127.0.0.1"])
    options.logger = lines.logger
    return (try Journal(path, options, in: world.outside), cursors)
  }

  private func revision() throws -> Int64? {
    try Connection(path: path, access: .readOnly).projections()["decisions"]?.revision
  }

  @Test func `a list makes an older program's tables anew where that is soon done`() async throws {
    let lines = LogLines()
    let (journal, cursors) = try await older(lines)
    #expect(try await journal.cursors.rows() == cursors)
    #expect(try revision() == Projector.revision)
    #expect(lines.all.isEmpty)
  }

  @Test func `a list over an older program's tables says so where it cannot make them anew`()
    async throws
  {
    let lines = LogLines()
    let (journal, cursors) = try await older(lines)
    let lock = try LockFile(path: path + ".lock")
    #expect(lock.take())
    #expect(try await journal.cursors.rows() == cursors)
    let head = try await journal.head()
    lock.release()
    #expect(try revision() == Projector.revision - 1)
    let told =
      "lists are an older Daybook's and reach to event \(head) of \(head);"
      + " they are made anew as commands are given, or at once by `daybook rebuild`"
    #expect(Set(lines.all.map(\.text)) == ["\(told) [:]"])
  }

  @Test func `work begins when an older program's tables are made anew`() async throws {
    let (journal, _) = try await older(LogLines())
    guard case .polled? = try await journal.step() else {
      Issue.record("the first poll was due")
      return
    }
    #expect(try revision() == Projector.revision)
    #expect(try await journal.rebuildDifferences().isEmpty)
  }
}
