import Daybook
import Events
import HTTPTypes
import Synchronization

/// Consents that were begun and wait for a person, in memory alone: whoever began one begins it
/// anew after a restart.
final class ConsentDesk: Sendable {
  /// How far a consent is.
  enum State: Sendable {
    case waiting
    case created(CreatedInstance)
    case refused(reason: String)
  }

  /// What a consent is for.
  enum Purpose: Sendable {
    case instance(PendingInstance)
    /// The code goes to whoever asked for it.
    case handingOn(HandedConsent)

    func read(_ target: String) -> Connecting.Redirect {
      switch self {
      case .instance(let pending): pending.read(target)
      case .handingOn(let handed): handed.read(target)
      }
    }
  }

  private struct Entry {
    let purpose: Purpose
    let endsAt: Moment
    var state = State.waiting
    /// True once its code is being exchanged: a second redirect finds nothing.
    var isTaken = false
  }

  private let entries = Mutex<[String: Entry]>([:])

  /// Keeps a consent that was begun.
  ///
  /// - Returns: Until when it waits.
  @discardableResult
  func add(_ purpose: Purpose, as id: String, at now: Moment) throws(Trouble) -> Moment {
    let endsAt = now + ServerLimits.consentTime
    let hasRoom = entries.withLock { entries in
      entries = entries.filter { $0.value.endsAt > now }
      // One that was ended has its answer kept, as long as there is room.
      let waiting = entries.count { !$0.value.isTaken }
      guard waiting < ServerLimits.consentsMax else { return false }
      if entries.count >= ServerLimits.consentsKeptMax,
        let oldest = entries.filter({ $0.value.isTaken }).min(by: {
          $0.value.endsAt < $1.value.endsAt
        })
      {
        entries[oldest.key] = nil
      }
      entries[id] = Entry(purpose: purpose, endsAt: endsAt)
      return true
    }
    guard hasRoom else {
      var trouble = Trouble(
        .tooManyRequests, "tooMany",
        "\(ServerLimits.consentsMax) consents wait already; wait for one to end")
      trouble.headers[.retryAfter] = "60"
      throw trouble
    }
    return endsAt
  }

  /// How far one is; nil where there is none of that id, or none any more.
  func state(of id: String, at now: Moment) -> State? {
    entries.withLock { entries in
      guard let entry = entries[id], entry.endsAt > now, case .instance = entry.purpose else {
        return nil
      }
      return entry.state
    }
  }

  /// Takes the redirect of whichever consent it belongs to.
  ///
  /// - Returns: nil where it belongs to none that still waits.
  func take(
    _ target: String, at now: Moment
  ) -> (id: String, purpose: Purpose, redirect: Connecting.Redirect)? {
    entries.withLock { entries in
      for (id, entry) in entries where entry.endsAt > now && !entry.isTaken {
        let redirect = entry.purpose.read(target)
        switch redirect {
        case .agreed, .refused:
          // Nobody asks how one stands whose code is handed on.
          if case .handingOn = entry.purpose {
            entries[id] = nil
          } else {
            entries[id]?.isTaken = true
          }
          return (id, entry.purpose, redirect)
        case .elsewhere, .foreign: continue
        }
      }
      return nil
    }
  }

  func settle(_ id: String, _ state: State) { entries.withLock { $0[id]?.state = state } }
}
