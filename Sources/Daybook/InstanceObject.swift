import Domain
import Engine
package import EventStore
package import Events
package import RawJSON

/// An instance in the platform’s form, its secrets as eight asterisks.
///
///     {"id":1,"name":"…","createdDate":"2026-11-23T09:05:00Z","token":"…",
///      "element":{"id":1,"key":"googlesuite",…},"elementId":1,"tags":[…],
///      "provisionInteractions":[],"valid":true,"disabled":false,
///      "maxCacheSize":0,"cacheTimeToLive":0,
///      "configuration":{"event.notification.enabled":"true","oauth.api.secret":"********",…},
///      "eventsEnabled":true,"eventsNotificationCallbackUrl":"https://…","subscriptionId":1,
///      "traceLoggingEnabled":false,"cachingEnabled":false,"externalAuthentication":"none",
///      "user":{"id":1,…}}
///
/// Values of the configuration are strings or null, objects as their JSON. `subscriptionId` and the
/// callback are there where notifications go out. The code that an instance was made with is not
/// shown: `providerData` has no place here.
///
/// Source: SAP Open Connectors, `POST /instances`.
package enum InstanceObject {
  static let masked = "********"

  /// - Parameter token: The element token; nil masks it.
  /// - Throws: `Refusal` where there is no such instance.
  package static func read(
    _ id: InstanceID, from reader: JournalReader, token: String? = nil
  ) async throws -> JSON {
    json(try await row(id, from: reader), token: token)
  }

  /// The instance by its own stream, also one that is deleted.
  ///
  /// - Throws: `Refusal` where there is no such instance.
  static func row(_ id: InstanceID, from reader: JournalReader) async throws -> InstanceRow {
    let stream = StreamName.instance(id)
    let (rows, sealed) = try await reader.read { snapshot throws(JournalError) in
      (try snapshot.events(of: stream), Set(try snapshot.secrets(of: stream).keys))
    }
    let limit = await reader.asOf ?? .max
    var instance = Instance(id: id)
    for row in rows where row.position <= limit { instance.evolve(try row.event()) }
    guard let settings = instance.settings, let created = rows.first else {
      throw Refusal(.notFound(.instance), "there is no instance \(id)")
    }
    return InstanceRow(
      id: id, createdAt: created.recordedAt, isEnabled: instance.isEnabled,
      isDeleted: instance.isDeleted, settings: settings, sealed: sealed)
  }

  /// - Parameter isHydrated: False leaves the configuration out.
  static func json(
    _ instance: InstanceRow, token: String? = nil, isHydrated: Bool = true
  ) -> JSON {
    let settings = instance.settings
    var members = Members()
    members["id"] = .number(instance.id.number)
    members["name"] = .string(settings.name)
    members["createdDate"] = .string(instance.createdAt.isoSeconds)
    members["token"] = .string(token ?? masked)
    members["element"] = element(settings.element)
    members["elementId"] = .number(InstanceForm.elementID)
    members["tags"] = .array(settings.tags.map { .string($0) })
    members["provisionInteractions"] = []
    members["valid"] = .bool(!instance.isDeleted)
    members["disabled"] = .bool(!instance.isEnabled || instance.isDeleted)
    members["maxCacheSize"] = 0
    members["cacheTimeToLive"] = 0
    if isHydrated { members["configuration"] = configuration(of: instance) }
    members["eventsEnabled"] = .bool(settings.isWatching)
    if let callback = settings.callback {
      members["eventsNotificationCallbackUrl"] = .string(callback)
    }
    if let subscription = instance.subscription {
      members["subscriptionId"] = .number(subscription)
    }
    members["traceLoggingEnabled"] = false
    members["cachingEnabled"] = false
    members["externalAuthentication"] = .string(settings.externalAuthentication)
    members["user"] = [
      "id": 1, "emailAddress": "daybook@localhost", "firstName": "Daybook", "lastName": "Daybook",
    ]
    return .object(members)
  }

  /// The element; false stands for all that cannot be done here, such as bulk.
  private static func element(_ key: String) -> JSON {
    [
      "id": .number(InstanceForm.elementID), "name": "Google Suite", "hookName": "",
      "key": .string(key), "description": "Calendars, contact groups and mail of a Google account",
      "image": "elements/googlesuite-logo.png", "active": true, "deleted": false,
      "typeOauth": false, "trialAccount": false, "resources": [], "transformationsEnabled": false,
      "bulkDownloadEnabled": false, "bulkUploadEnabled": false, "cloneable": false,
      "extendable": false, "beta": false, "authentication": ["type": "oauth2"],
      "extended": false, "hub": "general", "protocolType": "http", "parameters": [],
      "private": false,
    ]
  }

  private static func configuration(of instance: InstanceRow) -> JSON {
    let values = ConfigurationValues(instance)
    var members = Members()
    for key in ConfigurationKey.all where key.isAlwaysShown { members[key.key] = .null }
    for name in values.names { members[name] = values[name].map { .string($0) } ?? .null }
    return .object(members.sorted)
  }
}

extension InstanceRow {
  /// The id of what takes its notifications to its callback: an instance has one, with its own id;
  /// nil where nothing is watched or nothing goes out.
  var subscription: Int64? {
    settings.isWatching && settings.callback != nil && !isDeleted ? id.number : nil
  }
}

/// The values of an instance’s configuration as they are shown: texts, and secrets masked.
struct ConfigurationValues {
  private var values: [String: String?] = [:]

  init(_ instance: InstanceRow) {
    let settings = instance.settings
    values["event.notification.enabled"] = settings.isWatching ? "true" : "false"
    values["event.poller.refresh_interval"] = "\(settings.intervalMinutes)"
    if let callback = settings.callback { values["event.notification.callback.url"] = callback }
    if let subscription = instance.subscription {
      values[ConfigurationKey.subscription] = "\(subscription)"
    }
    for (name, value) in settings.configuration { values[name] = .some(value.text) }
    for name in settings.secrets { values[name] = InstanceObject.masked }
    let tokens = [
      ("oauth.user.token", SecretNames.accessToken),
      ("oauth.user.refresh_token", SecretNames.refreshToken),
    ]
    for (name, secret) in tokens where instance.sealed.contains(secret) {
      values[name] = InstanceObject.masked
    }
  }

  /// The names of all that have a value, or were given null.
  var names: [String] { values.keys.sorted() }

  subscript(name: String) -> String? { values[name] ?? nil }
}

extension OpenedJournal {
  /// The instance as `instance create` and `POST /instances` answer it.
  package func instanceObject(_ id: InstanceID, token: String? = nil) async throws -> JSON {
    try await InstanceObject.read(id, from: repository.reader, token: token)
  }
}
