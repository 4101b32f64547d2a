package import Events

/// The meaning of an item, held against what is known, and why.
package struct Verdict: Sendable, Equatable, Codable {
  /// nil where nothing is announced.
  package var kind: ChangeKind?
  /// Half a sentence for a person: “its etag differs from the one known”.
  package var reason: String

  package init(_ kind: ChangeKind?, _ reason: String) {
    self.kind = kind
    self.reason = reason
  }
}

/// A feed's knowledge of an object: it was there at the baseline, or it was announced.
package struct Known: Sendable, Equatable, Codable {
  package var revision: String
  /// A cancelled occurrence, remembered while its series lives.
  package var isGone: Bool

  package init(revision: String, isGone: Bool = false) {
    self.revision = revision
    self.isGone = isGone
  }

  /// Tells if an item is in the state that is known. A baseline that lists ids alone knows the sum
  /// of an object’s labels and no revision of its own.
  package func isState(of item: Item) -> Bool {
    isGone == item.isGone
      && (revision == item.revision
        || LabelSum.isOfListing(revision) && LabelSum.isSame(revision, item.revision))
  }
}

extension Verdict {
  /// The rule for feeds with a provider cursor.
  ///
  ///     the item    known and there     known and gone    unknown, series known    unknown
  ///     is there    UPDATED, or         CREATED           UPDATED                  CREATED
  ///                 nothing if the
  ///                 revision is the same
  ///     is gone     DELETED             nothing           DELETED                  nothing
  ///
  /// Known or unknown is the only test that holds: dates are for dating a change, not for finding
  /// it. An occurrence of a known series exists by its series. Created and deleted between two
  /// polls: nothing.
  ///
  /// - Parameter isSeriesKnown: Whether the series that the item names is known and there.
  package static func of(_ item: Item, known: Known?, isSeriesKnown: Bool) -> Verdict {
    switch (item.isGone, known) {
    case (false, let known?) where !known.isGone:
      known.isState(of: item)
        ? Verdict(nil, "seen before: its revision is the one known")
        : Verdict(.updated, "its revision differs from the one known")
    case (false, .some): Verdict(.created, "it was cancelled and is back")
    case (false, nil) where isSeriesKnown:
      Verdict(.updated, "an occurrence of a known series was edited")
    case (false, nil): Verdict(.created, "new id")
    case (true, let known?) where !known.isGone: Verdict(.deleted, "the provider says it is gone")
    case (true, .some): Verdict(nil, "seen before: it was gone already")
    case (true, nil) where isSeriesKnown:
      Verdict(.deleted, "an occurrence of a known series was cancelled")
    case (true, nil): Verdict(nil, "created and gone between two polls")
    }
  }
}
