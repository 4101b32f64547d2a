import Domain
import Engine
import Events
import Sandbox
import Synchronization
import Testing

@testable import Daybook
@testable import EventStore

/// Every change, where it was to go, and when that took it.
@Suite struct AuditTests {
  private let folder: TestFolder
  private let world = MadeUpWorld()
  private let journal: Journal
  private let hook = "\(MadeUpWorld.base)/receiver/hook"
  private let other = "\(MadeUpWorld.base)/receiver/other"

  init() throws {
    folder = try TestFolder()
    journal = try world.journal(in: folder, retryWaits: [.seconds(60)])
  }

  private func script(_ path: String, _ statuses: [Int]) {
    world.withSandbox { sandbox, _ in
      sandbox.receiver.script("/receiver/\(path)", statuses.map { .init(status: $0) })
    }
  }

  /// One event more, seen by a poll.
  private func see(_ title: String, _ id: Int64) async throws {
    world.pass(.seconds(60))
    world.withSandbox { $0.enter(title, at: $1) }
    _ = try await journal.polls.run(.instance(id))
  }

  private func audited(
    _ part: Selection = Selection(), in past: Journal? = nil
  ) async throws -> (rows: [Row], totals: Audit.Totals) {
    let rows = Mutex<[Row]>([])
    let totals = try await (past ?? journal).audit(part).rows { page in
      rows.withLock { $0 += page }
      return true
    }
    return (rows.withLock { $0 }, totals)
  }

  @Test func `what was accepted has its delivery, its attempt and its bytes`() async throws {
    let id = try await world.watch(in: journal)
    try await see("Planning", id)
    try await journal.deliveries.deliver()
    let (rows, totals) = try await audited()
    let row = try #require(rows.first)
    #expect(rows.count == 1 && row.names == RowTable.audit.names)
    #expect(row["status"] == .text("accepted") && row["reason"] == .null)
    #expect(row["url"] == .text(hook) && row["title"] == .text("Planning"))
    let delivery = try await journal.events.row(row["delivery"]?.integer ?? 0)
    let body = delivery["body"]?.string ?? ""
    #expect(body.contains("\"body\":\"\(row["body"]?.string ?? "none")\""))
    #expect(body.contains("\"bytes\":\(row["bytes"]?.integer ?? 0)"))
    let attempt = try await journal.events.row(row["attempt"]?.integer ?? 0)
    #expect(attempt["type"] == .text("delivery.attempted"))
    let change = try await journal.events.row(row["position"]?.integer ?? 0)
    #expect(change["recordedAt"] == row["recordedAt"])
    #expect(row["acceptedAt"]?.moment != nil && row["lastStatus"] == .integer(204))
    #expect(totals.changes == 1 && totals[.accepted] == 1 && totals.isComplete)
  }

