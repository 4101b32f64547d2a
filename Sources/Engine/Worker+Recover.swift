import Domain
package import EventStore
import Events

extension Worker {
  /// Attempts whose outcome was lost with an earlier process count and are sent again.
  package func recover() async throws(JournalError) {
    try await repository.writer.checkProjections()
    try await repository.writer.dropLostStaging(before: world.now() - Limits.progressAgeMax)
    try await held.release()
    while true {
      let begun = try await repository.reader.read { snapshot throws(JournalError) in
        try snapshot.begun(limit: Limits.tasksPerRound)
      }
      if begun.isEmpty { return }
      for stream in begun {
        let loaded = try await repository.loaded(stream)
        let events = loaded.delivery.markOutcomeUnknown(
          retrySchedule: settings.retrySchedule, at: world.now(), chance: world.fraction())
        do {
          try await repository.append(
            events, to: stream, expecting: loaded.delivery.version, cause: .position(loaded.last),
            at: world.now())
        } catch .conflict {
          // Somebody else was faster; if it is still open, it is found again.
          continue
        }
        try await completeReplays(of: [stream])
      }
    }
  }
}
