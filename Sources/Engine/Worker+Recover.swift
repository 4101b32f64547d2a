import Domain
package import EventStore
import Events

extension Worker {
  /// Attempts whose outcome was lost with an earlier process count and are sent again.
  package func recover() async throws(JournalError) {
    try await repository.writer.checkProjections()
    try await repository.writer.dropLostStaging(before: world.now() - Limits.progressAgeMax)
    try await held.release()
    try await loadBreakers(isFirst: true)
    while true {
      let begun = try await repository.reader.read { snapshot throws(JournalError) in
        try snapshot.begun(limit: Limits.tasksPerRound)
      }
      if begun.isEmpty { return }
      for stream in begun {
        let (settings, chance) = (settings, world.fraction())
        _ = try await repository.decide(on: [stream], in: world) {
          view, now throws(JournalError) in
          let loaded = try view.delivery(stream)
          let requested = loaded.delivery.requested
          let own = try requested.flatMap { body throws(JournalError) in
            body.replay == nil ? try view.instance(body.instance).settings : nil
          }
          // Nothing where somebody else was faster.
          let events = loaded.delivery.markOutcomeUnknown(
            retrySchedule: settings.delivery(of: own).retrySchedule, at: now, chance: chance)
          let newEvents = events.enumerated().map { place, event in
            NewEvent(
              stream, event, cause: place == 0 ? .position(loaded.last) : .newEvent(0))
          }
          return Decision(AppendRequest(newEvents, at: now))
        }
        try await completeReplays(of: [stream])
      }
    }
  }

  /// Takes in which callbacks rest, by the journal.
  func loadBreakers(isFirst: Bool = false) async throws(JournalError) {
    admission.control.pass(to: world.uptime())
    let open = try await repository.reader.read { snapshot throws(JournalError) in
      try snapshot.openBreakers()
    }
    admission.control.keep(open: open, at: world.now(), isFirst: isFirst)
  }
}
