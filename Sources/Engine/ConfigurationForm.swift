import Domain
import Events
import RawJSON
import Webhook

/// The flat `configuration` of an instance, each setting where it belongs.
struct ConfigurationForm {
  var callback: String?
  var isWatching: Bool
  var intervalMinutes: Int
  /// Settings that the log keeps, each under its own key.
  var kept: [String: Setting] = [:]
  /// Values that are sealed, by their names.
  var secrets: [String: String] = [:]
  /// Paths of what is kept and not known.
  var unknown: [String] = []

  static let enabledKey = "event.notification.enabled"
  static let callbackKey = "event.notification.callback.url"
  static let intervalKey = "event.poller.refresh_interval"
  static let signatureKey = "event.notification.signature.key"
  /// Shown with an instance, and of no effect where it is given back.
  static let subscriptionKey = "event.notification.subscription.id"
  static let headersKey = "event.notification.callback.headers"

  /// - Throws: `Refusal` that names the path of the first fault.
  init(_ configuration: Members, rules: AddressRules) throws(Refusal) {
    callback = try ConfigurationForm.callback(configuration[Self.callbackKey], rules)
    let enabled = try FormField.flag(
      configuration[Self.enabledKey], at: "configuration.\(Self.enabledKey)")
    isWatching = enabled ?? false
    let minutes = try FormField.whole(
      configuration[Self.intervalKey], in: 1...Int64(Limits.intervalMinutesMax), of: "minutes",
      at: "configuration.\(Self.intervalKey)")
    intervalMinutes = minutes.map { Int($0) } ?? Limits.intervalMinutesDefault
    for member in configuration { try sort(member) }
  }

  private static func callback(
    _ value: JSON?, _ rules: AddressRules
  ) throws(Refusal) -> String? {
    guard let value, value != .null else { return nil }
    let path = "configuration.\(callbackKey)"
    guard let url = value.text else { throw Refusal(at: path, "has to be a string") }
    if url.isEmpty { return nil }
    if let refusal = rules.refusal(ofCallbackURL: url) { throw Refusal(at: path, refusal) }
    return url
  }

  /// Settings that are in fields of their own.
  static let fieldKeys: Set<String> = [enabledKey, callbackKey, intervalKey]
  private static let platformKeys: Set<String> = [
    ResourcesReader.key, ResourcesReader.legacyKey, "event.vendor.type", "event.notification.type",
    signatureKey, "event.notification.basic.username",
    "event.notification.basic.password", headersKey,
    "oauth.api.key", "oauth.api.secret", "oauth.callback.url", "oauth.scope",
    "oauth.user.refresh_token", "filter.response.nulls", "event.metadata", "event.objects",
    "oauth.user.refresh_interval", subscriptionKey,
  ]
  private static let knownKeys = platformKeys.union(DeliverySettings.Key.allCases.map(\.rawValue))

  /// Those of these settings that nobody knows.
  static func unknown(among names: [String]) -> [String] {
    names.filter { !knownKeys.contains($0) }.map { "configuration.\($0)" }
  }

  /// Puts one setting where it belongs: the log, or under seal.
  private mutating func sort(_ member: Members.Member) throws(Refusal) {
    let name = member.name
    if ConfigurationForm.fieldKeys.contains(name) || name == ConfigurationForm.subscriptionKey {
      return
    }
    let path = "configuration.\(name)"
    guard name.count <= Limits.nameCharactersMax else {
      throw Refusal(at: "configuration", "a name of \(name.count) characters is too long")
    }
    if let key = DeliverySettings.Key(rawValue: name) {
      try ConfigurationForm.check(member.value, as: key, at: path)
    }
    if !ConfigurationForm.knownKeys.contains(name) {
      unknown.append(path)
      if try hide(member) { return }
    }
    guard SecretNames.contain(name) else {
      if name == ResourcesReader.key {
        // The names in here are resources: a calendar may be called `private`. It may be given as
        // text, which the resources' own reader takes apart.
        let given = member.value.text.flatMap { try? JSON.parse(Array($0.utf8)) } ?? member.value
        for entry in given.members ?? Members() {
          try ConfigurationForm.checkNested(entry.value, at: "\(path).\(entry.name)")
        }
      } else {
        try ConfigurationForm.checkNested(member.value, at: path)
      }
      kept[name] = Setting(HiddenValues.masked(member.value, in: name))
      return
    }
    if member.value == .null { return }
    guard let text = member.value.text else { throw Refusal(at: path, "has to be a string") }
    if let fault = ConfigurationForm.fault(in: text, named: name) {
      throw Refusal(at: path, fault)
    }
    if !text.isEmpty { secrets[name] = text }
  }

