import Domain
package import Events
import RawJSON

/// One resource of `event.poller.configuration`, read and checked.
package struct ResourceForm: Sendable, Equatable {
  package var key: String
  package var url: String
  /// nil: the provider's own id.
  package var idField: String?
  package var updatedField: String?
  /// nil where nothing of it is configured.
  package var rules: PollingRules?
  /// Where its `url` was given, for refusals.
  package var path: String

  /// - Parameter path: nil where it stands in `event.poller.configuration`.
  package init(
    key: String, url: String, idField: String?, updatedField: String?, rules: PollingRules? = nil,
    path: String? = nil
  ) {
    self.key = key
    self.url = url
    self.idField = idField
    self.updatedField = updatedField
    self.rules = rules
    self.path = path ?? "configuration.\(ResourcesReader.key).\(key).url"
  }
}

extension ResourceForm {
  /// A resource of which the configuration names no fields.
  init(key: String, url: String, fields: ObjectFields, path: String? = nil) {
    var rules: PollingRules?
    if fields.updated != nil || fields.created != nil {
      let (format, zone) = (ObjectFields.dateFormat, ObjectFields.zone)
      rules = PollingRules(
        updatedFormat: format, updatedZone: zone, createdField: fields.created,
        createdFormat: format, createdZone: zone)
    }
    self.init(
      key: key, url: url, idField: fields.id, updatedField: fields.updated, rules: rules,
      path: path)
  }

  /// The resource with the page size that its `url` may say among its rules.
  func settled(by connector: any Connector) -> ResourceForm {
    guard let size = connector.pageSize(inURL: url) else { return self }
    var form = self
    var rules = rules ?? PollingRules()
    rules.pageSize = min(Int64(size), Limits.pageSizeMax)
    form.rules = rules
    return form
  }
}

/// Reads one resource; what it does not know it names.
///
///     "changed-groups": {
///       "url": "/hubs/general/changed-groups", "idField": "id", "pageSize": 100, "pollDelay": 30,
///       "filterByUpdatedDate": true, "filterByCurrentDate": false, "createdCheckTolerance": 10,
///       "datesConfiguration": { "updatedDateField": "metadata.updateTime",
///         "updatedDateFormat": "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", "updatedDateTimezone": "GMT",
///         "createdDateField": …, "createdDateFormat": …, "createdDateTimezone": … } }
///
/// Source: SAP Open Connectors, “Google Suite: Events”; the developer portal's page on polling.
struct ResourceReader {
  let key: String
  let value: JSON
  /// Path of the resource, for refusals.
  let path: String
  private(set) var unknown: [String] = []

  init(_ key: String, _ value: JSON, at path: String) {
    self.key = key
    self.value = value
    self.path = path
  }

  private static let keys: Set<String> = [
    "url", "idField", "filterByUpdatedDate", "filterByUpdateDate", "filterByCurrentDate",
    "datesConfiguration", "updatedDateTimezone", "createdCheckTolerance", "pageSize", "pollDelay",
  ]
  private static let dateKeys: Set<String> = [
    "updatedDateField", "updatedDateFormat", "updatedDateTimezone", "createdDateField",
    "createdDateFormat", "createdDateTimezone", "createdCheckTolerance",
  ]

  /// - Throws: `Refusal` with the whole path of the first fault.
  mutating func form() throws(Refusal) -> ResourceForm {
    guard let members = value.members else { throw Refusal(at: path, "has to be an object") }
    try ResourceReader.check(key: key, at: path)
    let url = try ResourceReader.url(value["url"], at: "\(path).url")
    let dates = value["datesConfiguration"] ?? .null
    guard dates == .null || dates.members != nil else {
      throw Refusal(at: "\(path).datesConfiguration", "has to be an object")
    }
    name(members, but: ResourceReader.keys, at: path)
    name(dates.members ?? Members(), but: ResourceReader.dateKeys, at: datesPath)
    let rules = try rules(dates)
    return ResourceForm(
      key: key, url: url, idField: try FormField.text(value["idField"], at: "\(path).idField"),
      updatedField: try text(dates, "updatedDateField"),
      rules: rules == PollingRules() ? nil : rules, path: "\(path).url")
  }

