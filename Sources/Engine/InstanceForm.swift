package import Domain
package import Events
package import RawJSON

/// The body of `POST /instances`, read and checked before anything is asked or written.
///
///     { "element": {"key": "googlesuite"}, "providerData": {"code": "4/0A…"},
///       "configuration": { "oauth.api.key": "…", …, "event.poller.configuration": {…} },
///       "tags": ["Docs"], "name": "API Instance with Polling" }
///
/// Source: SAP Open Connectors, “Google Suite: Events”.
package struct InstanceForm: Sendable {
  package var settings: InstanceSettings
  /// Values of the settings that are sealed, by their names.
  package var secrets: [String: String]
  /// The authorization code; nil where a refresh token is brought along.
  package var code: String?
  package var resources: [ResourceForm]
  /// Keys that Daybook keeps and does not know.
  package var unknown: [String]

  /// One entry of `event.poller.configuration`.
  package struct ResourceForm: Sendable, Equatable {
    package var key: String
    package var url: String
    package var idField: String?
    package var updatedField: String?
  }

  /// Reads and checks the whole of it.
  ///
  /// - Throws: `Refusal` that names the path, what is wrong there and what would be right.
  package init(_ bytes: [UInt8], rules: AddressRules) throws(Refusal) {
    guard bytes.count <= Limits.instanceBytesMax else {
      throw Refusal("the body has \(bytes.count) bytes; at most \(Limits.instanceBytesMax)")
    }
    let body: JSON
    do {
      body = try JSON.parse(bytes)
    } catch {
      throw Refusal("the body is not JSON: \(error)")
    }
    var reader = FormReader(body: body, rules: rules)
    self = try reader.form()
  }

  fileprivate init(
    settings: InstanceSettings, secrets: [String: String], code: String?,
    resources: [ResourceForm], unknown: [String]
  ) {
    self.settings = settings
    self.secrets = secrets
    self.code = code
    self.resources = resources
    self.unknown = unknown
  }
}

/// Reads the form from the top down; the first fault ends it.
private struct FormReader {
  let body: JSON
  let rules: AddressRules
  var secrets: [String: String] = [:]
  var unknown: [String] = []

  init(body: JSON, rules: AddressRules) {
    self.body = body
    self.rules = rules
  }

  mutating func form() throws(Refusal) -> InstanceForm {
    guard body.members != nil else { throw Refusal("the body has to be a JSON object") }
    let element = try element()
    guard let configuration = body["configuration"]?.members else {
      throw Refusal("configuration: an object with the instance's settings is missing")
    }
    let external = try external()
    let code = try code(isNeeded: external == "none")
    let name = try name()
    let resources = try resources(configuration["event.poller.configuration"])
    let kept = try sort(configuration)
    try require(isInitial: external == "initial")
    let settings = InstanceSettings(
      name: name, element: element, tags: try tags(or: name),
      callback: try callback(configuration["event.notification.callback.url"]),
      isWatching: try flag("event.notification.enabled", configuration),
      intervalMinutes: try interval(configuration["event.poller.refresh_interval"]),
      configuration: kept, secrets: secrets.keys.sorted(), externalAuthentication: external)
    for member in body.members ?? Members() where !Self.topKeys.contains(member.name) {
      unknown.append(member.name)
    }
    return InstanceForm(
      settings: settings, secrets: secrets, code: code, resources: resources, unknown: unknown)
  }

  private static let topKeys: Set<String> = [
    "element", "providerData", "configuration", "tags", "name", "externalAuthentication",
    "retrieveObjectsAfterInstantiation",
  ]

