import Daybook
import Events
import HTTPTypes
import Synchronization

/// Leave to do something of which only so much goes on at once; given back when nobody holds it any
/// more.
///
/// Whoever shows an element token has a share of it, so that one client leaves room for others.
final class Permit: Sendable {
  /// The kinds of things that are bounded.
  enum Kind: Sendable {
    /// Requests of any kind, from admission to the end of the answer.
    case requests
    /// Bodies of whoever shows no secret, until they have arrived.
    case strangersBodies
    case streams
    /// Questions that walk through the whole journal, or may.
    case walks
    /// Questions whose answer takes longer the more there is; they wait for each other.
    case looks
    case pasts
    /// Reads of the provider’s resources.
    case reads
  }

  /// How much of a kind goes on at once: of all, and of one token.
  struct Bound {
    let most: Int
    let share: Int
    let words: String
    var wait = "5"
  }

  private let site: Site
  private let kind: Kind
  private let instance: Int64?

  /// - Throws: `Trouble` where there is too much of it.
  convenience init(_ call: Call, _ kind: Kind) throws(Trouble) {
    try self.init(call.site, call.caller, kind)
  }

  init(_ site: Site, _ caller: Caller, _ kind: Kind) throws(Trouble) {
    let instance = caller.isOwner ? nil : caller.instance
    // First: one that is not made whole gives nothing back.
    try site.take(kind, of: instance)
    self.site = site
    self.kind = kind
    self.instance = instance
  }

  deinit { site.give(kind, of: instance) }
}

extension Site {
  fileprivate func bound(of kind: Permit.Kind) -> Permit.Bound {
    switch kind {
    case .requests:
      Permit.Bound(
        most: .max, share: ServerLimits.requestsShare, words: "requests are under way", wait: "1")
    case .strangersBodies:
      Permit.Bound(
        most: ServerLimits.strangersBodiesMax, share: ServerLimits.strangersBodiesMax,
        words: "bodies without a secret are on their way", wait: "1")
    case .streams:
      Permit.Bound(
        most: settings.streamsMax,
        share: max(1, settings.streamsMax / ServerLimits.streamsShareDivisor),
        words: "streams are open already")
    case .walks:
      Permit.Bound(
        most: ServerLimits.walksMax, share: 1, words: "questions that take long are under way")
    case .looks:
      Permit.Bound(
        most: ServerLimits.looksMax, share: ServerLimits.looksShare,
        words: "questions that may take long are under way")
    case .pasts:
      Permit.Bound(
        most: ServerLimits.pastsMax, share: ServerLimits.pastsShare,
        words: "lists as of the past are under way")
    case .reads:
      Permit.Bound(
        most: ServerLimits.readsMax, share: ServerLimits.readsShare,
        words: "reads of the provider’s resources are under way", wait: "1")
    }
  }

  fileprivate func take(_ kind: Permit.Kind, of instance: Int64?) throws(Trouble) {
    let bound = bound(of: kind)
    let place = Counts.Share(kind: kind, instance: instance)
    let reached = counts.withLock { counts -> String? in
      guard counts.held[kind, default: 0] < bound.most else { return "\(bound.most)" }
      if instance != nil {
        guard counts.shares[place, default: 0] < bound.share else {
          return "\(bound.share) of this token’s"
        }
        counts.shares[place, default: 0] += 1
      }
      counts.held[kind, default: 0] += 1
      return nil
    }
    guard let reached else { return }
    var trouble = Trouble(.tooManyRequests, "tooMany", "\(reached) \(bound.words)")
    trouble.headers[.retryAfter] = bound.wait
    throw trouble
  }

  fileprivate func give(_ kind: Permit.Kind, of instance: Int64?) {
    counts.withLock { counts in
      counts.held[kind, default: 1] -= 1
      guard instance != nil else { return }
      let place = Counts.Share(kind: kind, instance: instance)
      let left = counts.shares[place, default: 1] - 1
      counts.shares[place] = left > 0 ? left : nil
    }
  }
}
