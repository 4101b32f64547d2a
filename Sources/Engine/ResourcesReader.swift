import Domain
import Events
import RawJSON

/// Finds the resources that a configuration asks for.
struct ResourcesReader {
  static let key = "event.poller.configuration"
  static let legacyKey = "event.poller.urls"
  private static let path = "configuration.\(key)"
  private static let legacyPath = "configuration.\(legacyKey)"

  /// Paths of what is kept and not known.
  private(set) var unknown: [String] = []

  /// `event.poller.configuration`, else `event.poller.urls`, else the element's own default.
  mutating func resources(in configuration: Members) throws(Refusal) -> [ResourceForm] {
    switch configuration[ResourcesReader.key] {
    case nil, .null?, .string("")?: break
    case .string(let text)?: return try resources(text)
    case let table?: return try resources(table)
    }
    switch configuration[ResourcesReader.legacyKey] {
    case nil, .null?, .string("")?: return ResourcesReader.byDefault
    case .string(let text)?: return try lines(text)
    default: throw Refusal("\(ResourcesReader.legacyPath): has to be a string, a line a resource")
    }
  }

  private mutating func resources(_ text: String) throws(Refusal) -> [ResourceForm] {
    let table: JSON
    do {
      table = try JSON.parse(Array(text.utf8))
    } catch {
      throw Refusal("\(ResourcesReader.path): the string is not JSON: \(error)")
    }
    return try resources(table)
  }

  private mutating func resources(_ table: JSON) throws(Refusal) -> [ResourceForm] {
    guard let members = table.members, members.count <= Limits.resourcesMax else {
      throw Refusal(
        "\(ResourcesReader.path): has to be an object of at most \(Limits.resourcesMax) resources")
    }
    var resources: [ResourceForm] = []
    for member in members {
      var reader = ResourceReader(
        member.name, member.value, at: "\(ResourcesReader.path).\(member.name)")
      resources.append(try reader.form())
      unknown += reader.unknown
    }
    return resources
  }

  // MARK: The older form

  /// One line a resource; what stands at the end may be left out.
  ///
  ///     resource|url|xPathFilter|updField|updFmt|updTz|creField|creFmt|creTz
  private mutating func lines(_ text: String) throws(Refusal) -> [ResourceForm] {
    let lines = text.split(whereSeparator: \.isNewline).map { String($0).trimmingBlanks() }
      .filter { !$0.isEmpty }
    guard lines.count <= Limits.resourcesMax else {
      throw Refusal("\(ResourcesReader.legacyPath): has more than \(Limits.resourcesMax) lines")
    }
    var resources: [ResourceForm] = []
    for (place, line) in lines.enumerated() {
      let path = "\(ResourcesReader.legacyPath), line \(place + 1)"
      let resource = try self.resource(line, at: path)
      guard !resources.contains(where: { $0.key == resource.key }) else {
        throw Refusal("\(path): names a resource for the second time")
      }
      resources.append(resource)
    }
    return resources
  }

  private static let names = [
    "resource", "url", "xPathFilter", "updatedDateField", "updatedDateFormat",
    "updatedDateTimezone", "createdDateField", "createdDateFormat", "createdDateTimezone",
  ]

  /// Reads a line as the resource that it would be in the newer form.
  private mutating func resource(_ line: String, at path: String) throws(Refusal) -> ResourceForm {
    let values = line.split(separator: "|", omittingEmptySubsequences: false)
      .map { String($0).trimmingBlanks() }
    guard (2...ResourcesReader.names.count).contains(values.count) else {
      throw Refusal(
        "\(path): has \(values.count) fields between |; 2 to \(ResourcesReader.names.count) are"
          + " allowed: resource|url|…")
    }
    var dates = Members()
    for (name, value) in zip(ResourcesReader.names, values).dropFirst(3) {
      dates[name] = .string(value)
    }
    if values.count > 2, !values[2].isEmpty { unknown.append("\(path).xPathFilter") }
    var reader = ResourceReader(
      values[0], ["url": .string(values[1]), "datesConfiguration": .object(dates)], at: path)
    return try reader.form()
  }
}

extension ResourcesReader {
  /// The element’s own default. Source: SAP Open Connectors, “Google Suite: Events”.
  private static let byDefault: [ResourceForm] = [
    calendar("calendars/{calendarId}/changed-events"),
    calendar("calendars/primary/changed-events"),
    ResourceForm(
      key: "changed-groups", url: "/hubs/general/changed-groups", idField: "id",
      updatedField: "metadata.updateTime", rules: dates(created: "metadata.updateTime")),
    ResourceForm(
      key: "changed-messages", url: "/hubs/general/changed-messages", idField: "id",
      updatedField: nil),
  ]

  private static func calendar(_ key: String) -> ResourceForm {
    ResourceForm(
      key: key, url: "/hubs/general/\(key)", idField: nil, updatedField: "updated",
      rules: dates(created: "created"))
  }

  private static func dates(created: String) -> PollingRules {
    let format = "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'"
    return PollingRules(
      updatedFormat: format, updatedZone: "GMT", createdField: created, createdFormat: format,
      createdZone: "GMT")
  }
}