  private func element() throws(Refusal) -> String {
    guard let key = body["element"]?["key"]?.text else {
      throw Refusal(#"element.key: is missing; use {"element":{"key":"googlesuite"}}"#)
    }
    guard key == "googlesuite" else {
      throw Refusal("element.key: there is no element \(quoted(key)); use \"googlesuite\"")
    }
    return key
  }

  private func external() throws(Refusal) -> String {
    guard let value = body["externalAuthentication"] else { return "none" }
    guard let text = value.text, ["none", "initial"].contains(text) else {
      throw Refusal("externalAuthentication: has to be \"none\" or \"initial\"")
    }
    return text
  }

  private func code(isNeeded: Bool) throws(Refusal) -> String? {
    guard isNeeded else { return nil }
    guard let code = body["providerData"]?["code"]?.text, !code.isEmpty else {
      throw Refusal(
        "providerData.code: you must provide an OAuth code in order to create an instance")
    }
    guard code.utf8.count <= 4_096 else { throw Refusal("providerData.code: is too long") }
    return code
  }

  private func name() throws(Refusal) -> String {
    guard let value = body["name"] else { return "Google Suite" }
    guard let name = value.text else { throw Refusal("name: has to be a string") }
    return try word(name, at: "name")
  }

  private func tags(or name: String) throws(Refusal) -> [String] {
    guard let value = body["tags"], value != .null else { return [name] }
    guard let list = value.elements, list.count <= Limits.tagsMax else {
      throw Refusal("tags: has to be an array of at most \(Limits.tagsMax) strings")
    }
    var tags: [String] = []
    for (place, tag) in list.enumerated() {
      guard let text = tag.text else { throw Refusal("tags[\(place)]: has to be a string") }
      tags.append(try word(text, at: "tags[\(place)]"))
    }
    return tags.isEmpty ? [name] : tags
  }

  /// A name as given; control characters are refused.
  private func word(_ text: String, at path: String) throws(Refusal) -> String {
    guard !text.isEmpty, text.count <= Limits.nameCharactersMax else {
      throw Refusal(
        "\(path): has \(text.count) characters; 1 to \(Limits.nameCharactersMax) are allowed")
    }
    let isControlled = text.unicodeScalars.contains {
      $0.value < 0x20 || (0x7F...0x9F).contains($0.value) || $0.properties.isBidiControl
    }
    if isControlled { throw Refusal("\(path): control characters are not allowed") }
    return text
  }

  private func callback(_ value: JSON?) throws(Refusal) -> String? {
    guard let value, value != .null else { return nil }
    let path = "configuration.event.notification.callback.url"
    guard let url = value.text else { throw Refusal("\(path): has to be a string") }
    if url.isEmpty { return nil }
    if let refusal = rules.refusal(ofCallbackURL: url) { throw Refusal("\(path): \(refusal)") }
    return url
  }

  private func flag(_ name: String, _ configuration: Members) throws(Refusal) -> Bool {
    switch configuration[name] {
    case nil, .null?: return false
    case .bool(let flag)?: return flag
    case .string("true")?: return true
    case .string("false")?: return false
    default: throw Refusal("configuration.\(name): has to be true or false")
    }
  }

  private func interval(_ value: JSON?) throws(Refusal) -> Int {
    guard let value, value != .null else { return Limits.intervalMinutesDefault }
    let digits: String
    switch value {
    case .number(let text): digits = text
    case .string(let text): digits = text.trimmingBlanks()
    default: digits = ""
    }
    guard let minutes = Int(digits), minutes >= 1, minutes <= Limits.intervalMinutesMax else {
      let shown = String(decoding: value.bytes(), as: UTF8.self).prefix(60)
      throw Refusal(
        "configuration.event.poller.refresh_interval: \(shown) is not a whole number of"
          + " minutes, 1 to \(Limits.intervalMinutesMax)")
    }
    return minutes
  }

  /// Settings that are in fields of their own.
  private static let fieldKeys: Set<String> = [
    "event.notification.enabled", "event.notification.callback.url",
    "event.poller.refresh_interval",
  ]
  private static let knownKeys: Set<String> = [
    "event.poller.configuration", "event.vendor.type", "event.notification.type",
    "event.notification.signature.key", "event.notification.basic.username",
    "event.notification.basic.password", "event.notification.callback.headers",
    "oauth.api.key", "oauth.api.secret", "oauth.callback.url", "oauth.scope",
    "oauth.user.refresh_token", "filter.response.nulls", "event.metadata", "event.objects",
    "event.poller.urls", "oauth.user.refresh_interval",
  ]

  /// Puts each setting where it belongs: the log, or under seal.
  private mutating func sort(_ configuration: Members) throws(Refusal) -> [String: Setting] {
    var kept: [String: Setting] = [:]
    for member in configuration {
      let name = member.name
      if FormReader.fieldKeys.contains(name) { continue }
      let path = "configuration.\(name)"
      guard name.count <= Limits.nameCharactersMax else {
        throw Refusal("configuration: a name of \(name.count) characters is too long")
      }
      if !FormReader.knownKeys.contains(name) { unknown.append(path) }
      if SecretNames.contain(name) {
        if member.value == .null { continue }
        guard let text = member.value.text else { throw Refusal("\(path): has to be a string") }
        if !text.isEmpty { secrets[name] = text }
      } else {
        kept[name] = Setting(member.value)
      }
    }
    return kept
  }

  private func require(isInitial: Bool) throws(Refusal) {
    var missing = ["oauth.api.key", "oauth.api.secret"].filter { secrets[$0] == nil }
    if !isInitial, body["configuration"]?["oauth.callback.url"]?.text == nil {
      missing.append("oauth.callback.url")
    }
    if isInitial, secrets["oauth.user.refresh_token"] == nil {
      missing.append("oauth.user.refresh_token")
    }
    guard missing.isEmpty else {
      throw Refusal("configuration: \(missing.joined(separator: ", ")) missing")
    }
  }

  // MARK: Resources

  private func resources(_ value: JSON?) throws(Refusal) -> [InstanceForm.ResourceForm] {
    let path = "configuration.event.poller.configuration"
    let table: JSON
    switch value {
    case nil, .null?: return FormReader.defaultResources
    case .string(let text)?:
      do {
        table = try JSON.parse(Array(text.utf8))
      } catch {
        throw Refusal("\(path): the string is not JSON: \(error)")
      }
    case let other?: table = other
    }
    guard let members = table.members, members.count <= Limits.resourcesMax else {
      throw Refusal("\(path): has to be an object of at most \(Limits.resourcesMax) resources")
    }
    var resources: [InstanceForm.ResourceForm] = []
    for member in members {
      resources.append(try resource(member.name, member.value, at: "\(path).\(member.name)"))
    }
    return resources
  }

  private func resource(
    _ key: String, _ value: JSON, at path: String
  ) throws(Refusal) -> InstanceForm.ResourceForm {
    _ = try word(key, at: path)
    guard !["pollDate", "objectType"].contains(key) else {
      throw Refusal("\(path): this name stands for something else in a notification")
    }
    guard let url = value["url"]?.text, !url.isEmpty else {
      throw Refusal("\(path).url: is missing")
    }
    guard url.count <= Limits.urlCharactersMax else { throw Refusal("\(path).url: is too long") }
    let idField = try field(value["idField"], at: "\(path).idField")
    let updated = try field(
      value["datesConfiguration"]?["updatedDateField"],
      at: "\(path).datesConfiguration.updatedDateField")
    return InstanceForm.ResourceForm(
      key: key, url: url, idField: idField, updatedField: updated)
  }

  private func field(_ value: JSON?, at path: String) throws(Refusal) -> String? {
    guard let value, value != .null else { return nil }
    guard let text = value.text, text.count <= Limits.nameCharactersMax else {
      throw Refusal("\(path): has to be a string")
    }
    return text.isEmpty ? nil : text
  }

  /// The element’s own default. Source: SAP Open Connectors, “Google Suite: Events”.
  private static let defaultResources: [InstanceForm.ResourceForm] = [
    .init(
      key: "calendars/{calendarId}/changed-events",
      url: "/hubs/general/calendars/{calendarId}/changed-events", idField: nil,
      updatedField: "updated"),
    .init(
      key: "calendars/primary/changed-events",
      url: "/hubs/general/calendars/primary/changed-events", idField: nil,
      updatedField: "updated"),
    .init(
      key: "changed-groups", url: "/hubs/general/changed-groups", idField: "id",
      updatedField: "metadata.updateTime"),
    .init(
      key: "changed-messages", url: "/hubs/general/changed-messages", idField: "id",
      updatedField: nil),
  ]
}

extension Setting {
  /// The same value as the log keeps it.
  package init(_ json: JSON) {
    switch json {
    case .null: self = .nothing
    case .bool(let flag): self = .flag(flag)
    case .number(let digits):
      self = Int64(digits).map(Setting.whole) ?? .decimal(Double(digits) ?? 0)
    case .string(let text): self = .text(text)
    case .array(let elements): self = .list(elements.map { Setting($0) })
    case .object(let members):
      var table: [String: Setting] = [:]
      for member in members { table[member.name] = Setting(member.value) }
      self = .table(table)
    }
  }

  /// The same value as JSON, keys in order.
  package var json: JSON {
    switch self {
    case .nothing: .null
    case .flag(let flag): .bool(flag)
    case .whole(let number): .number(number)
    case .decimal(let number): .number("\(number)")
    case .text(let text): .string(text)
    case .list(let list): .array(list.map(\.json))
    case .table(let table):
      .object(Members(table.sorted { $0.key < $1.key }.map { ($0.key, $0.value.json) }))
    }
  }
}
