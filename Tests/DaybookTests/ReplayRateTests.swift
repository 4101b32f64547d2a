import Engine
import Events
import Journal
import Sandbox
import Testing

@testable import Daybook

/// How fast a replay goes that asked for a rate, whenever it is worked on.
@Suite struct ReplayRateTests {
  private let folder: TestFolder
  private let world = MadeUpWorld()
  private let keeper: Bookkeeper

  init() throws {
    folder = try TestFolder()
    var options = BookkeeperOptions()
    options.googleURL = MadeUpWorld.base
    options.allowedCallbacks = ["127.0.0.1"]
    keeper = try Bookkeeper("\(folder.path)/daybook.journal", options, in: world.surroundings)
  }

  /// A replay of five notifications, one a second, that nobody has worked on yet.
  private func requested() async throws -> Int64 {
    let code = world.withSandbox { $0.code(at: $1) }
    let id = try await keeper.createInstance(instanceJSON(code: code, base: MadeUpWorld.base)).id
    for count in 0...5 {
      _ = try await keeper.poll(instance: id)
      world.pass(.seconds(60))
      world.withSandbox { $0.enter("Planning \(count)", at: $1) }
    }
    try await keeper.deliver()
    try await keeper.desk.book.log.catchUp()
    let selection = try await Replayer.selectExact(
      ReportQuery(.deliveries), only: nil, for: other, from: keeper.desk.book.reader)
    let wish = Replayer.Wish(
      url: other, mode: "exact", rate: 1, concurrency: nil, hasCredentials: false, reason: nil)
    return try await keeper.desk.replayer.request(selection, wish)
  }

  private let other = "\(MadeUpWorld.base)/receiver/other"

  /// Asks for all deliveries of a replay and makes none.
  private func askForAll() async throws {
    try await keeper.desk.runner().work([.replay], until: .nothingDue) { _ in }
  }

  /// Here a sleep passes at once, now and then between the choice of a delivery and its attempt.
  private func expectOneASecond(_ replay: Int64) async throws {
    let times = try await bodies("delivery.attempted", of: replay) { event in
      if case .deliveryAttempted(let body) = event { body.sentAtMs } else { nil }
    }
    let gaps = zip(times, times.dropFirst()).map { $1 - $0 }
    #expect(gaps.count == 4 && gaps.allSatisfy { $0 >= 300 }, "\(gaps)")
    #expect(abs(gaps.reduce(0, +) - 4_000) < 700, "\(gaps)")
  }

  private func bodies(
    _ type: String, of replay: Int64, _ time: (Event) -> Int64?
  ) async throws -> [Int64] {
    var selection = Selection()
    selection.types = [type]
    let positions = try await keeper.events(selection).map(\.position)
    var times: [Int64] = []
    for position in positions {
      let row = try await keeper.desk.book.reader.read { reading throws(LogError) in
        try reading.event(at: position)
      }
      guard let row, row.stream.hasSuffix("/replay/\(replay)") else { continue }
      if let found = try time(row.event()) { times.append(found) }
    }
    return times
  }

  @Test func `one that nobody worked on in time does not make up for it`() async throws {
    let replay = try await requested()
    world.pass(.seconds(3_600))
    try await keeper.desk.finishReplay(replay)
    try await expectOneASecond(replay)
  }

  @Test func `what came due while nobody worked goes as slowly`() async throws {
    let replay = try await requested()
    try await askForAll()
    world.pass(.seconds(3_600))
    try await keeper.deliver()
    try await expectOneASecond(replay)
  }

  @Test func `one that was stopped goes on as slowly`() async throws {
    let replay = try await requested()
    try await askForAll()
    try await keeper.desk.replayer.stop(replay, reason: "lunch")
    world.pass(.seconds(3_600))
    try await keeper.deliver()
    try await keeper.desk.replayer.resume(replay, reason: "back")
    let due = try await bodies("delivery.released", of: replay) { event in
      if case .deliveryReleased(let body) = event { body.dueAtMs } else { nil }
    }
    #expect(zip(due, due.dropFirst()).map { $1 - $0 } == [1_000, 1_000, 1_000, 1_000])
    try await keeper.desk.finishReplay(replay)
    try await expectOneASecond(replay)
  }
}
