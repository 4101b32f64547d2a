/// A setting that the element knows: how the platform describes it.
///
/// Source: the platform’s element builder, “Configuration”; the names and keys of its connectors.
struct ConfigurationKey {
  /// Its row’s id, the same in every instance.
  let id: Int64
  let key: String
  let name: String
  /// `TEXTFIELD_32`, `_64`, `_128` or `_1000`, `TEXTAREA`, `PASSWORD`, `BOOLEAN`, `CODE_EDITOR`.
  let type: String
  /// The value where none is given; nil: there is none.
  var standard: String?
  var isRequired = false
  /// Set by Daybook itself, and nothing that a person fills in.
  var isInternal = false
  /// Shown as null where it has no value.
  var isAlwaysShown = false

  static let subscription = "event.notification.subscription.id"
  static let accessToken = "oauth.user.token"

  static let all = [
    ConfigurationKey(
      id: 1, key: "event.notification.enabled", name: "Events Enabled", type: "BOOLEAN",
      standard: "false", isAlwaysShown: true),
    ConfigurationKey(
      id: 2, key: "event.vendor.type", name: "Vendor Event Type", type: "TEXTFIELD_32",
      standard: "polling"),
    ConfigurationKey(
      id: 3, key: "event.notification.type", name: "Event Notification Type", type: "TEXTFIELD_32",
      standard: "webhook"),
    ConfigurationKey(
      id: 4, key: "event.notification.callback.url", name: "Event Notification Callback URL",
      type: "TEXTFIELD_1000", isAlwaysShown: true),
    ConfigurationKey(
      id: 5, key: "event.notification.callback.headers", name: "Event Notification Headers",
      type: "PASSWORD"),
    ConfigurationKey(
      id: 6, key: "event.notification.basic.username", name: "Event Notification User Name",
      type: "PASSWORD"),
    ConfigurationKey(
      id: 7, key: "event.notification.basic.password", name: "Event Notification Password",
      type: "PASSWORD"),
    ConfigurationKey(
      id: 8, key: "event.notification.signature.key", name: "Event Notification Signature Key",
      type: "PASSWORD", isAlwaysShown: true),
    ConfigurationKey(
      id: 9, key: subscription, name: "Event Notification Subscription ID", type: "TEXTFIELD_32",
      isInternal: true, isAlwaysShown: true),
    ConfigurationKey(
      id: 10, key: "event.poller.refresh_interval", name: "Event poller refresh interval (mins)",
      type: "TEXTFIELD_32", standard: "15", isAlwaysShown: true),
    ConfigurationKey(
      id: 11, key: "event.poller.configuration", name: "Configure Polling", type: "CODE_EDITOR",
      isAlwaysShown: true),
    ConfigurationKey(
      id: 12, key: "event.poller.urls", name: "Event Poller URLs", type: "TEXTAREA"),
    ConfigurationKey(
      id: 13, key: "event.objects", name: "Objects to Monitor for Changes", type: "TEXTAREA"),
    ConfigurationKey(
      id: 14, key: "event.metadata", name: "Event Metadata", type: "CODE_EDITOR", isInternal: true),
    ConfigurationKey(
      id: 15, key: "filter.response.nulls", name: "Filter Null Values", type: "BOOLEAN"),
    ConfigurationKey(
      id: 16, key: "oauth.api.key", name: "API Key", type: "PASSWORD", isRequired: true,
      isAlwaysShown: true),
    ConfigurationKey(
      id: 17, key: "oauth.api.secret", name: "API Secret", type: "PASSWORD", isRequired: true,
      isAlwaysShown: true),
    ConfigurationKey(
      id: 18, key: "oauth.callback.url", name: "OAuth Callback URL", type: "TEXTFIELD_1000",
      isRequired: true, isAlwaysShown: true),
    ConfigurationKey(
      id: 19, key: "oauth.scope", name: "OAuth Scope", type: "TEXTFIELD_1000"),
    ConfigurationKey(
      id: 20, key: accessToken, name: "OAuth Access Token", type: "PASSWORD", isInternal: true,
      isAlwaysShown: true),
    ConfigurationKey(
      id: 21, key: "oauth.user.refresh_token", name: "OAuth Refresh Token", type: "PASSWORD",
      isInternal: true, isAlwaysShown: true),
    ConfigurationKey(
      id: 22, key: "oauth.user.refresh_interval", name: "OAuth Refresh Interval",
      type: "TEXTFIELD_32", isInternal: true),
  ]

  /// The key as known, or one that somebody gave an instance and that is kept all the same.
  init(named key: String, isSecret: Bool) {
    if let known = ConfigurationKey.all.first(where: { $0.key == key }) {
      self = known
    } else {
      self.init(
        id: ConfigurationKey.id(ofUnknown: key), key: key, name: key,
        type: isSecret ? "PASSWORD" : "TEXTFIELD_1000")
    }
  }

  private init(
    id: Int64, key: String, name: String, type: String, standard: String? = nil,
    isRequired: Bool = false, isInternal: Bool = false, isAlwaysShown: Bool = false
  ) {
    self.id = id
    self.key = key
    self.name = name
    self.type = type
    self.standard = standard
    self.isRequired = isRequired
    self.isInternal = isInternal
    self.isAlwaysShown = isAlwaysShown
  }

  /// An id that follows from the key alone: FNV-1a of 32 bits, above those of known keys.
  private static func id(ofUnknown key: String) -> Int64 {
    let hash = key.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
    return 1_000 + Int64(hash)
  }
}