  /// Refuses what is no value of a setting of deliveries; nothing at all leaves the default.
  private static func check(
    _ value: JSON, as key: DeliverySettings.Key, at path: String
  ) throws(Refusal) {
    if value == .null || value.text?.isEmpty == true { return }
    var settings = DeliverySettings()
    guard let word = Setting(value).word else {
      throw Refusal(at: path, "has to be a string or a whole number")
    }
    if let fault = settings.take(key, word) { throw Refusal(at: path, "\(quoted(word)) \(fault)") }
  }

  /// Seals what nobody knows and what may be a secret.
  ///
  /// - Returns: Whether it is sealed, or nothing.
  private mutating func hide(_ member: Members.Member) throws(Refusal) -> Bool {
    let name = member.name
    // What is known by another part of the platform has to be a text, as it was always.
    guard !SecretNames.known.contains(name) else { return false }
    if member.value == .null || member.value.text?.isEmpty == true { return false }
    guard let text = HiddenValues.sealed(member.value, named: name) else { return false }
    secrets[name] = text
    return true
  }

  /// True where nobody knows a setting of that name.
  static func isUnknown(_ name: String) -> Bool {
    !knownKeys.contains(name) && !fieldKeys.contains(name) && !SecretNames.known.contains(name)
  }

  /// Why a secret cannot be used, without any of it; nil where it can.
  private static func fault(in text: String, named name: String) -> String? {
    switch name {
    case signatureKey: return Signature.fault(in: text)
    case headersKey:
      do throws(HeaderFault) {
        _ = try Headers.extra(text)
        return nil
      } catch {
        return error.description
      }
    default: return nil
    }
  }

  /// Refuses a secret inside a setting that the log keeps: only whole settings are sealed.
  private static func checkNested(_ value: JSON, at path: String) throws(Refusal) {
    for (place, element) in (value.elements ?? []).enumerated() {
      try checkNested(element, at: "\(path)[\(place)]")
    }
    for member in value.members ?? Members() {
      let inner = "\(path).\(member.name)"
      if SecretNames.contain(member.name), holdsText(member.value) {
        throw Refusal(
          at: inner,
          "is named like a secret, and inside another setting it would be kept readable;"
            + " give it a setting of its own")
      }
      try checkNested(member.value, at: inner)
    }
  }

  /// True where any text is inside: it could be a secret.
  private static func holdsText(_ value: JSON) -> Bool {
    if let text = value.text { return !text.isEmpty }
    if let elements = value.elements { return elements.contains { holdsText($0) } }
    if let members = value.members { return members.contains { holdsText($0.value) } }
    if case .number = value { return true }
    return false
  }

  /// Refuses what cannot work for want of a setting.
  ///
  /// - Parameter names: Of all secrets, sealed earlier or given now.
  static func require(
    _ names: Set<String>, _ kept: [String: Setting], isInitial: Bool
  ) throws(Refusal) {
    var missing = ["oauth.api.key", "oauth.api.secret"].filter { !names.contains($0) }
    if isInitial {
      if !names.contains("oauth.user.refresh_token") { missing.append("oauth.user.refresh_token") }
    } else if case .text? = kept["oauth.callback.url"] {
    } else {
      missing.append("oauth.callback.url")
    }
    guard missing.isEmpty else {
      throw Refusal(at: "configuration", "\(missing.joined(separator: ", ")) missing")
    }
  }
}
