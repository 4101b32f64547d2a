package import Events
import RawJSON

/// An instance as it is shown: how it is set up, how it stands, and what is sealed of it.
package struct InstanceRow: Sendable, Equatable {
  package var id: InstanceID
  package var createdAt: Moment
  package var isEnabled: Bool
  package var isDeleted: Bool
  package var settings: InstanceSettings
  /// Names of its secrets.
  package var sealed: Set<String>

  package init(
    id: InstanceID, createdAt: Moment, isEnabled: Bool, isDeleted: Bool, settings: InstanceSettings,
    sealed: Set<String>
  ) {
    self.id = id
    self.createdAt = createdAt
    self.isEnabled = isEnabled
    self.isDeleted = isDeleted
    self.settings = settings
    self.sealed = sealed
  }
}

/// A question for a page of instances, those that are deleted left out; everything that is set has
/// to fit.
package struct InstanceQuery: Sendable, Equatable {
  /// Tags that an instance has to bear, all of them.
  package var tags: [String] = []
  /// Text that its name has to hold; A to Z count in either case.
  package var name: String?
  /// Only those of which a feed was disabled after too many failures.
  package var isPollingDisabled = false
  /// Only those whose events are on and have somewhere to go.
  package var isSubscribed = false
  /// Ids above this one.
  package var after: Int64 = 0

  package init() {}

  /// The text of a query with these filters, and what is bound to it.
  func composed(_ select: SQL, limit: Int?) -> (text: String, values: [String: Binding]) {
    var fragments = [select]
    if !tags.isEmpty { fragments.append(.whereTags) }
    if name != nil { fragments.append(.whereName) }
    if isPollingDisabled { fragments.append(.wherePollingDisabled) }
    if isSubscribed { fragments.append(.whereSubscribed) }
    if limit != nil { fragments.append(.pageUp) }
    return (
      fragments.map(\.text).joined().replacing("@key", with: "instances.instance"),
      [
        "tags": .text(JSONBody.array(tags)), "name": Binding(name), "after": .integer(after),
        "before": .integer(.max), "limit": .integer(Int64(limit ?? 0)),
      ]
    )
  }
}

extension JournalReader {
  /// A page of instances by their ids, one query whatever their number.
  ///
  /// - Throws: `misfolded` for settings that no event can have.
  package func instances(
    _ query: InstanceQuery, limit: Int
  ) throws(JournalError) -> [InstanceRow] {
    let (text, values) = query.composed(.listInstanceSettings, limit: limit)
    let rows = try view { snapshot throws(JournalError) in try snapshot.rows(text, values).0 }
    var instances: [InstanceRow] = []
    for row in rows {
      guard let instance = InstanceRow(row) else {
        throw .misfolded(path: path, why: "instances.settings holds what no event makes of it")
      }
      instances.append(instance)
    }
    return instances
  }

  /// How many instances fit on all pages.
  package func count(_ query: InstanceQuery) throws(JournalError) -> Int64 {
    let (text, values) = query.composed(.countInstances, limit: nil)
    let rows = try view { snapshot throws(JournalError) in try snapshot.rows(text, values).0 }
    return rows.first?["count"]?.integer ?? 0
  }
}

extension JournalSnapshot {
  /// The event that a request from outside led to; nil where none came with this key.
  package func event(keyed key: String) throws(JournalError) -> RecordedEvent? {
    let query = try connection.statement(SQL.findKey)
    defer { query.reset() }
    try query.bind("key", .text(key))
    return try query.step() ? event(at: query.integer(0)) : nil
  }
}

extension InstanceRow {
  fileprivate init?(_ row: Row) {
    guard let id = row["id"]?.integer, let createdAt = row["createdAt"]?.moment,
      let text = row["settings"]?.string, let settings: InstanceSettings = JSONBody.value(text),
      let sealed = row["sealed"]?.string,
      let names = (try? JSON.parse(Array(sealed.utf8)))?.elements
    else { return nil }
    self.init(
      id: InstanceID(id), createdAt: createdAt, isEnabled: row["state"] == .text("enabled"),
      isDeleted: false,
      settings: settings, sealed: Set(names.compactMap(\.text)))
  }
}
