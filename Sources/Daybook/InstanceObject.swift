import Domain
import Engine
package import EventStore
package import Events
package import RawJSON

/// An instance in the platform’s form, its secrets as eight asterisks.
///
///     {"id":1,"name":"…","createdDate":"…","token":"…","element":{"key":"googlesuite",…},
///      "elementId":…,"tags":[…],"valid":true,"disabled":false,"configuration":{…},
///      "eventsEnabled":true,"eventsNotificationCallbackUrl":"…",…}
///
/// Source: SAP Open Connectors, `POST /instances`.
package enum InstanceObject {
  private static let masked = "********"

  /// - Parameter token: The element token; nil masks it.
  /// - Throws: `Refusal` where there is no such instance.
  package static func read(
    _ id: InstanceID, from reader: JournalReader, token: String? = nil
  ) async throws -> JSON {
    let rows = try await reader.read { snapshot throws(JournalError) in
      try snapshot.events(of: StreamName.instance(id))
    }
    let limit = await reader.asOf ?? .max
    var instance = Instance(id: id)
    for row in rows where row.position <= limit { instance.evolve(try row.event()) }
    guard let settings = instance.settings, let created = rows.first else {
      throw Refusal(.notFound(.instance), "there is no instance \(id)")
    }
    let names = try await reader.read { snapshot throws(JournalError) in
      try snapshot.secrets(of: StreamName.instance(id)).keys.sorted()
    }
    var members = Members()
    members["id"] = .number(id.number)
    members["name"] = .string(settings.name)
    members["createdDate"] = .string(created.recordedAt.isoSeconds)
    members["token"] = .string(token ?? masked)
    members["element"] = element(settings.element)
    members["elementId"] = 1
    members["tags"] = .array(settings.tags.map { .string($0) })
    members["provisionInteractions"] = []
    members["valid"] = .bool(!instance.isDeleted)
    members["disabled"] = .bool(!instance.isEnabled || instance.isDeleted)
    members["maxCacheSize"] = 0
    members["cacheTimeToLive"] = 0
    members["configuration"] = configuration(settings, names)
    members["eventsEnabled"] = .bool(settings.isWatching)
    if let callback = settings.callback {
      members["eventsNotificationCallbackUrl"] = .string(callback)
      members["subscriptionId"] = .number(id.number)
    }
    members["traceLoggingEnabled"] = false
    members["cachingEnabled"] = false
    members["externalAuthentication"] = .string(settings.externalAuthentication)
    members["user"] = [
      "id": 1, "emailAddress": "daybook@localhost", "firstName": "Daybook", "lastName": "Daybook",
    ]
    return .object(members)
  }

  private static func element(_ key: String) -> JSON {
    [
      "id": 1, "name": "Google Suite", "key": .string(key), "hub": "general", "active": true,
      "deleted": false, "authentication": ["type": "oauth2"], "protocolType": "http",
    ]
  }

  private static func configuration(_ settings: InstanceSettings, _ sealed: [String]) -> JSON {
    var members = Members()
    members["event.notification.enabled"] = .string(settings.isWatching ? "true" : "false")
    members["event.notification.callback.url"] = settings.callback.map { .string($0) } ?? .null
    members["event.poller.refresh_interval"] = .string("\(settings.intervalMinutes)")
    for (name, value) in settings.configuration { members[name] = shown(value) }
    for name in settings.secrets { members[name] = .string(masked) }
    if sealed.contains(SecretNames.accessToken) { members["oauth.user.token"] = .string(masked) }
    if sealed.contains(SecretNames.refreshToken) {
      members["oauth.user.refresh_token"] = .string(masked)
    }
    return .object(members.sorted)
  }

  /// Values come back as strings, numbers and booleans too; objects stay objects.
  private static func shown(_ value: Setting) -> JSON {
    switch value {
    case .flag(let flag): .string(flag ? "true" : "false")
    case .whole(let number): .string("\(number)")
    case .decimal(let number): .string("\(number)")
    default: value.json
    }
  }
}

extension OpenedJournal {
  /// The instance as `instance create` and `POST /instances` answer it.
  package func instanceObject(_ id: InstanceID, token: String? = nil) async throws -> JSON {
    try await InstanceObject.read(id, from: repository.reader, token: token)
  }
}
