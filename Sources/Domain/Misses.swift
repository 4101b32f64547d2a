package import Events

/// The objects that a poll could not have or read although it could the rest, and those that it had
/// at last.
///
/// An object's own trouble is told from the provider's by what else the poll was given: where
/// nothing was, or many failed in a row, nothing is passed over.
package struct Misses: Sendable, Equatable, Codable {
  /// One object that could not be had.
  package struct Miss: Sendable, Equatable, Codable {
    /// The provider's id; of what shows none, `Misses.nameless`.
    package var object: String
    package var reason: String
    package var text: String
    package var status: Int?
    package var asked: String?
    /// The digest of the answer, kept as evidence.
    package var answer: String?
    /// In a row, this one counted.
    package var tries: Int
    /// The moment since which a poll by dates looked.
    package var since: Moment?

    package init(
      object: String, reason: String, text: String, status: Int? = nil, asked: String? = nil,
      answer: String? = nil, tries: Int, since: Moment? = nil
    ) {
      self.object = object
      self.reason = reason
      self.text = text
      self.status = status
      self.asked = asked
      self.answer = answer
      self.tries = tries
      self.since = since
    }

    /// It is tried once a day from now on, and a person is told: asking for what has no name is
    /// reading everything.
    package var isSetAside: Bool {
      tries >= Limits.objectTriesMax || Misses.isNameless(object)
    }

    /// The waits are those after failures of a feed, then a day.
    package var wait: Duration {
      isSetAside ? Limits.objectRetryWait : .seconds(1 << min(tries, 20))
    }
  }

  /// In the order in which they were missed.
  package private(set) var found: [Miss] = []
  /// How many objects the poll was given.
  package private(set) var given = 0
  /// How many were missed one after the other, up to now.
  package private(set) var inRow = 0
  /// Those of earlier polls that were had, or are gone: `read` or `gone`.
  package private(set) var settled: [String: String] = [:]

  package init() {}

  /// The stand-in for the id of an object that shows none.
  package static func nameless(_ mark: String) -> String { "unnamed/\(mark)" }

  /// Tells stand-ins from ids.
  package static func isNameless(_ object: String) -> Bool { object.hasPrefix("unnamed/") }

  /// It may well be everything that cannot be had.
  package var isGeneral: Bool {
    given == 0 && found.count > Limits.missesWithoutGiftMax || inRow > Limits.missesInRowMax
  }

  /// - Parameter isAlone: Whether it was asked for by itself, and not one of many on a page.
  package mutating func add(_ miss: Miss, isAlone: Bool = true) {
    found.removeAll { $0.object == miss.object }
    settled[miss.object] = nil
    found.append(miss)
    if isAlone { inRow += 1 }
  }

  /// Forgets what this poll alone could not have at first.
  package mutating func drop(_ object: String) { found.removeAll { $0.object == object } }

  /// Takes note of objects that were given.
  package mutating func give(_ count: Int) {
    guard count > 0 else { return }
    given += count
    inRow = 0
  }

  /// An object that was missed before, in this poll or an earlier one, is had or gone.
  package mutating func settle(_ object: String, isGone: Bool) {
    found.removeAll { $0.object == object }
    settled[object] = isGone ? "gone" : "read"
  }

  /// Tells if this poll could not have an object so far.
  package func holds(_ object: String) -> Bool { found.contains { $0.object == object } }
}

extension Feed {
  package static let unreadableKind = NoticeKind.objectUnreadable

  /// Records an object that could not be had, and tells a person once it is set aside.
  func missed(_ miss: Misses.Miss, at now: Moment) -> [Event] {
    let missed = ObjectMissed(
      feed: id, instance: instance, object: miss.object, tries: miss.tries, reason: miss.reason,
      text: miss.text, status: miss.status, asked: miss.asked, answer: miss.answer,
      sinceMs: miss.since?.milliseconds, nextAtMs: (now + miss.wait).milliseconds)
    guard miss.isSetAside else { return [.objectMissed(missed)] }
    let text =
      "\(resource) of instance \(instance) goes on without \(miss.object), which cannot be had or"
      + " read (\(miss.reason): \(miss.text)). It is tried again once a day, and announced when it"
      + " can be read; `poll run \(instance)` tries it at once."
    return [
      .objectMissed(missed),
      .noticeRaised(
        NoticeRaised(
          kind: .known(Feed.unreadableKind), subject: .object(miss.object, ofFeed: id), text: text,
          instance: instance)),
    ]
  }

  /// Records the objects that could be had at last, and those that could not.
  func told(of misses: Misses, at now: Moment) -> [Event] {
    let settled = misses.settled.sorted { $0.key < $1.key }.map { object, outcome in
      Event.objectSettled(
        ObjectSettled(feed: id, instance: instance, object: object, outcome: outcome))
    }
    return settled + misses.found.flatMap { missed($0, at: now) }
  }
}
