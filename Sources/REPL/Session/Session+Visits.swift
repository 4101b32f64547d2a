import Daybook
import Events

extension Session {
  /// The place where one stands, as a position is typed; the head where one stands nowhere.
  var standing: String { place.map { String($0) } ?? "head" }

  /// Remembers a position, for going back and forward.
  func visit(_ position: Int64) {
    place = position
    // What lay ahead is forgotten, as in any history of visits.
    visited = visited.prefix(visitedPlace + 1).suffix(Session.visitsMax) + [position]
    visitedPlace = visited.count - 1
  }

  /// Shows the neighbouring event and stands there; in the past, the time goes along.
  func step(forward: Bool, types: [String]) async throws {
    try await stepping(
      { journal in
        let head = try await journal.head()
        let from = place ?? (forward ? 0 : head + 1)
        let next = try await journal.events.neighbour(of: from, isBack: !forward, types: types)
        guard let next else {
          let what = types.isEmpty ? "event" : "event of these types"
          throw Failure.failed("there is no \(what) \(forward ? "after" : "before") \(from)")
        }
        return next
      }, arrived: visit)
  }

  /// Finds a position in the whole log, shows what is there and stands there; in the past all
  /// queries answer as of it from then on.
  ///
  /// - Parameter arrived: Told before it is shown: who leaves the pager stands there all the same.
  func stepping(
    _ find: (Journal) async throws -> Int64, arrived: (Int64) -> Void
  ) async throws {
    let journal = try presentJournal()
    let position = try await find(journal)
    let row = try await journal.events.glance(position)
    if asOf != nil { try await travel(to: position) }
    arrived(position)
    place = position
    try await show(traced: row)
  }
}

extension Session {
  /// Goes along the visited positions without visiting anew.
  func revisit(_ step: Int) async throws {
    let next = visitedPlace + step
    guard visited.indices.contains(next) else {
      throw Failure.failed(step < 0 ? "nothing was visited before" : "nothing was visited after")
    }
    try await stepping({ _ in visited[next] }, arrived: { _ in visitedPlace = next })
  }
}
