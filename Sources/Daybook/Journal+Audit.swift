import Domain
import Engine
import EventStore
public import Events

extension Journal {
  /// Begins an audit: every change, where it was to go, when that took it, and as which bytes.
  ///
  /// It is of the log up to the last event that there is now: what is recorded while it is read is
  /// no part of it.
  ///
  /// - Parameter part: Of changes, by `instance`, `object`, `since` and `until`.
  /// - Throws: `refused` for an instance that is not there, and for a filter that changes do not
  ///   know.
  public func audit(_ part: Selection = Selection()) async throws(DaybookError) -> Audit {
    try await check(part)
    return try await translated {
      var query = try part.checked(for: .changes)
      let asOf = asOf
      let (head, name) = try await reader().read { snapshot throws(JournalError) in
        // As far as the tables have read, where nobody could have them catch up.
        let last = try snapshot.head().position - snapshot.lag()
        let position = asOf.map { min($0, last) } ?? last
        guard let event = try snapshot.event(at: position),
          case .journalCreated(let created)? = try snapshot.event(at: 1)?.event()
        else { throw .damaged(path: path, why: "event \(position) is not there") }
        return (event, created.journal)
      }
      query.before = min(query.before ?? .max, head.position + 1)
      return Audit(
        head: head.position, digest: hexadecimal(head.digest), recordedAt: head.recordedAt,
        name: name, journal: self, query: query)
    }
  }
}

/// The state of all changes up to one event.
public struct Audit: Sendable {
  /// The last event that it takes into account.
  public let head: Int64
  /// The digest of that event, 64 hexadecimal digits.
  public let digest: String
  /// When that was recorded.
  public let recordedAt: Moment
  /// The 128 bits that name the journal, in hexadecimal digits.
  public let name: String
  let journal: Journal
  let query: ReportQuery

  /// How a change stands at one URL.
  public enum Standing: String, Sendable, CaseIterable {
    /// The URL answered 2xx to a notification that tells of it.
    case accepted
    /// It is to be sent, and will be by itself or once what holds it is over.
    case open
    /// Given up after the last retry; `recover` sends it again.
    case exhausted
    /// Not to be sent, for a reason that will not change by itself.
    case skipped
    /// A fault: no delivery tells of it, and none is about to.
    case lost
  }

  /// How many changes there are, by where their own instances’ callbacks stand; what replays sent
  /// elsewhere does not count.
  public struct Totals: Sendable, Equatable {
    /// All of them.
    public internal(set) var changes: Int64 = 0
    private var counts: [Standing: Int64] = [:]

    /// No change, yet.
    public init() {}

    /// Changes of one standing.
    public subscript(standing: Standing) -> Int64 { counts[standing, default: 0] }

    /// True where every change was accepted, or is not to be sent.
    public var isComplete: Bool { self[.accepted] + self[.skipped] == changes }

    mutating func add(_ standing: Standing) {
      changes += 1
      counts[standing, default: 0] += 1
    }
  }

  /// Gives a row for each change and each URL that it goes to, by the columns of `RowTable.audit`,
  /// in the order of the log: its own callback first.
  ///
  /// - Parameters:
  ///   - isTitled: False leaves out the titles, which are read out of the objects’ bytes.
  ///   - take: Gets each page; answers whether to go on.
  /// - Returns: The counts of what was given.
  /// - Throws: `DaybookError`, and whatever `take` throws.
  @discardableResult
  public func rows(
    isTitled: Bool = true, _ take: @Sendable ([Row]) async throws -> Bool
  ) async throws -> Totals {
    do {
      return try await walk(isTitled: isTitled, take)
    } catch {
      throw DaybookError.passing(error)
    }
  }

  /// Counts the changes without showing them.
  public func totals() async throws -> Totals { try await rows(isTitled: false) { _ in true } }

  private func walk(
    isTitled: Bool, _ take: @Sendable ([Row]) async throws -> Bool
  ) async throws -> Totals {
    let reader = try await journal.reader()
    let details = journal.details(reader)
    var (totals, query) = (Totals(), query)
    query.end = .oldest
    query.limit = Self.changesPerPage
    while true {
      try Task.checkCancellation()
      let changes = try await reader.rows(query)
      guard let last = changes.last?["position"]?.integer else { return totals }
      query.after = last
      let titled = isTitled ? try await details.added(to: changes, of: .changes) : changes
      let page = try await page(titled, reader)
      for standing in page.standings { totals.add(standing) }
      guard try await take(page.rows) else { return totals }
    }
  }

  /// Changes whose deliveries are read at once: each is told by as many as there are replays of it.
  private static let changesPerPage = 200
}

extension Audit {
  private struct Page {
    var rows: [Row] = []
    /// One a change.
    var standings: [Standing] = []
  }

  private func page(_ changes: [Row], _ reader: JournalReader) async throws -> Page {
    let head = head
    let (page, untold) = try await reader.read {
      snapshot throws(JournalError) -> (Page, [Int64]) in
      var audited = try AuditedChanges(changes, at: head, snapshot)
      let page = try Self.page(changes, &audited, told: [])
      // A delivery that was asked for since may not be in the tables yet.
      return (page, try snapshot.lag() > 0 ? audited.untold : [])
    }
    if untold.isEmpty { return page }
    return try await journal.reader().read { snapshot throws(JournalError) in
      var audited = try AuditedChanges(changes, at: head, snapshot)
      return try Self.page(changes, &audited, told: snapshot.lag() > 0 ? Set(untold) : [])
    }
  }

  private static func page(
    _ changes: [Row], _ audited: inout AuditedChanges, told: Set<Int64>
  ) throws(JournalError) -> Page {
    var page = Page()
    for change in changes {
      let targets = try audited.targets(of: change, isToldLater: told)
      page.standings.append(
        targets.lazy.filter(\.isOwn).map(\.standing).min { $0.rank < $1.rank } ?? .lost)
      for target in targets { page.rows.append(audited.row(of: change, target)) }
    }
    return page
  }
}

extension Audit.Standing {
  /// The better one counts where several deliveries tell of a change.
  var rank: Int { Audit.Standing.allCases.firstIndex(of: self) ?? 0 }
}
