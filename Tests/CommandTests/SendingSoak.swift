import Glibc
import RawJSON
import Testing

/// A journal whose process is started and ended again and again, while Google's objects change and
/// the receiver is as bad as receivers get.
struct SendingSoak {
  let seed: UInt64
  let receiver: FaultyReceiver
  private var stage: Stage
  private var chance: SeededChance
  private var google: MixedGoogle
  private var view = MixedView([:])
  private var number = 0
  private var place: String { "seed \(seed), round \(number)" }
  private var hook: String { receiver.url("/hook") }

  /// Living objects beyond which only what is there changes, so that lists stay within one page.
  private static let livingMax = 300

  init(_ bare: Stage, seed: UInt64) async throws {
    self.seed = seed
    stage = bare
    stage.environment["DAYBOOK_INTERVAL"] = "300ms"
    stage.environment["DAYBOOK_RETRY"] =
      "20ms,20ms,50ms,50ms,100ms,100ms,200ms,200ms,500ms,500ms,1s,1s,1s,1s,1s,1s"
    stage.environment["DAYBOOK_TIMEOUT"] = "1s"
    stage.environment["DAYBOOK_CONCURRENCY"] = "8"
    chance = SeededChance(seed: seed)
    receiver = try FaultyReceiver(seed: chance.next())
    google = MixedGoogle(stage: stage, chance: SeededChance(seed: chance.next()))
    try await begin()
  }

  private mutating func begin() async throws {
    try await google.change(20)
    var configuration = Members([])
    for name in [
      "calendars/{calendarId}/changed-events", Stage.resource, MixedGoogle.groups,
      MixedGoogle.mail,
    ] {
      configuration[name] = ["url": .string("/hubs/general/" + name), "idField": ""]
    }
    let form = try await stage.form([
      "event.notification.callback.url": .string(hook),
      "event.poller.configuration": .object(configuration),
    ])
    try await stage.done("instance", "create", try stage.write(form, to: "instance.json"))
    // The second polls the calendars that the first found in the list.
    try await stage.done("poll", "run", "--all", "--force")
    try await stage.done("poll", "run", "--all", "--force")
    view = MixedView(try await google.listed())
  }

  /// Lets a process run for so long, and ends it in one way or another.
  mutating func round(of length: Duration) async throws {
    number += 1
    receiver.setFaulty(true)
    let before = try await starts()
    let run = try stage.start(["run"], seconds: 300)
    defer { run.signal(SIGKILL) }
    // Else another command might be faster, and run the journal itself.
    try await wait("the run") { try await starts() > before || !run.isRunning }
    let end = ContinuousClock.now + length
    while ContinuousClock.now < end, run.isRunning {
      try await google.change(
        chance.number(1...4), isKnown: google.livingCount > SendingSoak.livingMax)
      if chance.happens(permille: 100) { try await sendAgain() }
      if chance.happens(permille: 200) { try await enable() }
    }
    #expect(run.isRunning, "\(place): \(run.complained)")
    let way = chance.number(0...9)
    run.signal(way < 3 ? SIGKILL : SIGTERM)
    if way == 3 { run.signal(SIGTERM) }
    let ended = try await run.end()
    let expected: Set<Int32> = way < 3 ? [128 + SIGKILL] : way == 3 ? [0, 130] : [0]
    #expect(expected.contains(ended.status), "\(place): \(ended.status) \(ended.errors)")
    try take()
  }

  private func starts() async throws -> Int {
    try await stage.rows("events", "--type", "run.started").count
  }

  /// What a person does while it runs: an old notification once more, or some to another place.
  private mutating func sendAgain() async throws {
    let deliveries = try await stage.rows("deliveries", "--limit", "50")
    guard let position = chance.pick(deliveries)?["position"]?.integer else { return }
    let words =
      chance.happens(permille: 500)
      ? ["redeliver", "\(position)", "--execute"]
      : ["replay", "\(position)", "--to", receiver.url("/other"), "--execute"]
    // What comes of it depends on the faults.
    _ = try await stage.start(words, seconds: 20).end()
  }

  private func enable() async throws {
    for callback in try await stage.rows("callback", "list") {
      guard callback["state"]?.text == "disabled", let url = callback["url"]?.text else { continue }
      try await stage.done("callback", "enable", url)
    }
  }

  private mutating func take() throws { try view.take(receiver.takeTold(), place) }

  /// Ends the trouble, lets everything drain, and holds the receiver's objects against Google's,
  /// and what it counted against what was recorded.
  mutating func settle() async throws {
    receiver.setFaulty(false)
    try await enable()
    try await drain("poll run --all --force", "poll run --all --force")
    for delivery in try await stage.rows("deliveries", "--status", "exhausted") {
      guard let position = delivery["position"]?.integer else { continue }
      try await stage.done("redeliver", "\(position)", "--execute")
    }
    try await drain("deliver --until-idle --for 60s", "verify")
    try take()
    view.check(against: google, try await google.listed(), place)
    try await checkPosts()
  }

  private func drain(_ commands: String...) async throws {
    let finished = try await stage.start(commands.flatMap { ["-c", $0] }).end()
    try #require(
      finished.status == 0, "\(place): \(commands): \(finished.status) \(finished.errors)")
  }

  /// An attempt that is recorded was one request at most, and none came that is not recorded.
  private func checkPosts() async throws {
    let rows = try await stage.rows(
      "sql",
      """
      SELECT a.body ->> 'url' AS url, r.body ->> 'notification' AS id,
        a.body ->> 'attempt' AS attempt, count(*) AS count
      FROM events AS a JOIN events AS r ON r.stream = a.stream AND r.type = 'delivery.requested'
      WHERE a.type = 'delivery.attempted' GROUP BY 1, 2, 3
      """)
    var attempts: [FaultyReceiver.Post: Int] = [:]
    for row in rows {
      let path = row["url"]?.text == hook ? "/hook" : "/other"
      let id = row["id"]?.text ?? row["id"]?.integer.map { "\($0)" } ?? ""
      let post = FaultyReceiver.Post(path: path, id: id, attempt: row["attempt"]?.integer ?? 0)
      attempts[post, default: 0] += row["count"]?.integer ?? 0
    }
    for (post, count) in receiver.posts where count > attempts[post] ?? 0 {
      Issue.record("\(place): \(post) came \(count) times for \(attempts[post] ?? 0) attempts")
    }
  }
}
