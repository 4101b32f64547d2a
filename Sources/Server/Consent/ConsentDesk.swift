import Daybook
import Events
import HTTPTypes
import Synchronization

/// Instances that were begun and wait for a person, in memory alone: whoever began one begins it
/// anew after a restart.
final class ConsentDesk: Sendable {
  /// How far a consent is.
  enum State: Sendable {
    case waiting
    case created(CreatedInstance)
    case refused(reason: String)
  }

  private struct Entry {
    let pending: PendingInstance
    let endsAt: Moment
    var state = State.waiting
    /// True once its code is being exchanged: a second redirect finds nothing.
    var isTaken = false
  }

  private let entries = Mutex<[String: Entry]>([:])

  /// Keeps an instance that was begun.
  ///
  /// - Returns: Until when it waits.
  func add(_ pending: PendingInstance, as id: String, at now: Moment) throws(Trouble) -> Moment {
    let endsAt = now + ServerLimits.consentTime
    let hasRoom = entries.withLock { entries in
      entries = entries.filter { $0.value.endsAt > now }
      guard entries.count < ServerLimits.consentsMax else { return false }
      entries[id] = Entry(pending: pending, endsAt: endsAt)
      return true
    }
    guard hasRoom else {
      throw Trouble(
        .tooManyRequests, "tooMany",
        "\(ServerLimits.consentsMax) consents wait already; wait for one to end")
    }
    return endsAt
  }

  /// How far one is; nil where there is none of that id, or none any more.
  func state(of id: String, at now: Moment) -> State? {
    entries.withLock { entries in
      guard let entry = entries[id], entry.endsAt > now else { return nil }
      return entry.state
    }
  }

  /// Takes the redirect of whichever consent it belongs to.
  ///
  /// - Returns: nil where it belongs to none that still waits.
  func take(
    _ target: String, at now: Moment
  ) -> (id: String, pending: PendingInstance, redirect: Connecting.Redirect)? {
    entries.withLock { entries in
      for (id, entry) in entries where entry.endsAt > now && !entry.isTaken {
        let redirect = entry.pending.read(target)
        switch redirect {
        case .agreed, .refused:
          entries[id]?.isTaken = true
          return (id, entry.pending, redirect)
        case .elsewhere, .foreign: continue
        }
      }
      return nil
    }
  }

  func settle(_ id: String, _ state: State) { entries.withLock { $0[id]?.state = state } }
}
