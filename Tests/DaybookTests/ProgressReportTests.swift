import Events
import Synchronization
import Testing

@testable import Daybook

/// Long work says how far it is, and can be stopped between two pages.
@Suite struct ProgressReportTests {
  private let folder: TestFolder
  private let world = MadeUpWorld()
  private let journal: Journal

  init() throws {
    folder = try TestFolder()
    journal = try world.journal(in: folder, retryWaits: [.seconds(1)])
  }

  private func prepare() async throws { _ = try await world.watch(in: journal) }

  @Test func `each tells of all there is at its end`() async throws {
    try await prepare()
    let head = try await journal.head()
    let told = Mutex<[WorkProgress]>([])
    let report: WorkProgress.Report = { progress in told.withLock { $0.append(progress) } }
    _ = try await journal.verify(progress: report)
    #expect(told.withLock { $0.last } == WorkProgress(done: head, total: head))
    _ = try await journal.rebuildDifferences(progress: report)
    #expect(told.withLock { $0.last } == WorkProgress(done: head, total: head))
    told.withLock { $0 = [] }
    try await journal.rebuild(progress: report)
    #expect(told.withLock { $0.last } == WorkProgress(done: head, total: head))
    told.withLock { $0 = [] }
    _ = try await journal.polls.run(.all, progress: report)
    #expect(told.withLock { $0 } == [WorkProgress(done: 0, total: 1)])
  }

  @Test func `what is stopped between two pages says so`() async throws {
    try await prepare()
    let stop: WorkProgress.Report = { _ in withUnsafeCurrentTask { $0?.cancel() } }
    let journal = journal
    await #expect(throws: DaybookError.cancelled) {
      try await Task { _ = try await journal.verify(progress: stop) }.value
    }
    await #expect(throws: DaybookError.cancelled) {
      try await Task { _ = try await journal.rebuildDifferences(progress: stop) }.value
    }
    _ = try await journal.verify()
  }
}
