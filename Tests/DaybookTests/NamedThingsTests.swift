import Daybook
import Events
import Sandbox
import Testing

/// Names that lead somewhere, and refusals of those that do not.
@Suite struct NamedThingsTests {
  private let folder: TestFolder
  private let world = MadeUpWorld()
  private let journal: Journal
  private static let resource = "calendars/primary/changed-events"

  init() throws {
    folder = try TestFolder()
    journal = try world.journal(in: folder, retryWaits: [.seconds(1)])
  }

  private func created(_ name: String) async throws -> Int64 {
    let code = world.withSandbox { $0.code(at: $1) }
    let json = instanceJSON(code: code, base: MadeUpWorld.base)
      .replacing(#""name": "Team""#, with: #""name": "\#(name)""#)
    return try await journal.instances.create(json).id
  }

  /// What is said where something is refused.
  private func refusal(_ work: () async throws -> Void) async -> Refusal? {
    do {
      try await work()
    } catch DaybookError.refused(let refusal) {
      return refusal
    } catch {
      Issue.record("\(error)")
    }
    return nil
  }

  @Test func `an instance is meant by its id, and by its name where only one has it`()
    async throws
  {
    #expect(try await created("Team") == 1)
    #expect(try await created("Lab") == 2)
    #expect(try await created("Lab") == 3)
    #expect(try await created("2") == 4)
    let instances = journal.instances
    #expect(try await instances.id("Team") == 1)
    // A name that is a number is an id.
    #expect(try await instances.id("2") == 2)
    let several = await refusal { _ = try await instances.id("Lab") }
    #expect(several?.text == "several instances are named Lab: 2, 3; give an id")
    let near = await refusal { _ = try await instances.id("Taem") }
    #expect(near?.text == "there is no instance Taem; did you mean Team?")
    let none = await refusal { _ = try await instances.id("99") }
    #expect(none?.code == .notFound(.instance))
    #expect(none?.text == "there is no instance 99; there are 1 (Team), 2 (Lab), 3 (Lab), 4 (2)")
  }

  @Test func `a deleted instance is there, and leaves its name to another`() async throws {
    _ = try await created("Team")
    try await journal.instances.delete(1, reason: "moved")
    #expect(try await journal.instances.id("Team") == 1)
    #expect(try await journal.instances.id("1") == 1)
    var part = Selection()
    part.instance = 1
    part.resource = Self.resource
    try await journal.check(part)
    #expect(try await created("Team") == 2)
    #expect(try await journal.instances.id("Team") == 2)
    let before = try await journal.at(1)
    let early = await refusal { _ = try await before.instances.id("1") }
    #expect(early?.text == "there is no instance 1; there is none")
  }

  @Test func `a filter that names what is not there is refused, with what is`() async throws {
    _ = try await created("Team")
    let head = try await journal.head()
    func check(_ change: (inout Selection) -> Void) async -> String? {
      var part = Selection()
      change(&part)
      return await refusal { [part] in try await journal.check(part) }?.text
    }
    #expect(await check { $0.instance = 7 } == "there is no instance 7; the only one is 1 (Team)")
    #expect(
      await check { $0.resource = "calendars/primary/changed-event" }
        == "no instance has the resource calendars/primary/changed-event; did you mean"
        + " \(Self.resource)?")
    let unlike = await check { part in
      part.instance = 1
      part.resource = "x"
    }
    #expect(unlike == "instance 1 has no resource x; the only one is \(Self.resource)")
    let past = await check { $0.after = head + 1 }
    #expect(past == "there is no event \(head + 1); the log ends at \(head)")
    #expect(await check { $0.before = head + 2 } != nil)
    for bound in [0, 1, head] { #expect(await check { $0.after = bound } == nil) }
    #expect(await check { $0.before = head + 1 } == nil)
    // It may change yet.
    #expect(await check { $0.object = "none" } == nil)
  }

  @Test func `an event past the place is named as such`() async throws {
    _ = try await created("Team")
    let past = try await journal.at(2)
    let after = await refusal { _ = try await past.events.row(3) }
    #expect(after?.text == "event 3 is after 2")
    let glance = await refusal { _ = try await past.events.glance(3) }
    #expect(glance == after)
    #expect(await refusal { try await past.trace(3) { _ in true } } == after)
    #expect(await refusal { _ = try await past.difference(from: 1, to: 3) } == after)
    #expect(await refusal { try await past.checkPosition(3) } == after)
    let head = try await journal.head()
    let none = await refusal { _ = try await past.events.row(head + 1) }
    #expect(none?.text == "there is no event \(head + 1); the log ends at \(head)")
  }

  @Test func `a cursor, a poll and a replay name the instance that is not there`() async throws {
    _ = try await created("Team")
    let missing = "there is no instance 77; the only one is 1 (Team)"
    let cursor = await refusal { _ = try await journal.cursors.row(of: 77, "x") }
    #expect(cursor?.text == missing)
    let reset = await refusal { try await journal.cursors.reset(of: 77, "x", reason: "r") }
    #expect(reset?.text == missing)
    let poll = await refusal { _ = try await journal.polls.run(.instance(77)) }
    #expect(poll?.text == missing)
    let byHand = await refusal { _ = try await journal.polls.byHand(77, "x") }
    #expect(byHand?.text == missing)
    var part = Selection()
    part.before = 1_000
    let range = await refusal { [part] in
      _ = try await journal.replays.plan(part, to: "\(MadeUpWorld.base)/receiver/other")
    }
    #expect(range?.text.hasPrefix("there is no event 999; the log ends at ") == true)
  }

  @Test func `a callback that nothing names is not switched`() async throws {
    _ = try await created("Team")
    let known = try #require(try await journal.callbacks.rows().first?["url"]?.string)
    for isOn in [true, false] {
      let near = await refusal {
        if isOn {
          try await journal.callbacks.enable(known + "x", reason: "r")
        } else {
          try await journal.callbacks.disable(known + "x", reason: "r")
        }
      }
      #expect(near?.code == .notFound(.callback))
      #expect(near?.text.hasSuffix("did you mean \(known)?") == true, "\(near?.text ?? "")")
    }
    try await journal.callbacks.disable(known, reason: "r")
    #expect(try await journal.callbacks.rows().first?["state"] == .text("disabled"))
  }

  @Test func `an object is meant by its beginning where only one begins so`() async throws {
    _ = try await created("Team")
    _ = try await journal.polls.run(.instance(1))
    world.pass(.seconds(60))
    for title in ["a", "b", "c", "d"] { world.withSandbox { $0.enter(title, at: $1) } }
    _ = try await journal.polls.run(.instance(1, resource: Self.resource))
    let ids = try await journal.changes.rows().compactMap { $0["objectId"]?.string }
    #expect(ids.count == 4)
    for id in ids {
      #expect(try await journal.object(id) == id)
      let unique = try #require(
        (1...id.count).lazy.map { String(id.prefix($0)) }
          .first { start in ids.count { $0.hasPrefix(start) } == 1 })
      #expect(try await journal.object(unique) == id)
      #expect(try await journal.object(unique, in: .events) == id)
      #expect(try await journal.object("\(unique)…\(id.suffix(4))") == id)
    }
    let several = await refusal { _ = try await journal.object("…") }
    #expect(several?.code == .invalid)
    #expect(several?.text.hasPrefix("several objects are shortened to …: ") == true)
    #expect(await refusal { _ = try await journal.object("none…such") }?.code == .notFound(.object))
    // It may change yet.
    #expect(try await journal.object("none") == "none")
  }

  @Test func `a poll that will not come has no time`() async throws {
    _ = try await created("Team")
    try await journal.instances.disable(1, reason: "holidays")
    let skipped = try await journal.polls.run(.instance(1))
    #expect(!skipped.isEmpty)
    for report in skipped { #expect(report.status == .skipped && report.nextAt == nil) }
  }
}
