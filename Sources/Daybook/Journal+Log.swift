import Engine
import EventStore
public import Events

extension Journal {
  /// The facts in the order in which they were written.
  public struct EventList: RowSource {
    /// Where its rows come from.
    public let journal: Journal
    /// Its columns.
    public var table: RowTable { .events }

    /// One event with what is kept beside it: to the columns of the list come `payloads`, and of an
    /// attempt `request` and `response`, every byte sent and received; of a change `object`, and
    /// what is other in it than in the version before, as `differences`.
    ///
    /// - Throws: `refused` where there is no such event.
    public func row(_ position: Int64) async throws(DaybookError) -> Row {
      try await translated {
        let reader = try await journal.reader()
        let row = try await bareRow(position, reader)
        let told = row.adding("summary", RowDetails.summary(of: row))
        let shown = try await Exhibits(reader: reader).added(to: told)
        return try await ObjectVersions(reader: reader).added(to: shown)
      }
    }

    /// The body of one event, as JSON.
    ///
    /// - Throws: `refused` where there is no such event.
    public func body(_ position: Int64) async throws(DaybookError) -> String {
      try await translated {
        guard let row = try await journal.reader().glance(at: position) else {
          throw try await journal.missingEvent(position)
        }
        return row["body"]?.string ?? "{}"
      }
    }

    /// One attempt of a delivery, every byte sent and received; also by the event that tells its
    /// outcome. nil where the event is neither.
    ///
    /// - Throws: `refused` where there is no such event.
    public func exchange(_ position: Int64) async throws(DaybookError) -> RecordedExchange? {
      try await translated {
        let reader = try await journal.reader()
        return try await Exhibits(reader: reader).exchange(of: bareRow(position, reader))
      }
    }

    /// Bytes that are kept beside an event.
    ///
    /// - Throws: `refused` where there is no such event.
    public func payloads(_ position: Int64) async throws(DaybookError) -> [RecordedPayload] {
      try await translated {
        let reader = try await journal.reader()
        return try await Exhibits(reader: reader).payloads(of: bareRow(position, reader))
      }
    }

    private func bareRow(_ position: Int64, _ reader: JournalReader) async throws -> Row {
      var query = ReportQuery(.events)
      query.after = position - 1
      query.limit = 1
      let row = try await reader.rows(query).first
      guard let row, row["position"]?.integer == position else {
        throw try await journal.missingEvent(position)
      }
      return row
    }

    /// One event at a glance, by the columns of `RowTable.trace`.
    ///
    /// - Throws: `refused` where there is no such event.
    public func glance(_ position: Int64) async throws(DaybookError) -> Row {
      try await translated {
        let reader = try await journal.reader()
        guard let row = try await reader.glance(at: position) else {
          throw try await journal.missingEvent(position)
        }
        return try await journal.details(reader).traced([row])[0]
      }
    }

    /// When an event was recorded; nil where there is none.
    public func time(of position: Int64) async throws(DaybookError) -> Moment? {
      try await translated {
        try await journal.reader().read { snapshot throws(JournalError) in
          try snapshot.event(at: position)?.recordedAt
        }
      }
    }

    /// The last event recorded at that time or before; 0 where there is none.
    public func position(at moment: Moment) async throws(DaybookError) -> Int64 {
      try await translated { try await journal.reader().position(at: moment) }
    }

    /// The first event that came of one, after a position; nil where there is none.
    ///
    /// - Throws: `refused` where there is no such event.
    public func effect(
      of cause: Int64, after position: Int64 = 0
    ) async throws(DaybookError) -> Int64? {
      try await translated {
        let reader = try await journal.reader()
        guard try await reader.glance(at: cause) != nil else {
          throw try await journal.missingEvent(cause)
        }
        return try await reader.effect(of: cause, after: position)
      }
    }

