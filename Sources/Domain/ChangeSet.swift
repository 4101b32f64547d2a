package import Events

/// The finds of a poll so far: one candidate an object, its last state counts.
///
/// Items whose revision is the one known never get in here, so that a comparison of a large
/// collection holds its differences alone.
package struct ChangeSet: Sendable, Equatable {
  /// An item that may become a change.
  package struct Candidate: Sendable, Equatable, Codable {
    package var item: Item
    package var known: Known?
    /// The series was known before this poll.
    package var isSeriesKnown: Bool
    /// When it changed, as far as the provider says.
    package var date: Moment?
    /// The value at `idField`, where it is not the provider’s id.
    package var objectId: String?
    /// Digest of its bytes, where they are kept.
    package var payload: String?
    package var bytes: Int
    /// The verdict by dates, in a feed that is polled by them; nil: known or unknown decides.
    package var dated: Verdict?

    package init(
      item: Item, known: Known?, isSeriesKnown: Bool, date: Moment?, objectId: String? = nil,
      payload: String?, bytes: Int, dated: Verdict? = nil
    ) {
      self.item = item
      self.known = known
      self.isSeriesKnown = isSeriesKnown
      self.date = date
      self.objectId = objectId
      self.payload = payload
      self.bytes = bytes
      self.dated = dated
    }
  }

  private var candidates: [ExactText: Candidate] = [:]
  /// Ids in the order in which they were last seen.
  private var order: [ExactText: Int] = [:]
  private var places = 0

  package init() {}

  /// The candidates of a poll that is gone on with, in their order.
  package init(_ candidates: [Candidate]) {
    for candidate in candidates { take(candidate) }
  }

  /// In the order in which they were last seen.
  package var inOrder: [Candidate] {
    candidates.values.sorted { place(of: $0.item.id) < place(of: $1.item.id) }
  }

  package var count: Int { candidates.count }

  private func place(of id: String) -> Int { order[ExactText(id)] ?? 0 }

  /// Tells if an item can be a change at all; if not, it need not be kept.
  package static func matters(_ item: Item, known: Known?) -> Bool {
    if let known { return !known.isState(of: item) }
    return !item.isGone || item.series != nil
  }

  /// Takes an item that matters; replaces what was taken of the same object.
  package mutating func take(_ candidate: Candidate) {
    let id = ExactText(candidate.item.id)
    candidates[id] = candidate
    order[id] = places
    places += 1
  }

  /// Forgets an object: its last state in this poll is the one known.
  package mutating func drop(_ id: String) {
    candidates[ExactText(id)] = nil
    order[ExactText(id)] = nil
  }

  /// The verdict on an object as of now.
  package func verdict(on candidate: Candidate) -> Verdict {
    candidate.dated
      ?? Verdict.of(
        candidate.item, known: candidate.known, isSeriesKnown: isSeriesThere(candidate))
  }

  /// The changes to be announced, in the order in which they were last seen, but a series before
  /// its occurrences: whoever folds the changes remembers a cancelled occurrence only of a series
  /// that is known by then.
  package func changes() -> [(candidate: Candidate, kind: ChangeKind)] {
    seriesFirst.compactMap { candidate in
      verdict(on: candidate).kind.map { (candidate, $0) }
    }
  }

  private var seriesFirst: [Candidate] {
    var earliest: [ExactText: Int] = [:]
    for candidate in candidates.values {
      guard let series = candidate.item.series.map({ ExactText($0) }) else { continue }
      let place = self.place(of: candidate.item.id)
      earliest[series] = min(earliest[series] ?? place, place)
    }
    /// Where it goes, and whether it stands there itself: a series that moved up stands before.
    func place(_ candidate: Candidate) -> (Int, Int) {
      let own = self.place(of: candidate.item.id)
      guard let first = earliest[ExactText(candidate.item.id)], first < own else { return (own, 1) }
      return (first, 0)
    }
    return candidates.values.sorted { place($0) < place($1) }
  }

  /// A series that comes or goes in this poll counts as it is after it.
  private func isSeriesThere(_ candidate: Candidate) -> Bool {
    guard let series = candidate.item.series else { return false }
    if let master = candidates[ExactText(series)] { return !master.item.isGone }
    return candidate.isSeriesKnown
  }
}
