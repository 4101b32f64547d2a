import Domain
import Engine
import EventStore
import Events
import Google
import RawJSON
import Synchronization
import Testing

/// Plays in which a configuration changes under an engine that runs.
@Suite struct ConfigurationSceneTests {
  @Test(arguments: 1...10 as ClosedRange<UInt64>)
  func `feeds that a configuration opens and closes meanwhile are whole`(seed: UInt64) async {
    let report = await Simulation.run(seed) { play in
      let (process, repository) = try play.open(mayDie: false)
      let engine = Task(executorPreference: play.executor) { await play.live(process, repository) }
      let (_, own) = try play.open(mayDie: false)
      for _ in 1...12 {
        await play.world.sleep(.seconds(play.world.draw { $0.number(1...200) }))
        play.editCalendars()
        try await play.configure(own)
      }
      play.stop()
      await engine.value
      try await play.heal()
      try await play.examine()
      let types = Set(try await play.rows(own).map(\.type))
      if play.traits.feeds[0] > 1, !types.contains(FeedClosed.type) { play.note("nothing closed") }
    }
    #expect(report.problems.isEmpty, "\(report.text)")
  }
}

extension Simulation {
  /// Leaves some resources of the first instance out and takes others in again.
  fileprivate func configure(_ repository: Repository) async throws {
    let calendars = (1...traits.feeds[0]).map { Simulation.calendar(FeedID(Int64($0))) }
    let (chosen, extras) = world.draw { random in
      let some = calendars.filter { _ in random.happens(permille: 500) }
      let kept = traits.extras.filter { _ in random.happens(permille: 700) }
      return (some.isEmpty ? Array(calendars.prefix(1)) : some, kept)
    }
    var resources = Members()
    for calendar in chosen {
      let path = calendar.replacing("#", with: "%23")
      resources["calendars/\(calendar)/changed-events"] = [
        "url": .string("/hubs/general/calendars/\(path)/changed-events")
      ]
    }
    for extra in extras {
      let opened = opened(0, 1, extra, isNew: false)
      resources[opened.resource] = [
        "url": .string(opened.url), "pollDelay": 2,
        "datesConfiguration": ["updatedDateField": "updated", "createdDateField": "created"],
      ]
    }
    let body: JSON = [
      "configuration": [
        "oauth.callback.url": "http://localhost/back",
        "event.poller.configuration": .object(resources),
      ]
    ]
    let instances = Instances(
      repository, connector: GoogleSuite(baseURL: SimulatedGoogle.base), world: world.seen(by: 0),
      settings: EngineSettings())
    _ = try await instances.update(1, body.bytes())
  }
}
