package import Domain
package import EventStore
package import Events
import Webhook

/// Secrets of one instance, opened; kept in memory alone.
package struct Secrets: Sendable {
  package var values: [String: String] = [:]
  package var ends: [String: Moment] = [:]
  /// Names of those that the instance has and that cannot be had: the key does not open them, or
  /// they are gone from the table.
  package var unreadable: Set<String> = []
  /// True where nothing at all is sealed of what the instance has, as in a log that was imported
  /// without its secrets: then nothing goes out, signed or not.
  var isBare = false

  package init() {}

  package subscript(name: String) -> String? { values[name] }
}

extension Repository {
  /// The opened secrets of an instance.
  package func secrets(of instance: InstanceID) async throws(JournalError) -> Secrets {
    try await withSecrets(instance).secrets
  }

  /// An instance and its opened secrets, as of one moment.
  ///
  /// Its events say which secrets it has. One that is missing counts as one that the key does not
  /// open: sent without it, a notification would be unsigned and nobody would know. What is deleted
  /// has none.
  package func withSecrets(
    _ id: InstanceID
  ) async throws(JournalError) -> (instance: Instance, secrets: Secrets) {
    try await reader.withSecrets(id, seal)
  }

  /// Opens what is kept under seal for an instance.
  func opened(_ sealed: [String: SealedSecret], of instance: Instance) -> Secrets {
    Secrets(opening: sealed, of: instance, seal)
  }
}

extension Secrets {
  /// - Parameter seal: nil where there is no key: then all are unreadable.
  fileprivate init(opening sealed: [String: SealedSecret], of instance: Instance, _ seal: Seal?) {
    if instance.isDeleted { return }
    unreadable = SecretNames.required(by: instance.settings).subtracting(sealed.keys)
    isBare = sealed.isEmpty && !unreadable.isEmpty
    for (name, secret) in sealed {
      guard let text = seal?.open(secret.sealed, owner: instance.stream, name: name) else {
        unreadable.insert(name)
        continue
      }
      values[name] = text
      if let expiresAt = secret.expiresAt { ends[name] = expiresAt }
    }
  }
}

extension Instance {
  /// - Parameter rows: Its stream.
  init(id: InstanceID, _ rows: [RecordedEvent]) throws(JournalError) {
    self.init(id: id)
    for row in rows { evolve(try row.event()) }
  }
}

extension JournalReader {
  /// The same for who only reads; see `Repository`.
  func withSecrets(
    _ id: InstanceID, _ seal: Seal?
  ) async throws(JournalError) -> (instance: Instance, secrets: Secrets) {
    let owner = StreamName.instance(id)
    let (rows, sealed) = try await read { snapshot throws(JournalError) in
      (try snapshot.events(of: owner), try snapshot.secrets(of: owner))
    }
    let instance = try Instance(id: id, rows)
    return (instance, Secrets(opening: sealed, of: instance, seal))
  }

  /// Reads the key that opens the secrets of this journal; nil where there is no key file.
  package func seal(_ keyFile: String) async throws(JournalError) -> Seal? {
    guard let key = try KeyRotation(keyFile).key(of: self, fresh: nil) else { return nil }
    let first = try view { snapshot throws(JournalError) in try snapshot.event(at: 1) }
    guard case .journalCreated(let created)? = try first?.event() else { return nil }
    return Seal(key: key, journal: created.journal)
  }

  /// Finds what is wrong with the sealed secrets, one sentence each: what an instance has and is
  /// missing, what no instance has, and what a key does not open.
  ///
  /// - Parameter seal: nil where there is no key: then none is tried.
  package func secretProblems(_ seal: Seal?) async throws(JournalError) -> [String] {
    let last = try view { snapshot throws(JournalError) in try snapshot.lastIDs().instance }
    var problems: [String] = []
    for id in InstanceID.all(through: last) {
      problems += try secretProblems(of: id, seal)
      if problems.count >= 100 { return Array(problems.prefix(100)) }
      if Task.isCancelled { throw .stopped }
      await Task.yield()
    }
    let owners = try view { snapshot throws(JournalError) in try snapshot.secretOwners() }
    // The journal's own are those of its HTTP API.
    let known = Set(InstanceID.all(through: last).map { StreamName.instance($0) })
      .union([.journal])
    problems += owners.filter { !known.contains($0) }
      .map { "the table secrets: there is no \(String(reflecting: $0.text))" }
    return Array(problems.prefix(100))
  }

