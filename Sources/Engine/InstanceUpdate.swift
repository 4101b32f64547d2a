package import Domain
package import Events
import RawJSON

/// The body of `PATCH /instances/{id}`, laid over what an instance is.
///
///     {"name": "Team", "tags": ["Docs"], "configuration": {"event.poller.refresh_interval": "5"}}
///
/// What is not named stays. In `configuration` a `null` takes a setting away, so that its default
/// holds; secrets stay sealed unless a new value is given, and what `instance show` masks may be
/// given back as it is. `tags` replaces all tags. Source: developer portal of the platform,
/// “Instances”.
package struct InstanceUpdate: Sendable {
  package var settings: InstanceSettings
  /// New values of settings that are sealed, by their names.
  package var secrets: [String: String]
  /// Names of what nobody knows and that is sealed no longer.
  package var dropped: [String]
  /// A new authorization code; nil where the grant stays.
  package var code: String?
  package var resources: [ResourceForm]
  /// Those of them that were not configured so before: what was kept although it cannot be polled
  /// is no reason to refuse another change.
  package var newResources: [ResourceForm]
  /// Keys that Daybook keeps and does not know.
  package var unknown: [String]
  /// True where these are others than before.
  package var isUnknownChanged: Bool

  /// - Parameter old: What the instance is.
  /// - Throws: `Refusal` that names the path of the first fault; nothing is changed then.
  package init(
    _ bytes: [UInt8], of old: InstanceSettings, rules: AddressRules, connector: any Connector
  ) throws(Refusal) {
    let body = try InstanceForm.parse(bytes)
    try InstanceUpdate.check(body, against: old)
    code =
      try body["providerData"].map { data throws(Refusal) in
        try FormField.code(data["code"])
      } ?? nil
    let before = InstanceUpdate.members(of: old)
    let members = try InstanceUpdate.merged(
      body["configuration"], into: before, sealed: Set(old.secrets))
    var reader = ResourcesReader(connector)
    resources = try reader.resources(in: members)
    let configuration = try ConfigurationForm(members, rules: rules)
    try ConfigurationForm.require(
      Set(configuration.secrets.keys).union(old.secrets), configuration.kept,
      isInitial: old.externalAuthentication == "initial")
    secrets = configuration.secrets
    settings = old
    if let given = body["name"] { settings.name = try FormField.name(given) }
    if let given = body["tags"] { settings.tags = try FormField.tags(given) }
    if settings.tags.isEmpty { settings.tags = [settings.name] }
    settings.callback = configuration.callback
    settings.isWatching = configuration.isWatching
    settings.intervalMinutes = configuration.intervalMinutes
    settings.configuration = configuration.kept
    let gone = InstanceUpdate.takenAway(by: body["configuration"], of: old)
      .union(configuration.kept.keys).intersection(old.secrets).subtracting(secrets.keys)
    dropped = gone.sorted()
    settings.secrets = Set(old.secrets).union(secrets.keys).subtracting(gone).sorted()
    var readerBefore = ResourcesReader(connector)
    // What would be refused today was kept all the same, and is no reason to refuse this.
    let resourcesBefore = (try? readerBefore.resources(in: before)) ?? []
    newResources = resources.filter { new in
      !resourcesBefore.contains { $0.key == new.key && $0.url == new.url }
    }
    let unknownBefore =
      ((try? ConfigurationForm(before, rules: rules))?.unknown ?? []) + readerBefore.unknown
    // What is sealed is not among the members.
    unknown =
      configuration.unknown + reader.unknown
      + ConfigurationForm.unknown(among: settings.secrets)
      + (body.members ?? Members()).names.filter { !InstanceUpdate.keys.contains($0) }
    isUnknownChanged =
      Set(unknown)
      != Set(unknownBefore + ConfigurationForm.unknown(among: old.secrets))
  }

  /// The names of what is another than before, secrets by name only.
  func changed(from old: InstanceSettings?) -> [String] {
    guard let old else { return [] }
    var names = (Array(secrets.keys) + dropped).map { "configuration.\($0)" }
    if old.name != settings.name { names.append("name") }
    if old.tags != settings.tags { names.append("tags") }
    let fields = [
      (old.callback != settings.callback, ConfigurationForm.callbackKey),
      (old.isWatching != settings.isWatching, ConfigurationForm.enabledKey),
      (old.intervalMinutes != settings.intervalMinutes, ConfigurationForm.intervalKey),
    ]
    names += fields.filter(\.0).map { "configuration.\($0.1)" }
    let keys = Set(old.configuration.keys).union(settings.configuration.keys)
    names += keys.filter { old.configuration[$0] != settings.configuration[$0] }
      .map { "configuration.\($0)" }
    return Set(names).sorted()
  }

  /// Settings that nobody knows and that a `null` takes away; secrets that are known stay.
  private static func takenAway(by change: JSON?, of old: InstanceSettings) -> Set<String> {
    Set((change?.members ?? Members()).filter { $0.value == .null }.map(\.name))
      .filter { ConfigurationForm.isUnknown($0) }
  }

  /// Keys that may stand in a body: of what can be changed, and of what an instance shows of
  /// itself.
  private static let keys = InstanceForm.topKeys.union([
    "id", "createdDate", "token", "elementId", "provisionInteractions", "valid", "disabled",
    "maxCacheSize", "cacheTimeToLive", "eventsEnabled", "eventsNotificationCallbackUrl",
    "subscriptionId", "traceLoggingEnabled", "cachingEnabled", "user",
  ])

  private static func check(_ body: JSON, against old: InstanceSettings) throws(Refusal) {
    if let key = try InstanceForm.elementKey(body), key != old.element {
      throw Refusal(at: "element.key", "is \(old.element), and stays it; create another instance")
    }
    if let kind = body["externalAuthentication"]?.text, kind != old.externalAuthentication {
      throw Refusal(
        at: "externalAuthentication",
        "is \(old.externalAuthentication), and stays it; create another"
          + " instance")
    }
  }

  /// The configuration as it would be given today, without its secrets.
  static func members(of old: InstanceSettings) -> Members {
    var members = Members()
    members[ConfigurationForm.enabledKey] = .bool(old.isWatching)
    members[ConfigurationForm.intervalKey] = .number(Int64(old.intervalMinutes))
    if let callback = old.callback { members[ConfigurationForm.callbackKey] = .string(callback) }
    for (name, value) in old.configuration.sorted(by: { $0.key < $1.key }) {
      members[name] = value.json
    }
    return members
  }

  private static func merged(
    _ change: JSON?, into old: Members, sealed: Set<String>
  ) throws(Refusal) -> Members {
    guard let change, change != .null else { return old }
    guard let members = change.members else {
      throw Refusal(at: "configuration", "has to be an object")
    }
    var merged = old
    for member in members {
      let isMasked = member.value.text == HiddenValues.mask
      guard !isMasked || !(sealed.contains(member.name) || SecretNames.mayBe(member.name)) else {
        continue
      }
      // What was shown as text, and is given back, is what it was.
      if let text = member.value.text, let before = old[member.name], Setting(before).text == text {
        continue
      }
      merged[member.name] = member.value == .null ? nil : member.value
    }
    return merged
  }
}
