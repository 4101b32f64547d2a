import Domain
package import Engine
import EventStore
import Events

extension OpenedJournal {
  /// Ends an instance, and skips what of it is pending; where another process runs the journal,
  /// that one skips it.
  package func delete(
    _ id: Int64, reason: String, keepsGrant: Bool = false
  ) async throws -> Engine.Instances.GrantEnd {
    let end = try await instances.delete(id, reason: reason, keepsGrant: keepsGrant)
    let deadline = world.now() + .seconds(5)
    while try await !pending(of: id, after: "").isEmpty, world.now() < deadline {
      try Task.checkCancellation()
      guard let lock = try EngineLock(self) else {
        await world.sleep(.milliseconds(50))
        continue
      }
      defer { lock.release() }
      try await skipPending(of: id)
      break
    }
    return end
  }

  private func skipPending(of id: Int64) async throws {
    let worker = worker()
    try await worker.recover()
    let instance = try await repository.instance(id)
    var last = ""
    while true {
      let streams = try await pending(of: id, after: last)
      guard let end = streams.last else { return }
      for stream in streams {
        try Task.checkCancellation()
        // What a replay sends that was asked for since is none of it.
        guard try await repository.endsWithInstance(repository.delivery(stream), instance) else {
          continue
        }
        do {
          _ = try await worker.deliver(stream)
        } catch JournalError.conflict {
          // Somebody released or stopped it meanwhile; it is skipped when its turn comes.
          continue
        }
      }
      last = end
    }
  }

  private func pending(of id: Int64, after last: String) async throws(JournalError) -> [String] {
    try await repository.reader.read { snapshot throws(JournalError) in
      try snapshot.openDeliveries(of: id, after: last, limit: Limits.tasksPerRound)
    }
  }
}