    /// The first event that one came of; nil where a person, a program or the clock was its cause.
    ///
    /// - Throws: `refused` where there is no such event.
    public func cause(of position: Int64) async throws(DaybookError) -> Int64? {
      try await translated {
        let reader = try await journal.reader()
        guard try await reader.glance(at: position) != nil else {
          throw try await journal.missingEvent(position)
        }
        return try await reader.cause(of: position)
      }
    }

    /// The event one step on or back; nil at the end.
    ///
    /// - Parameter types: Steps over events of all other types; empty: over none.
    public func neighbour(
      of position: Int64, isBack: Bool = false, types: [String] = []
    ) async throws(DaybookError) -> Int64? {
      try await translated {
        try await journal.reader().step(from: position, isBack: isBack, types: types)
      }
    }
  }

  /// Why an event happened and everything that came of it, page by page, in order of the log.
  ///
  /// - Parameter take: Gets each page, by the columns of `RowTable.trace`; answers whether to go
  ///   on.
  /// - Throws: `refused` where there is no such event, and whatever `take` throws.
  public func trace(
    _ position: Int64, _ take: @Sendable ([Row]) async throws -> Bool
  ) async throws {
    do {
      let reader = try await reader()
      let trace = try await reader.trace(position)
      guard !trace.isEmpty else { throw try await missingEvent(position) }
      for start in stride(from: 0, to: trace.count, by: JournalReader.tracePage) {
        try Task.checkCancellation()
        let page = trace[start..<min(start + JournalReader.tracePage, trace.count)]
        let rows = try await details(reader).traced(try await reader.rows(of: page))
        guard try await take(rows) else { return }
      }
    } catch {
      throw DaybookError.passing(error)
    }
  }

  /// Rows that are other at one event than at another, by the columns of `RowTable.difference`;
  /// the first event may be the later one.
  ///
  /// - Throws: `refused` where there is no such event.
  public func difference(
    from start: Int64, to end: Int64
  ) async throws(DaybookError) -> [Row] {
    try await translated {
      let reader = try await reader()
      for place in [start, end] where place > 0 {
        guard try await reader.glance(at: place) != nil else { throw try await missingEvent(place) }
      }
      return try await reader.difference(from: start, to: end)
    }
  }

  /// The names of the columns that a SELECT would answer with; it does not run.
  public func columns(of statement: String) async throws(DaybookError) -> [String] {
    try await translated { try await reader().columns(of: statement) }
  }

  /// Runs one SELECT over the journal, its projections, and the past where it stands there.
  ///
  /// What could change anything or reach another file is refused before it runs, and sealed secrets
  /// stay out of it. It runs over one view of the journal, as long as `take` needs.
  ///
  /// - Parameters:
  ///   - stop: Asked again and again while it looks for rows whether it took long enough.
  ///   - take: Gets the rows in batches, the first also where it is empty; answers whether to go
  ///     on.
  /// - Throws: `failed` with SQLite’s own words for a fault in the text, `busy` where it was
  ///   stopped, and whatever `take` throws.
  public func sql(
    _ statement: String, stop: @escaping @Sendable () -> Bool = { false },
    _ take: @Sendable (_ names: [String], _ rows: [Row]) async throws -> Bool
  ) async throws {
    do {
      try await reader().sql(statement, stop: stop, take)
    } catch {
      throw DaybookError.passing(error)
    }
  }
}

/// Findings of a walk through the whole journal.
public struct VerifiedJournal: Sendable, Equatable {
  /// How many there are.
  public let events: Int64
  /// The last position.
  public let head: Int64
  /// SHA-256 of the chain at its head, 64 hexadecimal digits: keep it elsewhere to compare with
  /// later.
  public let digest: String
  /// One sentence each, at most a hundred; empty where all is well.
  public let problems: [String]
  /// Bytes that were removed on purpose: rows `position, recordedAt, askedBy, selection, payloads,
  /// bytes, reason`, those that follow each other and say the same as one.
  public let removals: [Row]
}

