// What happens to an instance and its authorization. Property by property as in CATALOGUE.md.

/// `instance.created`: An instance exists, its code was exchanged.
public struct InstanceCreated: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "instance.created"
  /// Its id.
  public var instance: InstanceID
  /// The operator's configuration, without secrets.
  public var settings: InstanceSettings
  /// Takes its fields in the order of the catalogue.
  public init(instance: InstanceID, settings: InstanceSettings) {
    self.instance = instance
    self.settings = settings
  }

  private enum CodingKeys: String, CodingKey {
    case instance = "instance"
    case settings = "settings"
  }
}

/// `instance.updated`: The operator changed its settings.
public struct InstanceUpdated: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "instance.updated"
  /// From the second on it may say why.
  public static let revision = 2
  /// Its id.
  public var instance: InstanceID
  /// The whole settings after the change.
  public var settings: InstanceSettings
  /// The names of what changed, secrets by name only.
  public var changed: [String]
  /// Why; nil where nobody said.
  public var reason: String?
  /// Takes its fields in the order of the catalogue.
  public init(
    instance: InstanceID, settings: InstanceSettings, changed: [String], reason: String? = nil
  ) {
    self.instance = instance
    self.settings = settings
    self.changed = changed
    self.reason = reason
  }

  private enum CodingKeys: String, CodingKey {
    case instance = "instance"
    case settings = "settings"
    case changed = "changed"
    case reason = "reason"
  }
}

/// `instance.enabled`: Its polls go on.
public struct InstanceEnabled: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "instance.enabled"
  /// From the second on the reason may be absent.
  public static let revision = 2
  /// Its id.
  public var instance: InstanceID
  /// Why; nil where nobody said.
  public var reason: String?
  /// Takes its fields in the order of the catalogue.
  public init(instance: InstanceID, reason: String?) {
    self.instance = instance
    self.reason = reason
  }

  private enum CodingKeys: String, CodingKey {
    case instance = "instance"
    case reason = "reason"
  }
}

/// `instance.disabled`: Its polls stop; deliveries go on.
public struct InstanceDisabled: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "instance.disabled"
  /// From the second on the reason may be absent.
  public static let revision = 2
  /// Its id.
  public var instance: InstanceID
  /// Why, such as `invalid_grant`; nil where nobody said.
  public var reason: String?
  /// Takes its fields in the order of the catalogue.
  public init(instance: InstanceID, reason: String?) {
    self.instance = instance
    self.reason = reason
  }

  private enum CodingKeys: String, CodingKey {
    case instance = "instance"
    case reason = "reason"
  }
}

/// `instance.deleted`: It is gone; what is pending is skipped.
public struct InstanceDeleted: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "instance.deleted"
  /// From the second on the reason may be absent.
  public static let revision = 2
  /// Its id.
  public var instance: InstanceID
  /// Why; nil where nobody said.
  public var reason: String?
  /// Takes its fields in the order of the catalogue.
  public init(instance: InstanceID, reason: String?) {
    self.instance = instance
    self.reason = reason
  }

  private enum CodingKeys: String, CodingKey {
    case instance = "instance"
    case reason = "reason"
  }
}

/// `authorization.granted`: The provider gave tokens; they are sealed apart from the log.
public struct AuthorizationGranted: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "authorization.granted"
  /// The instance's id.
  public var instance: InstanceID
  /// The scopes that the person agreed to.
  public var scopes: [String]
  /// When the access token ends, Unix milliseconds.
  public var expiresAtMs: Int64
  /// True where a refresh token came with it.
  public var isRefreshable: Bool
  /// Takes its fields in the order of the catalogue.
  public init(instance: InstanceID, scopes: [String], expiresAtMs: Int64, isRefreshable: Bool) {
    self.instance = instance
    self.scopes = scopes
    self.expiresAtMs = expiresAtMs
    self.isRefreshable = isRefreshable
  }

  private enum CodingKeys: String, CodingKey {
    case instance = "instance"
    case scopes = "scopes"
    case expiresAtMs = "expires_at_ms"
    case isRefreshable = "refreshable"
  }
}

/// `authorization.refreshed`: A new access token was had.
public struct AuthorizationRefreshed: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "authorization.refreshed"
  /// The instance's id.
  public var instance: InstanceID
  /// When it ends, Unix milliseconds.
  public var expiresAtMs: Int64
  /// True where a new refresh token came with it.
  public var isRotated: Bool
  /// The scopes that the provider named, where they are not enough for every resource.
  public var scopes: [String]?
  /// Takes its fields in the order of the catalogue.
  public init(instance: InstanceID, expiresAtMs: Int64, isRotated: Bool, scopes: [String]? = nil) {
    self.instance = instance
    self.expiresAtMs = expiresAtMs
    self.isRotated = isRotated
    self.scopes = scopes
  }

  private enum CodingKeys: String, CodingKey {
    case instance = "instance"
    case expiresAtMs = "expires_at_ms"
    case isRotated = "rotated"
    case scopes = "scopes"
  }
}

/// `authorization.refused`: The provider will give no more tokens.
public struct AuthorizationRefused: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "authorization.refused"
  /// The instance's id.
  public var instance: InstanceID
  /// The provider’s word, such as `invalid_grant`.
  public var reason: String
  /// Its sentence.
  public var text: String
  /// Its HTTP status.
  public var status: Int?
  /// Takes its fields in the order of the catalogue.
  public init(instance: InstanceID, reason: String, text: String, status: Int? = nil) {
    self.instance = instance
    self.reason = reason
    self.text = text
    self.status = status
  }

  private enum CodingKeys: String, CodingKey {
    case instance = "instance"
    case reason = "reason"
    case text = "text"
    case status = "status"
  }
}
