package import Events

/// An instance as its stream tells it.
package struct Instance: Sendable, Equatable {
  package let id: InstanceID
  package private(set) var settings: InstanceSettings?
  package private(set) var isEnabled = true
  /// Why it is disabled; nil where it is not.
  package private(set) var reason: String?
  package private(set) var isDeleted = false
  package private(set) var version: Int64 = 0

  package init(id: InstanceID) { self.id = id }

  package var stream: StreamName { .instance(id) }

  /// Folds one event of its stream.
  package mutating func evolve(_ event: Event) {
    version += 1
    switch event {
    case .instanceCreated(let body): settings = body.settings
    case .instanceUpdated(let body): settings = body.settings
    case .instanceEnabled:
      isEnabled = true
      reason = nil
    case .instanceDisabled(let body):
      isEnabled = false
      reason = body.reason
    case .instanceDeleted: isDeleted = true
    default: break
    }
  }

  /// - Throws: `Refusal` where it is deleted.
  package func enable(reason: String?) throws(Refusal) -> [Event] {
    try refuseDeleted()
    return isEnabled ? [] : [.instanceEnabled(InstanceEnabled(instance: id, reason: reason))]
  }

  /// Stops its polls; deliveries go on.
  package func disable(reason: String?) throws(Refusal) -> [Event] {
    try refuseDeleted()
    return isEnabled ? [.instanceDisabled(InstanceDisabled(instance: id, reason: reason))] : []
  }

  /// Ends it for good; its feeds and what is pending are for the caller to close.
  package func delete(reason: String?) throws(Refusal) -> [Event] {
    try refuseDeleted()
    return [.instanceDeleted(InstanceDeleted(instance: id, reason: reason))]
  }

  /// - Returns: What it is, to be changed.
  /// - Throws: `Refusal` where there is nothing to change.
  package func changeable() throws(Refusal) -> InstanceSettings {
    try refuseDeleted()
    guard let settings else { throw missing }
    return settings
  }

  private func refuseDeleted() throws(Refusal) {
    guard settings != nil else { throw missing }
    if isDeleted { throw Refusal(.deleted, "instance \(id) is deleted") }
  }

  private var missing: Refusal { Refusal(.notFound(.instance), "there is no instance \(id)") }
}

/// The state of a callback, as its stream tells it: it takes deliveries or is disabled.
package struct Callback: Sendable, Equatable {
  package let url: String
  package private(set) var isEnabled = true
  package private(set) var reason: String?
  package private(set) var version: Int64 = 0

  package init(url: String) { self.url = url }

  /// Takes one event of its stream in; every event counts as a version.
  package mutating func evolve(_ event: Event) {
    version += 1
    switch event {
    case .callbackDisabled(let body):
      isEnabled = false
      reason = body.reason
    case .callbackEnabled:
      isEnabled = true
      reason = nil
    default: break
    }
  }
}

/// Names of settings whose values are sealed apart from the log.
package enum SecretNames {
  /// Known secrets of the platform's configuration; the client id is masked there as well.
  package static let known: Set<String> = [
    "oauth.api.key", "oauth.api.secret", "oauth.user.token", "oauth.user.refresh_token",
    "event.notification.signature.key", "event.notification.basic.username",
    "event.notification.basic.password", "event.notification.callback.headers", "password",
    "username",
  ]

  /// The key that notifications are signed with.
  package static let signatureKey = "event.notification.signature.key"
  /// Those before it, the newest first: each signs beside it until its own end.
  package static let previousSignatureKeys = [
    "event.notification.signature.key.previous", "event.notification.signature.key.previous.2",
    "event.notification.signature.key.previous.3",
  ]

  /// Tells if a setting of that name is a secret: the known ones, and whatever calls itself one.
  package static func contain(_ name: String) -> Bool {
    if known.contains(name) { return true }
    let word = name.lowercased()
    return ["secret", "password", "token", "credential", "private", "authorization", "apikey"]
      .contains { word.contains($0) } || word.hasSuffix(".key") || word == "key"
  }

  /// Suspects a setting that nobody knows of holding a secret by its name: one that is misspelt, in
  /// another case or with other marks between its words, or calls itself what secrets are called.
  ///
  ///     event.notification.signature_key   eventNotificationSignatureKey   OAUTH.API.SECRETS
  ///     event.notifcation.signature.key    X-Signing-Key                   hookPwd
  package static func mayBe(_ name: String) -> Bool {
    if contain(name) { return true }
    let folded = String(name.lowercased().filter { $0.isLetter || $0.isNumber })
    let words = [
      "eventnot", "oauth", "passwd", "passphrase", "passcode", "signature", "signing", "bearer",
      "cookie", "hmac", "pwd",
    ]
    return words.contains { folded.contains($0) }
      || folded.hasSuffix("key") || folded.hasSuffix("pass")
  }

  /// The secrets that an instance with these settings has sealed, whatever else happens to it.
  package static func required(by settings: InstanceSettings?) -> Set<String> {
    settings.map { Set($0.secrets).union([elementToken]) } ?? []
  }

  /// The secrets that a new access token is asked for with.
  package static let refreshing: Set<String> = [
    "oauth.api.key", "oauth.api.secret", refreshToken,
  ]

  /// Tells tokens and their like, which no operator gave, from other secrets.
  package static func isToken(_ name: String) -> Bool {
    [elementToken, accessToken, refreshToken, requestDigest].contains(name)
  }

  // Names that are not settings but are sealed the same way.
  package static let elementToken = "element token"
  package static let accessToken = "access token"
  package static let refreshToken = "refresh token"
  /// Tells if a request with a key is the one that made the instance.
  package static let requestDigest = "request digest"
}