  @Test func `what is open says why, and so does what was given up or is not to be sent`()
    async throws
  {
    let id = try await world.watch(in: journal)
    try await see("One", id)
    func only() async throws -> Row { try #require(try await audited().rows.first) }
    let change = try #require(try await journal.changes.rows().first?["position"]?.integer)
    let then = try await audited(in: try await journal.at(change))
    #expect(then.rows.map { $0["reason"] } == [.text("its notification is not put together yet")])
    #expect(then.totals[.open] == 1)
    #expect(try await only()["reason"] == .text("it waits for its turn"))
    script("hook", [503, 503])
    try await journal.deliveries.deliver()
    var row = try await only()
    #expect(row["status"] == .text("open") && row["attempts"] == .integer(1))
    #expect(row["reason"]?.string?.contains("answered 503; it is sent again") == true)
    #expect(row["nextAt"]?.moment != nil && row["acceptedAt"] == .null)
    world.pass(.seconds(120))
    try await journal.deliveries.deliver()
    row = try await only()
    #expect(row["status"] == .text("exhausted"))
    #expect(row["reason"] == .text("the receiver answered 503"))
    #expect(try await audited().totals[.exhausted] == 1)
    script("hook", [])
    try await journal.callbacks.disable(hook, reason: "moving")
    try await see("Two", id)
    try await journal.deliveries.deliver()
    row = try #require(try await audited().rows.last)
    #expect(row["reason"] == .text("held for \(hook): moving"))
    try await journal.instances.delete(id)
    try await journal.deliveries.deliver()
    let (rows, totals) = try await audited()
    #expect(rows.last?["status"] == .text("skipped"))
    #expect(rows.last?["reason"] == .text("instance \(id) is deleted"))
    #expect(totals.changes == 2 && totals[.exhausted] == 1 && totals[.skipped] == 1)
    #expect(!totals.isComplete)
  }

  @Test func `a replay elsewhere is a row of its own, and one to the same URL counts`()
    async throws
  {
    let id = try await world.watch(in: journal)
    try await see("One", id)
    script("hook", [503, 503])
    try await journal.deliveries.deliver()
    try await journal.replays.send(to: other)
    var (rows, totals) = try await audited()
    #expect(rows.map { $0["url"] } == [.text(hook), .text(other)])
    #expect(rows.map { $0["status"]?.string } == ["open", "accepted"])
    #expect(totals.changes == 1 && totals[.open] == 1)
    script("hook", [])
    try await journal.replays.send(to: hook, mode: .rebuilt)
    (rows, totals) = try await audited()
    #expect(rows.map { $0["status"]?.string } == ["accepted", "accepted"])
    #expect(rows[0]["replay"] != .null && totals[.accepted] == 1)
    // Sent again and refused: it had been accepted.
    let replayed = try #require(rows[0]["delivery"]?.integer)
    script("hook", [500])
    try await journal.deliveries.redeliver(replayed)
    #expect(try await audited().totals[.accepted] == 1)
    #expect(try await audited().rows[0]["attempt"] == rows[0]["attempt"])
  }

  @Test func `a change that nothing tells of is a fault`() async throws {
    let id = try await world.watch(in: journal)
    try await see("One", id)
    try await see("Two", id)
    try await journal.deliveries.deliver()
    let first = try #require(try await journal.changes.rows().first?["position"]?.integer)
    let connection = try Connection(path: "\(folder.path)/daybook.journal", access: .readWrite)
    try connection.execute("DELETE FROM effects_1 WHERE cause = \(first)")
    let (rows, totals) = try await audited()
    #expect(rows.map { $0["status"]?.string } == ["lost", "accepted"])
    #expect(rows[0]["reason"]?.string?.hasPrefix("a fault: no delivery tells of it") == true)
    #expect(totals[.lost] == 1 && !totals.isComplete)
  }

  /// Receivers that answer as a seed has it, replays and redeliveries among it.
  private func live(seed: UInt64) async throws {
    var state = seed
    func below(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(bound))
    }
    let id = try await world.watch(in: journal)
    for step in 0..<12 {
      script("hook", (0..<4).map { _ in [204, 503, 500, 204][below(4)] })
      script("other", (0..<4).map { _ in [204, 503][below(2)] })
      for number in 0...below(3) {
        world.withSandbox { $0.enter("Event \(step).\(number)", at: $1) }
      }
      try await see("Event \(step)", id)
      try await journal.deliveries.deliver()
      if below(3) == 0 { try await journal.replays.send(to: below(2) == 0 ? other : hook) }
      let rows = try await journal.deliveries.rows()
      if below(3) == 0, let row = rows.randomRow(below(rows.count)) {
        try? await journal.deliveries.redeliver(row["position"]?.integer ?? 0)
      }
    }
  }

  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func `at every event it says what the log up to there says`(seed: UInt64) async throws {
    try await live(seed: seed)
    let log = try await journal.working().repository.reader.read { view throws(JournalError) in
      try view.events(after: 0, limit: 100_000)
    }
    var changes: Set<Int64> = []
    var told: [StreamName: [Int64]] = [:]
    var urls: [Int64: String] = [:]
    var taken: Set<String> = []
    for event in log {
      switch try event.event() {
      case .changeObserved: changes.insert(event.position)
      case .deliveryRequested(let body): told[event.stream] = body.changes
      case .deliveryAttempted(let body): urls[event.position] = body.url
      case .deliverySucceeded:
        for change in told[event.stream] ?? [] {
          taken.insert("\(change) \(urls[event.cause ?? 0] ?? "")")
        }
      default: break
      }
      guard event.position % 7 == 0 || event.position == log.last?.position else { continue }
      let (rows, totals) = try await audited(in: try await journal.at(event.position))
      let accepted = rows.filter { $0["status"]?.string == "accepted" }.map {
        "\($0["position"]?.integer ?? 0) \($0["url"]?.string ?? "")"
      }
      #expect(Set(accepted) == taken && accepted.count == taken.count, "at \(event.position)")
      #expect(Set(rows.compactMap { $0["position"]?.integer }) == changes)
      #expect(totals.changes == Int64(changes.count) && totals[.lost] == 0)
      #expect(totals[.accepted] == Int64(taken.count { $0.hasSuffix(hook) }))
    }
  }

  @Test func `a part of it is that of the changes`() async throws {
    let id = try await world.watch(in: journal)
    for title in ["One", "Two", "Three"] { try await see(title, id) }
    try await journal.deliveries.deliver()
    let all = try await audited().rows
    var part = Selection()
    part.object = all[1]["objectId"]?.string
    #expect(try await audited(part).rows == [all[1]])
    part = Selection()
    part.since = all[1]["recordedAt"]?.moment
    #expect(try await audited(part).rows == Array(all[1...]))
    part.until = all[2]["recordedAt"]?.moment
    #expect(try await audited(part).rows == [all[1]])
    part.instance = 99
    await #expect(throws: DaybookError.self) { try await audited(part) }
  }
}

extension [Row] {
  fileprivate func randomRow(_ place: Int) -> Row? { isEmpty ? nil : self[place] }
}
