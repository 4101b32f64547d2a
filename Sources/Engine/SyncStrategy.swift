package import Domain

/// How a poll treats its pages and what it does after the last one: one value for each kind of
/// collection and each mode, so that what tells them apart stands in one place.
///
/// | collection | baseline | changes | comparison |
/// |---|---|---|---|
/// | `cursor` | learnt | compared | compared and seen, absences confirmed |
/// | `layered` | seen, learnt at the end | compared | seen, differing asked, absences confirmed |
/// | `roster` | collections, absent ones confirmed | collections | the same as a baseline |
/// | `dated` | learnt | compared | compared |
package struct SyncStrategy: Sendable, Equatable {
  /// The use that is made of a page.
  package enum Use: Sendable, Equatable {
    /// Its items are collections of their own.
    case collections
    /// It shows ids alone, which are kept on disk until the listing is whole.
    case seen
    /// Its items are known from now on, and announce nothing.
    case learnt
    /// Its items are held against what is known; `isSeen`: and kept as seen, so that what a full
    /// listing misses is found.
    case compared(isSeen: Bool)
  }

  /// One thing to do after the last page.
  package enum Step: Sendable, Equatable {
    /// Makes everything seen known.
    case learnSeen
    /// Asks for each object that was seen and is not known so.
    case askForDiffering
    /// Asks for each object that is known and was not seen.
    case confirmAbsences
    /// Asks for each collection that a list no longer shows.
    case confirmCollections

    /// True where it reads what the listing has left on disk.
    var readsSeen: Bool { self != .confirmCollections }
  }

  package let use: Use
  package let steps: [Step]
  /// False where pages show ids alone, and not what objects are like.
  package let showsStates: Bool
  /// True where each page holds one object, asked for by itself.
  package let readsOneByOne: Bool
  /// False where a poll that was cut short is begun anew: the times that it asks for have moved.
  package let canGoOn: Bool

  package init(_ nature: CollectionNature, _ mode: PollMode) {
    let isOfChanges = if case .changes = mode { true } else { false }
    showsStates = isOfChanges || nature != .layered
    readsOneByOne = isOfChanges && nature == .layered
    canGoOn = nature != .dated
    switch (nature, mode) {
    case (.roster, .changes): (use, steps) = (.collections, [])
    // After a baseline too, which may follow a reset: what left meanwhile is in no later listing.
    case (.roster, _): (use, steps) = (.collections, [.confirmCollections])
    case (.layered, .baseline): (use, steps) = (.seen, [.learnSeen])
    case (.layered, .comparison): (use, steps) = (.seen, [.askForDiffering, .confirmAbsences])
    case (_, .baseline): (use, steps) = (.learnt, [])
    case (.cursor, .comparison): (use, steps) = (.compared(isSeen: true), [.confirmAbsences])
    default: (use, steps) = (.compared(isSeen: false), [])
    }
  }
}
