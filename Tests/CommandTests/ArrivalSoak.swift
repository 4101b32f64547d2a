import Glibc
import RawJSON
import Testing

/// Objects change faster than they are told of, the receiver fails in every way, and the process is
/// killed at any moment; in the end all has to have arrived, each in its order.
struct ArrivalSoak {
  let seed: UInt64
  let witness = ArrivalWitness()
  let receiver: FaultyReceiver
  /// How often the process was killed.
  private(set) var kills = 0
  /// Seconds from the end of the trouble until everything had arrived.
  private(set) var drained = 0.0
  private var stage: Stage
  private var chance: SeededChance
  private var events: [String] = []
  private var marks: [String: String] = [:]
  private var turn = 0
  private var place: String { "seed \(seed), after \(kills) kills" }

  /// - Parameter objects: How many there are, each of which changes again and again.
  init(_ bare: Stage, seed: UInt64, objects: Int) async throws {
    self.seed = seed
    stage = bare
    stage.environment["DAYBOOK_INTERVAL"] = "200ms"
    // As many as may be, so that none is given up: of that a person would have to decide.
    stage.environment["DAYBOOK_RETRY"] =
      "10ms,20ms,20ms,50ms,50ms,100ms" + String(repeating: ",200ms", count: 10)
    stage.environment["DAYBOOK_TIMEOUT"] = "1s"
    stage.environment["DAYBOOK_CONCURRENCY"] = "64"
    chance = SeededChance(seed: seed)
    receiver = try FaultyReceiver(seed: chance.next()) { [witness] in witness.see($0) }
    for number in 0..<objects { events.append(try await stage.createEvent("Object \(number)")) }
    try await stage.prepare(["event.notification.callback.url": .string(receiver.url("/hook"))])
  }

  /// Lets so many changes be found, and then everything arrive.
  mutating func run(changes: Int) async throws {
    var found = 0
    while found < changes {
      try await round(of: .milliseconds(chance.number(100...2_500)), rest: changes - found)
      try await enable()
      found = try await count("change.observed")
      try #require(kills < 100_000, "\(place)")
    }
    let start = ContinuousClock.now
    try await settle()
    drained = Double((ContinuousClock.now - start).components.seconds)
    try await check(found)
  }

  /// A process that works until it is killed.
  private mutating func round(of length: Duration, rest: Int) async throws {
    receiver.setFaulty(true)
    let run = try stage.start(["run"], seconds: 600)
    defer { run.signal(SIGKILL) }
    let end = ContinuousClock.now + length
    var changed = 0
    while ContinuousClock.now < end || changed < min(rest, events.count / 4) {
      try await change()
      changed += 1
      guard run.isRunning else { break }
    }
    #expect(run.isRunning, "\(place): \(run.complained)")
    run.signal(SIGKILL)
    _ = try await run.end()
    kills += 1
    // What was on its way is read before another process sends.
    try await wait("the receiver to have read everything") { !receiver.isBusy }
  }

  /// The objects change by turns, so that each is polled before it changes again.
  private mutating func change() async throws {
    turn += 1
    let id = events[turn % events.count]
    let event = try await stage.tell(
      "PATCH", "/sandbox/calendars/primary/events/\(id)", #"{"summary":"Number \#(turn)"}"#)
    marks[id] = MixedGoogle.mark(of: event)
  }

  private func enable() async throws {
    for callback in try await stage.rows("callback", "list") {
      guard callback["state"]?.text == "disabled", let url = callback["url"]?.text else { continue }
      try await stage.done("callback", "enable", url)
    }
  }

  private func count(_ type: String) async throws -> Int {
    let rows = try await stage.rows(
      "sql", "SELECT count(*) AS count FROM events WHERE type = '\(type)'")
    return try #require(rows.first?["count"]?.integer)
  }

  private func settle() async throws {
    receiver.setFaulty(false)
    try await enable()
    try await stage.done("poll", "run", "--all", "--force")
    let drained = try await stage.start(
      ["deliver", "--until-idle", "--for", "30m"], seconds: 2_000
    ).end()
    #expect(drained.status == 0, "\(place): \(drained.errors)")
    try await stage.done("verify")
  }

  /// Holds what arrived against Google's objects and against the log.
  private func check(_ atLeast: Int) async throws {
    let seen = witness.seen
    #expect(seen.faults.isEmpty, "\(place): \(seen.faults.joined(separator: "\n"))")
    let found = try await count("change.observed")
    #expect(found >= atLeast)
    #expect(seen.changes == found, "\(place): \(seen.changes) of \(found) changes were told")
    let asked = try await count("delivery.requested")
    #expect(seen.taken.count == asked, "\(place): \(seen.taken.count) of \(asked) were taken")
    #expect(try await count("delivery.succeeded") == asked, "\(place)")
    #expect(try await count("delivery.exhausted") == 0, "\(place)")
    for (id, mark) in marks {
      let told = seen.marks["\(Stage.resource) \(id)"]
      #expect(told == mark, "\(place): \(id) is \(mark), the receiver has \(told ?? "nothing")")
    }
    // One recorded attempt is one request at most; those that were cut off never came.
    let attempts = try await count("delivery.attempted")
    let posts = receiver.posts
    #expect(posts.values.allSatisfy { $0 == 1 }, "\(place)")
    #expect(posts.count <= attempts, "\(place): \(posts.count) requests of \(attempts) attempts")
  }
}
