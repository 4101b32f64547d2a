import Foundation
import Glibc
import RawJSON
import Testing

/// An instance with everything that can be watched, disturbed and killed round by round.
struct Mixture {
  let library: String
  let seed: UInt64
  var stage: Stage
  private(set) var kills = 0
  private var chance: SeededChance
  private var google: MixedGoogle
  private var faults: MixedFaults
  private var view = MixedView([:])
  private var number = 0
  private var place: String { "seed \(seed), round \(number)" }

  init(_ bare: Stage, library: String, seed: UInt64) async throws {
    self.library = library
    self.seed = seed
    stage = bare
    stage.environment["DAYBOOK_INTERVAL"] = "300ms"
    // Long enough that nothing is given up while a script lasts.
    stage.environment["DAYBOOK_RETRY"] =
      "20ms,20ms,50ms,50ms,100ms,100ms,200ms,200ms,500ms,500ms,1s,1s,1s,1s"
    stage.environment["DAYBOOK_TIMEOUT"] = "2s"
    chance = SeededChance(seed: seed)
    google = MixedGoogle(stage: stage, chance: SeededChance(seed: chance.next()))
    faults = MixedFaults(chance: SeededChance(seed: chance.next()))
    try await begin()
  }

  /// Pages of three, so that every list has some.
  private static func resource(_ url: String, dates: (String, String)? = nil) -> JSON {
    var members = Members([
      ("url", .string("/hubs/general/" + url)), ("idField", ""), ("pageSize", 3),
    ])
    if let (updated, created) = dates {
      members["datesConfiguration"] = [
        "updatedDateField": .string(updated), "createdDateField": .string(created),
      ]
    }
    return .object(members)
  }

  private mutating func begin() async throws {
    for _ in 0..<3 { try await google.change(8) }
    let events = ("updated", "created")
    let configuration: JSON = [
      "calendars/{calendarId}/changed-events": Mixture.resource(
        "calendars/{calendarId}/changed-events", dates: events),
      "calendars/primary/changed-events": Mixture.resource(
        "calendars/primary/changed-events", dates: events),
      "changed-groups": Mixture.resource(
        "changed-groups", dates: ("metadata.updateTime", "metadata.updateTime")),
      "changed-messages": Mixture.resource("changed-messages"),
      "primary-by-dates": Mixture.resource(
        "calendars/primary/events?where=updatedMin='${date}'", dates: events),
    ]
    let form = try await stage.form(["event.poller.configuration": configuration])
    try await stage.done("instance", "create", try stage.write(form, to: "instance.json"))
    // The second polls the calendars that the first found in the list.
    try await stage.done("poll", "run", "--all", "--force")
    try await stage.done("poll", "run", "--all", "--force")
    view = MixedView(try await google.listed())
  }

  // MARK: A round

