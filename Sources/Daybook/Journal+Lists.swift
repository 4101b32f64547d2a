import Engine
import EventStore
public import Events

/// A noun that has a list.
public protocol RowSource: Sendable {
  /// Where the rows come from.
  var journal: Journal { get }
  /// The columns of its rows.
  var table: RowTable { get }
}

extension RowSource {
  /// The rows of a part of the list, in order; the newest first where it says so.
  ///
  /// - Parameters:
  ///   - part: Which rows; go on with `after` set to the last position got.
  ///   - limit: Rows at most, in place of the part’s own; `Selection` says which.
  /// - Throws: `refused`, with the filter’s name, for a filter that this list does not know.
  public func rows(
    _ part: Selection = Selection(), limit: Int? = nil
  ) async throws(DaybookError) -> [Row] {
    try await translated {
      let query = try query(part, limit: limit)
      let reader = try await journal.reader()
      return try await journal.details(reader).added(to: reader.rows(query), of: query.kind)
    }
  }

  /// The newest rows of a part, in its order, whatever it begins with.
  public func newest(
    _ limit: Int, of part: Selection = Selection()
  ) async throws(DaybookError) -> [Row] {
    try await translated {
      var query = try query(part, limit: limit)
      if query.kind != .callbacks { query.end = .newest }
      let reader = try await journal.reader()
      return try await journal.details(reader).added(to: reader.rows(query), of: query.kind)
    }
  }

  /// How many rows a part has, counted up to a bound without reading them.
  public func count(
    _ part: Selection = Selection(), upTo most: Int
  ) async throws(DaybookError) -> Int {
    try await translated {
      try await journal.reader().count(try query(part, limit: min(most, part.limit ?? most)))
    }
  }

  /// Gives the rows page by page; nothing is held open between two pages.
  ///
  /// - Parameter take: Gets each page, never an empty one; answers whether to go on.
  /// - Throws: `DaybookError`, and whatever `take` throws.
  public func pages(
    _ part: Selection = Selection(), _ take: @Sendable ([Row]) async throws -> Bool
  ) async throws {
    do {
      let query = try query(part, limit: nil)
      let reader = try await journal.reader()
      let details = journal.details(reader)
      try await reader.rows(query) { rows in
        try await take(try await details.added(to: rows, of: query.kind))
      }
    } catch {
      throw DaybookError.passing(error)
    }
  }

  private func query(_ part: Selection, limit: Int?) throws(Refusal) -> ReportQuery {
    guard let kind = table.kind else { preconditionFailure("\(table.name) is no list") }
    var part = part
    if let limit { part.limit = limit }
    return try part.checked(for: kind)
  }
}

extension Journal {
  /// Changes as polls observed them at the provider, one row an object and poll.
  public struct Changes: RowSource {
    /// Where its rows come from.
    public let journal: Journal
    /// Its columns.
    public var table: RowTable { .changes }
  }

  /// Notices: conditions that wait for a person, with those that are settled.
  public struct Notices: RowSource {
    /// Where its rows come from.
    public let journal: Journal
    /// Its columns.
    public var table: RowTable { .notices }
  }

  /// How far each feed has read.
  public struct Cursors: RowSource {
    /// Where its rows come from.
    public let journal: Journal
    /// Its columns.
    public var table: RowTable { .cursors }

    /// The cursor of a resource; the last, where there are several.
    ///
    /// - Throws: `refused` where there is no such instance, or it has none of that name.
    public func row(
      of instance: Int64, _ resource: String
    ) async throws(DaybookError) -> Row {
      var part = Selection()
      part.instance = instance
      part.resource = resource
      try await journal.check(part)
      guard let row = try await rows(part).last else {
        throw .refused(
          Refusal(.notFound(.resource), "instance \(instance) has no resource \(resource)"))
      }
      return row
    }

    /// Drops a cursor: the next poll compares everything with what is known and announces the
    /// differences.
    ///
    /// - Parameters:
    ///   - toBaseline: Learns everything anew instead, and announces nothing.
    ///   - reason: Kept with the reset.
    /// - Throws: `refused` where there is no such resource, or it cannot be polled.
    public func reset(
      of instance: Int64, _ resource: String, toBaseline: Bool = false, reason: String
    ) async throws(DaybookError) {
      try await journal.instances.check(instance)
      try await journal.check(resource, of: instance)
      try await translated {
        try await journal.working().instances.resetCursor(
          of: InstanceID(instance), resource, toBaseline: toBaseline, reason: reason)
      }
    }
  }

  /// Which URLs take deliveries.
  public struct Callbacks: RowSource {
    /// Where its rows come from.
    public let journal: Journal
    /// Its columns.
    public var table: RowTable { .callbacks }

    /// True where an instance names the URL, anybody switched it, or a delivery goes there.
    public func knows(_ url: String) async throws(DaybookError) -> Bool {
      try await translated { try await journal.reader().knows(callback: url) }
    }

    /// Lets a URL take deliveries again; what was held for it is due at once.
    ///
    /// - Throws: `refused` for a URL that nothing names or goes to, with some that there are.
    public func enable(_ url: String, reason: String? = nil) async throws(DaybookError) {
      try await check(url)
      try await translated {
        try await journal.working().replays.enable(callback: url, reason: reason)
      }
    }

    /// Holds back what goes to a URL, until it is enabled again.
    ///
    /// - Throws: `refused` for what is no URL, and for one that nothing names or goes to.
    public func disable(_ url: String, reason: String? = nil) async throws(DaybookError) {
      try await translated { _ = try CallbackURL(url) }
      try await check(url)
      try await translated {
        try await journal.working().replays.disable(callback: url, reason: reason)
      }
    }

    /// A mistyped URL would be switched to no effect.
    private func check(_ url: String) async throws(DaybookError) {
      if try await knows(url) { return }
      let known = try await rows(limit: Journal.namesSearchedMax).compactMap { $0["url"]?.string }
      throw .refused(
        Refusal(
          .notFound(.callback),
          "no instance names \(url), and no delivery goes there"
            + hint(for: url, among: known)))
    }
  }
}