extension Journal {
  /// Walks the chain of digests and every invariant of the log, and opens every secret.
  ///
  /// - Parameters:
  ///   - head: A position and its digest kept elsewhere, to be found again in this journal.
  ///   - progress: Told the events walked, of those that there were at the beginning.
  /// - Throws: `cancelled` where the task was cancelled; `damaged` where so much is wrong that the
  ///   walk does not come to its end.
  public func verify(
    against head: (position: Int64, digest: String)? = nil,
    progress: @escaping WorkProgress.Report = { _ in }
  ) async throws(DaybookError) -> VerifiedJournal {
    try await stoppable {
      // Only the log itself is read: projections that are damaged are in nobody's way.
      let reader = try await reader(isCaughtUp: false)
      let total = try await reader.read { snapshot throws(JournalError) in
        try snapshot.head().position
      }
      let found = try await reader.verify(against: head) { position in
        progress(WorkProgress(done: position, total: max(position, total)))
      }
      return VerifiedJournal(
        events: found.events, head: found.head, digest: found.digest,
        problems: found.problems + (try await secretProblems(reader)),
        removals: found.removals.map { Row($0) })
    }
  }

  /// Names the sealed secrets that are missing or damaged; each is opened where the key is at hand.
  private func secretProblems(_ reader: JournalReader) async throws -> [String] {
    let keyFile = access.settings.keyFile ?? access.path + ".key"
    var problems: [String] = []
    var seal: Seal?
    do {
      seal = try await reader.seal(keyFile)
    } catch {
      guard case .key(let path, let why) = error else { throw error }
      problems.append("the key file \(path): \(why)")
    }
    // A log without its secrets, as `importLog` makes one: there is no key, and nothing is sealed.
    if seal == nil, problems.isEmpty, try !reader.hasSecrets() { return [] }
    return problems + (try await reader.secretProblems(seal))
  }

  /// Builds the tables made of the log anew beside the old, and swaps.
  ///
  /// - Parameter progress: Told the events folded, of those that there are.
  /// - Returns: The events that they are made of.
  /// - Throws: `cancelled` where the task was cancelled; the next rebuild goes on from there.
  @discardableResult
  public func rebuild(
    progress: @escaping WorkProgress.Report = { _ in }
  ) async throws(DaybookError) -> Int64 {
    try await stoppable {
      let writer = try await working(isMending: true).repository.writer
      let folded = try await writer.rebuild { reached, head in
        progress(WorkProgress(done: reached, total: head))
      }
      await access.close()
      return folded
    }
  }

  /// Builds these tables elsewhere, compares, and changes nothing.
  ///
  /// - Parameter progress: Told the events folded, of those that there are; the comparison follows.
  /// - Returns: Rows `table, missing, surplus, example` for those that differ.
  /// - Throws: `cancelled` where the task was cancelled.
  public func rebuildDifferences(
    progress: @escaping WorkProgress.Report = { _ in }
  ) async throws(DaybookError) -> [Row] {
    try await stoppable {
      let reader = try await reader(isCaughtUp: false)
      return try await reader.checkRebuild { reached, head in
        progress(WorkProgress(done: reached, total: head))
      }.map { found in
        [
          "table": .text(found.table), "missing": .integer(Int64(found.missing)),
          "surplus": .integer(Int64(found.surplus)), "example": .json(found.example),
        ]
      }
    }
  }

  /// The SQLite that is linked, such as `3.40.1`.
  public static var sqliteVersion: String { SQLiteVersion.text }

  /// True where the fix is in of the bug by which a checkpoint that meets a writer can lose
  /// commits.
  public static var hasWALResetFix: Bool { SQLiteVersion.hasResetFix }
}

extension Row {
  fileprivate init(_ removal: Removal) {
    self = [
      "position": .integer(removal.position), "recordedAt": .moment(removal.recordedAt),
      "askedBy": .text(removal.askedBy), "selection": .text(removal.selection),
      "payloads": .integer(Int64(removal.payloads)), "bytes": .integer(removal.bytes),
      "reason": Field(text: removal.reason),
    ]
  }
}
