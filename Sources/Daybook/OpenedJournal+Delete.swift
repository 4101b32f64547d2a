import Domain
package import Engine
import EventStore
package import Events

extension OpenedJournal {
  /// Ends an instance, and skips what of it is pending; where another process runs the journal,
  /// that one skips it.
  package func delete(
    _ id: InstanceID, reason: String?, keepsGrant: Bool = false
  ) async throws -> Engine.Instances.GrantEnd {
    let end = try await instances.delete(id, reason: reason, keepsGrant: keepsGrant)
    let deadline = world.now() + .seconds(5)
    while try await isPending(id), world.now() < deadline {
      try Task.checkCancellation()
      guard let lock = try EngineLock(self) else {
        await world.sleep(.milliseconds(50))
        continue
      }
      defer { lock.release() }
      let worker = worker(under: lock)
      try await worker.recover()
      try await worker.skipPending(of: id)
      break
    }
    return end
  }

  private func isPending(_ id: InstanceID) async throws(JournalError) -> Bool {
    try await repository.reader.read { view throws(JournalError) in
      try !view.openDeliveries(of: id, after: StreamName(stored: ""), limit: 1).isEmpty
    }
  }
}
