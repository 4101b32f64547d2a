/// The configuration that an operator gave an instance. Secrets stand in it by name only.
public struct InstanceSettings: Codable, Sendable, Equatable {
  /// Display name, as given.
  public var name: String
  /// The key of the element, such as `googlesuite`.
  public var element: String
  /// Free words, as given.
  public var tags: [String]
  /// Where notifications go; absent: changes are recorded and nothing is sent.
  public var callback: String?
  /// `event.notification.enabled`: whether its resources are polled at all.
  public var isWatching: Bool
  /// Minutes between two polls of a feed.
  public var intervalMinutes: Int
  /// Everything else under its own key, dotted as given; no secret among it.
  public var configuration: [String: Setting]
  /// The names of the settings that are sealed apart from the log.
  public var secrets: [String]
  /// `none`, or `initial` where a refresh token was brought along.
  public var externalAuthentication: String

  /// All fields.
  public init(
    name: String, element: String, tags: [String], callback: String?, isWatching: Bool,
    intervalMinutes: Int, configuration: [String: Setting], secrets: [String],
    externalAuthentication: String = "none"
  ) {
    self.name = name
    self.element = element
    self.tags = tags
    self.callback = callback
    self.isWatching = isWatching
    self.intervalMinutes = intervalMinutes
    self.configuration = configuration
    self.secrets = secrets
    self.externalAuthentication = externalAuthentication
  }

  private enum CodingKeys: String, CodingKey {
    case name = "name"
    case element = "element"
    case tags = "tags"
    case callback = "callback"
    case isWatching = "watching"
    case intervalMinutes = "interval_minutes"
    case configuration = "configuration"
    case secrets = "secrets"
    case externalAuthentication = "external_authentication"
  }
}

/// A configured value: JSON, with whole numbers kept apart.
public indirect enum Setting: Codable, Sendable, Equatable {
  /// `null`.
  case nothing
  /// `true` or `false`.
  case flag(Bool)
  /// A whole number.
  case whole(Int64)
  /// Any other number.
  case decimal(Double)
  /// A string.
  case text(String)
  /// An array.
  case list([Setting])
  /// An object.
  case table([String: Setting])

  /// Read as plain JSON.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .nothing
    } else if let value = try? container.decode(Bool.self) {
      self = .flag(value)
    } else if let value = try? container.decode(Int64.self) {
      self = .whole(value)
    } else if let value = try? container.decode(Double.self) {
      self = .decimal(value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else if let value = try? container.decode([Setting].self) {
      self = .list(value)
    } else {
      self = .table(try container.decode([String: Setting].self))
    }
  }

  /// Written as plain JSON.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .nothing: try container.encodeNil()
    case .flag(let value): try container.encode(value)
    case .whole(let value): try container.encode(value)
    case .decimal(let value): try container.encode(value)
    case .text(let value): try container.encode(value)
    case .list(let value): try container.encode(value)
    case .table(let value): try container.encode(value)
    }
  }
}

/// The fate of an object between two polls.
public enum ChangeKind: String, Codable, Sendable, CaseIterable {
  /// It was not known before.
  case created = "CREATED"
  /// Its revision differs from the one known.
  case updated = "UPDATED"
  /// The provider says, or confirms, that it is gone.
  case deleted = "DELETED"
}
