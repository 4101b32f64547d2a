import Domain
import EventStore
import Events

/// The bounds of callbacks: attempts at once, their rate, and rest for those that fail.
///
/// All of it is by URL, whosever instances share it; what replays send has bounds of its own.
extension AdmissionControl {
  /// The way of an instance's deliveries: where they go, and what their settings bind.
  struct Way: Sendable, Equatable {
    let url: String
    let concurrency: Int?
    let rate: RateLimit

    init(url: String, concurrency: Int? = nil, rate: RateLimit = RateLimit(rate: nil)) {
      self.url = url
      self.concurrency = concurrency
      self.rate = rate
    }

    /// nil where they go nowhere: each is looked at, and ends.
    init?(_ instance: Instance, _ settings: DeliverySettings) {
      guard !instance.isDeleted, let url = instance.settings?.callback else { return nil }
      self.init(
        url: url, concurrency: settings.concurrency,
        rate: RateLimit(rate: settings.ratePerSecond))
    }
  }

  /// Takes in how an instance's deliveries are to be made, as of now.
  mutating func set(_ way: Way?, of lane: Int64) {
    if ways.count >= Limits.knownInstancesMax { ways = [:] }
    ways[lane] = .some(way)
  }

  /// True where it is not known how the deliveries of a lane are to be made.
  func isUnknown(_ lane: Int64) -> Bool { lane > 0 && ways[lane] == nil }

  /// The way of a task; nil where nothing binds it.
  func way(of task: DueTask) -> Way? { task.replay == nil ? ways[task.lane] ?? nil : nil }

  /// True where the callback of a delivery takes another attempt now.
  func takesMore(_ way: Way) -> Bool {
    if let most = way.concurrency, underWay[way.url, default: 0] >= most { return false }
    if way.rate.isBound, let turn = callbackTurns[way.url], turn.earliest > uptime { return false }
    guard let nextAt = breakers[way.url]?.nextAt else { return true }
    return nextAt <= uptime && probes[way.url] == nil
  }

  mutating func enter(_ task: DueTask, _ way: Way) {
    urls[task.subject] = way.url
    underWay[way.url, default: 0] += 1
    if way.rate.isBound {
      let gap = way.rate.wait(1)
      let last = callbackTurns[way.url]?.at ?? uptime
      callbackTurns[way.url] = Turn(at: max(last, uptime) + gap, gap: gap)
    }
    if breakers[way.url]?.isOpen == true { probes[way.url] = task.subject }
  }

  mutating func leaveCallback(_ task: DueTask) {
    guard let url = urls.removeValue(forKey: task.subject) else { return }
    underWay[url, default: 1] -= 1
    if underWay[url] == 0 { underWay[url] = nil }
    if probes[url] == task.subject { probes[url] = nil }
  }

  /// Takes in how an attempt to a callback ended, while it is still under way here.
  ///
  /// - Parameter wait: How long after a failure the next one is let through.
  /// - Returns: What is to be recorded of the breaker; nil: nothing.
  mutating func note(
    hasFailed: Bool, to url: String, _ subject: DueTask.Subject, isByHand: Bool = false,
    wait: Duration
  ) -> Breaker.Change? {
    if breakers[url] == nil, breakers.count >= Limits.breakersMax {
      breakers = breakers.filter { $0.value.isOpen }
    }
    let change = breakers[url, default: Breaker()].note(
      hasFailed: hasFailed, isProbe: isByHand || probes[url] == subject, wait: wait, at: uptime)
    // It is looked for anew once that is recorded.
    if change != nil { recordedOpen.remove(url) }
    return change
  }

  /// Takes in which breakers are open by the journal: another process, or a person, may have closed
  /// one.
  mutating func keep(open breakers: [OpenBreaker], at now: Moment, isFirst: Bool = false) {
    let known = Set(breakers.map(\.url))
    // What has just opened here may not be recorded yet.
    for url in recordedOpen.subtracting(known) {
      self.breakers[url] = nil
      probes[url] = nil
    }
    recordedOpen = known
    guard isFirst else { return }
    for one in breakers where self.breakers[one.url] == nil {
      let wait = max(.zero, one.failedAt + one.wait - now)
      self.breakers[one.url] = Breaker(openUntil: uptime + min(wait, one.wait))
    }
  }

  /// True where it is worth a look whether they are still open.
  var hasOpenBreakers: Bool { breakers.values.contains(where: \.isOpen) }

  /// When the next callback that rests is asked again; nil: none rests.
  var nextProbe: Duration? {
    breakers.values.compactMap(\.nextAt).filter { $0 > uptime }.min()
  }
}
