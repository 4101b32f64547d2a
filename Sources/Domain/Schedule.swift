package import Events

/// When feeds are polled: each at its own place in the interval, so that ten thousand of them do
/// not ask at once.
///
///     feed 7, every minute     …:00:23.518, …:01:23.518, …:02:23.518
///     polled at …:01:24        next at …:02:23.518
///     polled at …:02:20        next at …:03:23.518, because a quarter of the interval is rest
package enum Schedule {
  /// The next time at a feed’s own place, a quarter of the interval away at least.
  package static func next(
    of feed: FeedID, every interval: Duration, after moment: Moment
  ) -> Moment {
    // What is stored may be any number.
    let most = Int64(Limits.intervalMinutesMax) * 60_000
    let length = min(max(1, interval.wholeMilliseconds), most)
    let place = Int64(scrambled(UInt64(bitPattern: feed.number)) % UInt64(length))
    let earliest = moment + .milliseconds(length / 4)
    let behind = (earliest.milliseconds % length - place) % length
    let ahead = behind == 0 ? 0 : (behind > 0 ? length - behind : -behind)
    return earliest + .milliseconds(ahead)
  }

  /// Ids that follow each other, spread evenly. Source: Steele, Lea, Flood, SplitMix64.
  private static func scrambled(_ number: UInt64) -> UInt64 {
    var bits = number &+ 0x9E37_79B9_7F4A_7C15
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }
}