  private func secretProblems(of id: InstanceID, _ seal: Seal?) throws(JournalError) -> [String] {
    let owner = StreamName.instance(id)
    // As of one moment: it may be deleted meanwhile.
    let (rows, grants, sealed) = try view { snapshot throws(JournalError) in
      (
        try snapshot.events(of: owner), try snapshot.events(of: .authorization(id)),
        try snapshot.secrets(of: owner)
      )
    }
    let instance = try Instance(id: id, rows)
    if instance.isDeleted || instance.settings == nil {
      return sealed.isEmpty ? [] : ["\(owner): has secrets, and is no instance any more"]
    }
    var required = SecretNames.required(by: instance.settings)
    for row in grants where try row.event().bringsRefreshToken {
      required.insert(SecretNames.refreshToken)
    }
    let missing = required.subtracting(sealed.keys).sorted()
      .map { "\(owner): its secret \($0) is missing" }
    let shut = sealed.keys.sorted().filter { name in
      guard let seal, let secret = sealed[name] else { return false }
      return seal.open(secret.sealed, owner: owner, name: name) == nil
    }
    return missing + shut.map { "\(owner): the key does not open its secret \($0)" }
  }
}

extension Event {
  /// True where a refresh token was sealed with it.
  var bringsRefreshToken: Bool {
    switch self {
    case .authorizationGranted(let body): body.isRefreshable
    case .authorizationRefreshed(let body): body.isRotated
    default: false
    }
  }
}

extension Secrets {
  /// Why a delivery is held whose secrets cannot be had, and the kind of the notice about it.
  static let unreadableKind = NoticeKind.secretsUnreadable

  /// True where something is missing that a delivery is sent under, or cannot be used.
  ///
  /// - Parameter isTrusted: True where credentials go along.
  func isUnreadable(isTrusted: Bool) -> Bool {
    if isBare || unreadable.contains(Secrets.signature) { return true }
    if let key = self[Secrets.signature], Signature.fault(in: key) != nil { return true }
    guard isTrusted else { return false }
    if !unreadable.isDisjoint(with: Secrets.credentials) { return true }
    guard let headers = self[Secrets.extraHeaders] else { return false }
    return (try? Headers.extra(headers)) == nil
  }

  /// Tells a person that deliveries of an instance are held for want of its secrets; recorded with
  /// the first of them.
  func unreadableNotice(of instance: Instance) -> NewEvent {
    let names = unreadable.filter { !SecretNames.isToken($0) }.sorted()
    let which =
      names.isEmpty ? "what its notifications are sent under" : names.joined(separator: ", ")
    let text =
      "Secrets of instance \(instance.id) are missing, or the key file does not open them:"
      + " \(which). Its deliveries are held. Start Daybook with the right key file,"
      + " or give the secrets anew with `instance update`; then they go out."
    return NewEvent(
      StreamName.notice(.known(Secrets.unreadableKind), about: instance.stream),
      .noticeRaised(
        NoticeRaised(
          kind: .known(Secrets.unreadableKind), subject: instance.stream, text: text,
          instance: instance.id)
      ),
      cause: .newEvent(0))
  }

  /// Name of the key that notifications are signed with.
  private static let signature = "event.notification.signature.key"
  private static let extraHeaders = "event.notification.callback.headers"
  private static let credentials: Set = [
    "event.notification.basic.username", "event.notification.basic.password", extraHeaders,
  ]
}