  private var datesPath: String { "\(path).datesConfiguration" }

  private mutating func name(_ members: Members, but known: Set<String>, at path: String) {
    for member in members where !known.contains(member.name) {
      unknown.append("\(path).\(member.name)")
    }
  }

  private func rules(_ dates: JSON) throws(Refusal) -> PollingRules {
    let zone = try zone(dates, "updatedDateTimezone", at: datesPath)
    let olderZone = try self.zone(value, "updatedDateTimezone", at: path)
    let tolerance = try seconds(value, "createdCheckTolerance", at: path)
    let innerTolerance = try seconds(dates, "createdCheckTolerance", at: datesPath)
    let filters = try flag("filterByUpdatedDate")
    let misspelt = try flag("filterByUpdateDate")
    return PollingRules(
      updatedFormat: try format(dates, "updatedDateFormat"),
      updatedZone: zone ?? olderZone,
      createdField: try text(dates, "createdDateField"),
      createdFormat: try format(dates, "createdDateFormat"),
      createdZone: try self.zone(dates, "createdDateTimezone", at: datesPath),
      toleranceSeconds: tolerance ?? innerTolerance,
      filtersByUpdatedDate: filters ?? misspelt,
      filtersByCurrentDate: try flag("filterByCurrentDate"),
      delaySeconds: try seconds(value, "pollDelay", at: path),
      pageSize: try FormField.whole(
        value["pageSize"], in: 1...Limits.pageSizeMax, of: "items", at: "\(path).pageSize"))
  }

  private func text(_ dates: JSON, _ name: String) throws(Refusal) -> String? {
    try FormField.text(dates[name], at: "\(datesPath).\(name)")
  }

  private func format(_ dates: JSON, _ name: String) throws(Refusal) -> String? {
    guard let pattern = try text(dates, name) else { return nil }
    if let fault = ResourceReader.fault(inDatePattern: pattern) {
      throw Refusal(at: "\(datesPath).\(name)", fault)
    }
    return pattern
  }

  private func zone(_ holder: JSON, _ name: String, at path: String) throws(Refusal) -> String? {
    let zone = try FormField.text(holder[name], at: "\(path).\(name)", most: 100)
    guard zone.map({ Zone($0) != nil }) ?? true else {
      throw Refusal(at: "\(path).\(name)", "is no zone such as GMT, -08:00 or Europe/Berlin")
    }
    return zone
  }

  private func seconds(_ holder: JSON, _ name: String, at path: String) throws(Refusal) -> Int64? {
    try FormField.whole(
      holder[name], in: 0...Limits.lookBackSecondsMax, of: "seconds", at: "\(path).\(name)")
  }

  private func flag(_ name: String) throws(Refusal) -> Bool? {
    try FormField.flag(value[name], at: "\(path).\(name)")
  }
}

// Checks that the older form of the configuration shares.
extension ResourceReader {
  static func check(key: String, at path: String) throws(Refusal) {
    _ = try FormField.word(key, at: path)
    guard !["pollDate", "objectType"].contains(key) else {
      throw Refusal(at: path, "this name stands for something else in a notification")
    }
  }

  static func url(_ value: JSON?, at path: String) throws(Refusal) -> String {
    let url = try FormField.text(value, at: path, most: Limits.urlCharactersMax)
    guard let url else { throw Refusal(at: path, "is missing") }
    return url
  }

  /// Says what is wrong with a date pattern; nil where nothing is.
  static func fault(inDatePattern pattern: String) -> String? {
    guard pattern.utf8.count <= 100 else { return "has more than 100 bytes" }
    guard JavaDatePattern(pattern) != nil else {
      return "is no date pattern such as yyyy-MM-dd'T'HH:mm:ss.SSS'Z', or the word milliseconds"
    }
    return nil
  }
}
