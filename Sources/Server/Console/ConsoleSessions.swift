import Events
import Synchronization

/// People who have signed in at the console. They are kept in memory alone: a restart signs
/// everybody out, and so does a secret that is changed.
final class ConsoleSessions: Sendable {
  /// One who has signed in.
  struct Session: Sendable {
    /// Stands in the forms of the pages that were sent to this one.
    let formToken: String
    fileprivate let begunAt: Moment
    fileprivate var usedAt: Moment

    fileprivate func isOver(at now: Moment) -> Bool {
      now - usedAt > ServerLimits.consoleIdleTime || now - begunAt > ServerLimits.consoleTime
    }
  }

  private let sessions = Mutex<[String: Session]>([:])

  /// Lets somebody in who has shown both secrets.
  ///
  /// - Returns: What the browser shows from then on. Where too many are in, the one who has been
  ///   idle longest is out.
  func begin(at now: Moment) -> String {
    let id = Self.freshToken()
    sessions.withLock { sessions in
      sessions = sessions.filter { !$0.value.isOver(at: now) }
      if sessions.count >= ServerLimits.consoleSessionsMax,
        let idlest = sessions.min(by: { $0.value.usedAt < $1.value.usedAt })
      {
        sessions[idlest.key] = nil
      }
      sessions[id] = Session(formToken: Self.freshToken(), begunAt: now, usedAt: now)
    }
    return id
  }

  /// The session of what a browser shows; nil for none, and for one that is over.
  func session(_ id: String, at now: Moment) -> Session? {
    sessions.withLock { sessions in
      guard var session = sessions[id] else { return nil }
      guard !session.isOver(at: now) else {
        sessions[id] = nil
        return nil
      }
      session.usedAt = max(session.usedAt, now)
      sessions[id] = session
      return session
    }
  }

  func end(_ id: String) { sessions.withLock { $0[id] = nil } }

  func endAll() { sessions.withLock { $0 = [:] } }

  /// 256 random bits as hexadecimal digits.
  static func freshToken() -> String {
    (0..<4).map { _ in
      let part = String(UInt64.random(in: 0 ... .max), radix: 16)
      return String(repeating: "0", count: 16 - part.count) + part
    }.joined()
  }
}
