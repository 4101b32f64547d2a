import Domain
import Events
import RawJSON

/// Finds the resources that a configuration asks for.
struct ResourcesReader {
  static let key = "event.poller.configuration"
  static let legacyKey = "event.poller.urls"
  static let objectsKey = "event.objects"
  private static let path = "configuration.\(key)"
  private static let legacyPath = "configuration.\(legacyKey)"
  private static let objectsPath = "configuration.\(objectsKey)"

  private let connector: any Connector
  /// Paths of what is kept and not known.
  private(set) var unknown: [String] = []

  init(_ connector: any Connector) { self.connector = connector }

  /// `event.poller.configuration`, else `event.poller.urls`, else `event.objects`, else the
  /// element's own default.
  mutating func resources(in configuration: Members) throws(Refusal) -> [ResourceForm] {
    switch configuration[ResourcesReader.key] {
    case nil, .null?, .string("")?: break
    case .string(let text)?: return try resources(text)
    case let table?: return try resources(table)
    }
    if let text = try ResourcesReader.text(
      configuration[ResourcesReader.legacyKey], joinedBy: "\n", at: ResourcesReader.legacyPath)
    {
      return try lines(text)
    }
    if let text = try ResourcesReader.text(
      configuration[ResourcesReader.objectsKey], joinedBy: ",", at: ResourcesReader.objectsPath)
    {
      return try objects(text)
    }
    return connector.standardResources.map { key in
      let address = url(named: key)
      return ResourceForm(key: key, url: address, fields: connector.fields(atURL: address))
    }
  }

  /// A text, or a list of texts as one; nil where nothing is given.
  private static func text(
    _ value: JSON?, joinedBy separator: String, at path: String
  ) throws(Refusal) -> String? {
    let text: String
    switch value {
    case nil, .null?: return nil
    case .string(let one)?: text = one
    case let list?:
      let texts = (list.elements ?? []).compactMap(\.text)
      guard let elements = list.elements, texts.count == elements.count else {
        throw Refusal(at: path, "has to be a string that names the resources")
      }
      text = texts.joined(separator: separator)
    }
    return text.trimmingBlanks().isEmpty ? nil : text
  }

  private mutating func resources(_ text: String) throws(Refusal) -> [ResourceForm] {
    let table: JSON
    do {
      table = try JSON.parse(Array(text.utf8))
    } catch {
      throw Refusal(at: ResourcesReader.path, "the string is not JSON: \(error)")
    }
    return try resources(table)
  }

  private mutating func resources(_ table: JSON) throws(Refusal) -> [ResourceForm] {
    guard let members = table.members, members.count <= Limits.resourcesMax else {
      throw Refusal(
        at: ResourcesReader.path, "has to be an object of at most \(Limits.resourcesMax) resources")
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

  // MARK: The older forms

  /// Lines of names, or of a resource and how it is polled; what stands at the end may be left out.
  ///
  ///     resource|url|xPathFilter|updField|updFmt|updTz|creField|creFmt|creTz
  ///     changed-groups|changed-messages
  ///     calendars/primary/changed-events
  ///
  /// Source: the developer portal's page on polling for the first form; its pages on HubSpot,
  /// Marketo, QuickBooks, SharePoint and the platform's own tests for names.
  private mutating func lines(_ text: String) throws(Refusal) -> [ResourceForm] {
    // A line's end that was escaped once more on its way is two characters.
    let lines = text.replacing("\\n", with: "\n").split(whereSeparator: \.isNewline)
      .map { String($0).trimmingBlanks() }.filter { !$0.isEmpty }
    var resources: [ResourceForm] = []
    for (place, line) in lines.enumerated() {
      let path = "\(ResourcesReader.legacyPath), line \(place + 1)"
      let values = line.split(separator: "|", omittingEmptySubsequences: false)
        .map { String($0).trimmingBlanks() }
      if ResourcesReader.areNames(values) {
        for name in values where !name.isEmpty {
          try ResourcesReader.add(try named(name, at: path), to: &resources, path)
        }
      } else {
        try ResourcesReader.add(try resource(values, at: path), to: &resources, path)
      }
    }
    return resources
  }

  /// Names with commas between them.
  private func objects(_ text: String) throws(Refusal) -> [ResourceForm] {
    let path = ResourcesReader.objectsPath
    var resources: [ResourceForm] = []
    for name in text.split(whereSeparator: { $0 == "," || $0 == "|" || $0.isNewline }) {
      let name = String(name).trimmingBlanks()
      if name.isEmpty { continue }
      try ResourcesReader.add(try named(name, at: path), to: &resources, path)
    }
    return resources
  }

  private static func add(
    _ resource: ResourceForm, to resources: inout [ResourceForm], _ path: String
  ) throws(Refusal) {
    guard !resources.contains(where: { $0.key == resource.key }) else {
      throw Refusal(at: path, "names a resource for the second time")
    }
    guard resources.count < Limits.resourcesMax else {
      throw Refusal(at: path, "there are more than \(Limits.resourcesMax) resources")
    }
    resources.append(resource)
  }

  /// True where the fields of a line name a resource each; else the second is the `url` of the
  /// first.
  private static func areNames(_ values: [String]) -> Bool {
    guard let last = values.lastIndex(where: { !$0.isEmpty }), last > 0 else { return true }
    if values[1].isEmpty { return false }
    return isURL(values[0]) || !isURL(values[1])
  }

  private static func isURL(_ text: String) -> Bool {
    text.hasPrefix("/") || text.hasPrefix("hubs/") || text.contains("?") || text.contains("://")
  }

  /// A resource of which the name alone is given, which may be its `url`: polled as the element
  /// does by itself, where it is one of its own.
  private func named(_ name: String, at path: String) throws(Refusal) -> ResourceForm {
    var words = name.prefix { $0 != "?" }.split(separator: "/")
    if words.first == "hubs", words.count > 2 { words.removeFirst(2) }
    let key = ResourcesReader.isURL(name) ? words.joined(separator: "/") : name
    try ResourceReader.check(key: key, at: path)
    let isURL = ResourcesReader.isURL(name)
    let address = try ResourceReader.url(.string(isURL ? name : url(named: name)), at: path)
    return ResourceForm(
      key: key, url: address, fields: connector.fields(atURL: address), path: path)
  }

  private func url(named name: String) -> String { "/hubs/\(connector.hub)/\(name)" }

  private static let names = [
    "resource", "url", "xPathFilter", "updatedDateField", "updatedDateFormat",
    "updatedDateTimezone", "createdDateField", "createdDateFormat", "createdDateTimezone",
  ]

  /// Reads a line as the resource that it would be in the newer form.
  private mutating func resource(
    _ values: [String], at path: String
  ) throws(Refusal) -> ResourceForm {
    guard values.count <= ResourcesReader.names.count else {
      throw Refusal(
        at: path,
        "has \(values.count) fields between |; \(ResourcesReader.names.count) at most are"
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