  /// Disturbs everything while a process works that is killed.
  mutating func round() async throws {
    number += 1
    try await stage.tell("DELETE", "/sandbox/faults")
    if chance.happens(permille: 250) { try await hide() } else { try await disturb() }
    if chance.happens(permille: 500) {
      try await tell("/sandbox/receiver", faults.script())
    }
    if chance.happens(permille: 200) { try await tell("/sandbox/switches", faults.switches()) }
    let words =
      chance.pick([
        ["run"], ["run"], ["poll", "run", "--all"], ["poll", "run", "--all"], ["deliver"],
      ])
      ?? ["run"]
    let at = chance.number(1...(chance.pick([150, 500, 1_500]) ?? 500))
    var environment = ["LD_PRELOAD": library, "KILLSWITCH_AT": "\(at)"]
    if chance.happens(permille: 500) { environment["KILLSWITCH_LATE"] = "1" }
    let victim = try stage.start(words, environment: environment, seconds: 20)
    if words == ["run"] {
      if !isHiding { try await google.change(chance.number(0...4)) }
      let end = ContinuousClock.now + .milliseconds(chance.number(300...1_500))
      try await wait("a run to be left alone for a while") {
        !victim.isRunning || ContinuousClock.now >= end
      }
      victim.signal(chance.happens(permille: 700) ? SIGKILL : SIGTERM)
    }
    let ended = try await victim.end()
    if ended.status == 128 + SIGKILL { kills += 1 }
    #expect(
      [0, 5, 130, 128 + SIGKILL].contains(ended.status),
      "\(place): \(words) came to \(ended.status): \(ended.errors)")
    try view.take(try await stage.received(after: view.seen), place)
  }

  private var isHiding = false

  private func tell(_ path: String, _ body: JSON) async throws {
    try await stage.tell("POST", path, String(decoding: body.bytes(), as: UTF8.self))
  }

  /// Any fault, and any change.
  private mutating func disturb() async throws {
    isHiding = false
    try await google.change(chance.number(1...5))
    if chance.happens(permille: 300) {
      try await tell("/sandbox/expire", ["what": .string(faults.expiry())])
    }
    for _ in 0..<chance.number(0...6) { try await tell("/sandbox/faults", faults.any()) }
    guard chance.happens(permille: 200) else { return }
    let resource = chance.pick([Stage.resource, MixedGoogle.groups, MixedGoogle.mail]) ?? ""
    let ways = [
      ["cursor", "reset", "1", resource, "--reason", "a person asked"],
      ["poll", "step", "1", resource, "--until", "changes", "--discard"],
      ["poll", "step", "1", resource, "--accept"], ["instance", "disable", "1"],
      ["instance", "enable", "1"],
    ]
    // What comes of it depends on the faults.
    _ = try await stage.start(chance.pick(ways) ?? []).end()
  }

  /// Full listings that hide what is known, after all of it was told.
  private mutating func hide() async throws {
    isHiding = true
    try await settle()
    try await google.change(chance.number(0...5), isKnown: true)
    try await tell("/sandbox/expire", ["what": "syncTokens"])
    for _ in 0..<chance.number(1...3) {
      try await tell(
        "/sandbox/faults", MixedFaults.hiding(&chance, id: google.anyId()))
    }
  }

  // MARK: The end of it

  /// Ends the trouble, lets everything drain, and holds what was told against what is there.
  mutating func settle() async throws {
    try await stage.tell("DELETE", "/sandbox/faults")
    try await tell("/sandbox/receiver", ["path": "/receiver/hook", "answers": []])
    try await restore()
    try await drain(
      "poll run --all --force", "poll run --all --force", "deliver --until-idle --for 60s")
    try view.take(try await stage.received(after: view.seen), place)
    view.check(against: google, try await google.listed(), place)
    let told = view.seen
    let last = try await drain("poll run --all --force")
    #expect(
      try last.rows().allSatisfy { $0["changes"]?.integer == 0 },
      "\(place): a poll after everything was told: \(last.text)")
    try await drain("deliver --until-idle --for 60s", "verify", "rebuild --check")
    #expect(try await stage.received(after: told).isEmpty, "\(place): told after all was told")
  }

  @discardableResult
  private func drain(_ commands: String...) async throws -> Finished {
    let words = ["--output", "jsonl"] + commands.flatMap { ["-c", $0] }
    let finished = try await stage.start(words).end()
    try #require(
      finished.status == 0,
      "\(place): \(commands) came to \(finished.status): \(finished.errors) \(finished.text)")
    return finished
  }

  /// What a person does who reads the notices.
  private func restore() async throws {
    let code = try await stage.tell("POST", "/sandbox/codes", "{}")["code"]?.text ?? ""
    let file = try stage.write(#"{"providerData":{"code":"\#(code)"}}"#, to: "code.json")
    try await stage.done("instance", "update", "1", file)
    try await stage.done("instance", "enable", "1")
    for callback in try await stage.rows("callback", "list") {
      guard callback["state"]?.text == "disabled", let url = callback["url"]?.text else { continue }
      try await stage.done("callback", "enable", url)
    }
    for delivery in try await stage.rows("deliveries", "--status", "exhausted") {
      guard let position = delivery["position"]?.integer else { continue }
      try await stage.done("redeliver", "\(position)", "--execute")
    }
  }
}
