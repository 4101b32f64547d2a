import Domain
import EventStore
import Events

/// Objects that cannot be had or read while the rest of a poll can.
extension PollRun {
  /// How often an object was tried, this time counted.
  func tries(of object: String) -> Int { min(missing[object]?.tries ?? 0, 1_000_000) + 1 }

  /// Takes note of what a page gives, and of what on it cannot be read.
  mutating func note(_ page: Page, salt: @Sendable () -> [UInt8]) {
    if strategy.showsStates {
      give(page.items.count)
      if !missing.isEmpty || !misses.found.isEmpty {
        for item in page.items { had(item.id, isGone: item.isGone) }
      }
    }
    for stray in page.strays { take(stray, salt: salt) }
  }

  /// Takes note of objects that were given: what fails now is no general trouble.
  mutating func give(_ count: Int) {
    misses.give(count)
    if count > 0 { safe = [] }
  }

  /// An object is had or gone that may have been missed.
  mutating func had(_ object: String, isGone: Bool) {
    if missing[object] != nil {
      misses.settle(object, isGone: isGone)
    } else {
      misses.drop(object)
    }
  }

  private mutating func take(_ stray: Stray, salt: @Sendable () -> [UInt8]) {
    if let id = stray.id {
      // A listing of ids has told all that it has to tell.
      guard strategy.showsStates else { return }
      if feed.mode == .baseline {
        // It was there: what it turns out to be is an update.
        learn([Learnt(object: id, revision: PollRun.unread)], salt: salt())
      }
    }
    let object = stray.id ?? Misses.nameless(stray.mark)
    misses.add(
      Misses.Miss(
        object: object, reason: "unreadable",
        text: "it is shown in a form that cannot be read: \(stray.fault)", asked: asked,
        tries: tries(of: object), since: window?.since), isAlone: false)
  }

  /// The revision of what a baseline saw and could not read.
  private static let unread = "unread"

  /// How many objects the feed misses after this poll.
  var missedCount: Int {
    Set(misses.found.map(\.object)).union(missing.keys.filter { misses.settled[$0] == nil }).count
  }
}
