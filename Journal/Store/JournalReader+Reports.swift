package import Events

extension JournalReader {
  /// Gives a list page by page; no view of the journal is held between two pages.
  ///
  /// - Parameters:
  ///   - page: Rows a page.
  ///   - take: Gets each page, never an empty one; answers whether to go on.
  /// - Throws: `JournalError`, and whatever `take` throws.
  package func rows(
    _ query: ReportQuery, page: Int = 500, _ take: @Sendable ([Row]) async throws -> Bool
  ) async throws {
    var walk = try begin(query, page: page)
    while let rows = try next(&walk, page: page) {
      guard try await take(rows) else { return }
    }
  }

  /// The whole list at once; for lists that are short or have a limit.
  package func rows(_ query: ReportQuery) throws(JournalError) -> [Row] {
    var walk = try begin(query, page: Self.pageRows)
    var all: [Row] = []
    while let rows = try next(&walk, page: Self.pageRows) { all += rows }
    return all
  }

  private static let pageRows = 1_000

  /// How many rows a list has, counted up to its limit without reading them.
  package func count(_ query: ReportQuery) throws(JournalError) -> Int {
    let walk = try begin(query, page: .max)
    let composed = ComposedQuery(
      walk.query, after: walk.after, before: walk.before, limit: walk.left, for: .count)
    let rows = try view { snapshot throws(JournalError) in
      try snapshot.rows(composed.text, composed.values).0
    }
    return Int(rows.first?["count"]?.integer ?? 0)
  }

  /// The last event recorded at that time or before; 0 where there is none.
  ///
  /// Time never steps back in the log, so it is looked up by halving.
  package func position(at moment: Moment) throws(JournalError) -> Int64 {
    try view { snapshot throws(JournalError) in try snapshot.position(at: moment) }
  }

  /// - Parameter page: Rows that are read at once at most.
  private func begin(_ query: ReportQuery, page: Int) throws(JournalError) -> ReportWalk {
    precondition(
      query.filters.isSubset(of: query.kind.filters),
      "\(query.kind) has no filter \(query.filters.subtracting(query.kind.filters))")
    return try view { snapshot throws(JournalError) in
      var after = query.after ?? (query.kind == .replays ? 0 : .min)
      var before = query.before ?? .max
      if let since = query.since {
        after = max(after, try snapshot.position(at: since - .milliseconds(1)))
      }
      if let until = query.until {
        before = min(before, try snapshot.position(at: until - .milliseconds(1)) + 1)
      }
      var walk = ReportWalk(query, after: after, before: before)
      if walk.isTurned, walk.left > page { try snapshot.skip(to: &walk) }
      return walk
    }
  }

  private func next(_ walk: inout ReportWalk, page: Int) throws(JournalError) -> [Row]? {
    let limit = min(page, walk.left)
    guard limit > 0, !walk.isAtEnd else { return nil }
    var query = walk.query
    // The few that a limit leaves are read from the end where it counts, and turned.
    let isTurned = walk.isTurned
    if isTurned { query.isReversed.toggle() }
    let composed = ComposedQuery(query, after: walk.after, before: walk.before, limit: limit)
    let (rows, last) = try view { snapshot throws(JournalError) in
      try snapshot.rows(composed.text, composed.values)
    }
    walk.left -= rows.count
    walk.isAtEnd = rows.count < limit
    if walk.query.isReversed { walk.before = last } else { walk.after = last }
    if rows.isEmpty { return nil }
    return isTurned ? rows.reversed() : rows
  }
}

/// How far a list has been given.
private struct ReportWalk {
  let query: ReportQuery
  var after: Binding
  var before: Binding
  var left: Int
  var isAtEnd = false
  /// True where the limit counts from the row that is given last.
  var isTurned: Bool

  init(_ query: ReportQuery, after: Int64, before: Int64) {
    self.query = query
    left = query.limit ?? .max
    isTurned = query.limit != nil && query.end == (query.isReversed ? .oldest : .newest)
    guard query.kind == .callbacks else {
      (self.after, self.before) = (.integer(after), .integer(before))
      return
    }
    // Every text is greater than the empty one and less than any bytes.
    (self.after, self.before) = (.text(""), .bytes([]))
  }
}

extension JournalSnapshot {
  /// Goes to the first of the rows that a limit leaves which counts from the other end: many of
  /// them are given page by page, as any list is, and not gathered to be turned.
  fileprivate func skip(to walk: inout ReportWalk) throws(JournalError) {
    walk.isTurned = false
    var query = walk.query
    query.isReversed.toggle()
    let composed = ComposedQuery(
      query, after: walk.after, before: walk.before, limit: walk.left, for: .lastKey)
    guard case .integer(let first) = try rows(composed.text, composed.values).1 else { return }
    if walk.query.isReversed {
      walk.before = .integer(first + 1)
    } else {
      walk.after = .integer(first - 1)
    }
  }

  /// Rows for people.
  func rows(_ query: SQL, _ values: [String: Binding]) throws(JournalError) -> [Row] {
    try rows(of: connection.projection(query, generation), values).0
  }

  /// Rows for people, by a text that is put together, and the key of the last of them.
  func rows(_ text: String, _ values: [String: Binding]) throws(JournalError) -> ([Row], Binding) {
    try rows(of: connection.projection(text, generation), values)
  }

  private func rows(
    of query: Statement, _ values: [String: Binding]
  ) throws(JournalError) -> ([Row], Binding) {
    defer { query.reset() }
    for (name, value) in values { try query.bind(name, value) }
    let shape = RowShape(query)
    var rows: [Row] = []
    var last = Binding.null
    while try query.step() {
      rows.append(shape.row(query))
      if let key = shape.keyColumn { last = query.value(key).binding }
    }
    return (rows, last)
  }

  func position(at moment: Moment) throws(JournalError) -> Int64 {
    var below: Int64 = 0
    var above = try head().position + 1
    while above - below > 1 {
      let middle = below + (above - below) / 2
      let query = try query(SQL.loadTime, ["position": .integer(middle)])
      defer { query.reset() }
      let isThere = try query.step()
      if isThere && query.integer(0) > moment.milliseconds {
        above = middle
      } else {
        below = middle
      }
    }
    return below
  }
}
