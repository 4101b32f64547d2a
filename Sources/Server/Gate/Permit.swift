import Daybook
import Events
import HTTPTypes
import Synchronization

/// Leave to do something of which only so much goes on at once; given back when nobody holds it any
/// more.
final class Permit: Sendable {
  /// The kinds of things that are bounded.
  enum Kind: Sendable { case streams, walks, pasts }

  private let site: Site
  private let kind: Kind

  /// - Throws: `Trouble` where there is too much of it.
  init(_ site: Site, _ kind: Kind) throws(Trouble) {
    let (most, words, wait) =
      switch kind {
      case .streams: (site.settings.streamsMax, "streams are open already", "5")
      case .pasts: (ServerLimits.pastsMax, "lists as of the past are under way", "5")
      case .walks: (ServerLimits.walksMax, "questions that take long are under way", "5")
      }
    guard site.take(kind, most) else {
      var trouble = Trouble(.tooManyRequests, "tooMany", "\(most) \(words)")
      trouble.headers[.retryAfter] = wait
      throw trouble
    }
    self.site = site
    self.kind = kind
  }

  deinit { site.give(kind) }
}

extension Site {
  fileprivate func take(_ kind: Permit.Kind, _ most: Int) -> Bool {
    counts.withLock { counts in
      guard counts.held[kind, default: 0] < most else { return false }
      counts.held[kind, default: 0] += 1
      return true
    }
  }

  fileprivate func give(_ kind: Permit.Kind) {
    counts.withLock { $0.held[kind, default: 1] -= 1 }
  }
}
