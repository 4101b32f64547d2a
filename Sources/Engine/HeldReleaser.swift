import Domain
import EventStore

/// Releases what is held although nobody has to let it go on, looking through it bit by bit.
///
/// Lives inside the worker.
final class HeldReleaser {
  private let repository: Repository
  private let world: World
  /// When it was looked last, by a clock that never jumps; nil: not yet.
  private var lookedAt: Duration?
  /// Where the last look stopped; nil: at the end.
  private var last: HeldGroup?

  init(_ repository: Repository, world: World) {
    self.repository = repository
    self.world = world
  }

  /// Releases what is held without need, now and then: it looks at all groups of it.
  ///
  /// - Parameter isWanted: True where a delivery was found that has to go behind some of it.
  nonisolated(nonsending) func release(isWanted: Bool = false) async throws(JournalError) {
    let uptime = world.uptime()
    let isFirst = lookedAt == nil
    if !isWanted, let lookedAt, uptime - lookedAt < Limits.heldLookGap { return }
    lookedAt = uptime
    do {
      // The first look of a process is at all of it.
      if isWanted || isFirst {
        try await repository.releaseCleared(in: world)
      } else {
        last = try await repository.releaseCleared(
          after: last, limit: Limits.heldGroupsPerLook, in: world)
      }
    } catch let error as JournalError {
      throw error
    } catch {
      // Cancelled: it is found again.
    }
  }
}
