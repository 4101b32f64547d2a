package import Domain
package import EventStore
package import Events
import Webhook

extension Instances {
  /// Puts another signature key in the place of an instance’s own; the one before signs beside it
  /// for a while, so that receivers may change over one by one. So do those before that, each to
  /// its own end.
  ///
  /// - Parameters:
  ///   - key: As in the configuration: `whsec_` and base64, or any text.
  ///   - overlap: How long both sign, within `Limits.signatureOverlap`.
  /// - Returns: When the one before ends; nil where there was none, or it ends at once.
  /// - Throws: `Refusal` for a key that cannot be one, where the one before cannot be read, and
  ///   where as many keys sign as can.
  package func rotateSignature(
    of id: InstanceID, to key: String, overlap: Duration
  ) async throws -> Moment? {
    try Self.checkRotation(to: key, overlap: overlap)
    let (_, until) = try await repository.transact([StreamName.instance(id)], in: world) {
      view, now in
      let instance = try view.instance(id)
      var settings = try instance.changeable()
      let kept = repository.opened(try view.secrets(of: instance.stream), of: instance)
      if kept.unreadable.contains(SecretNames.signatureKey) {
        throw Refusal(
          .keyMissing,
          "the signature key of instance \(id) cannot be read, so that it could not go on signing")
      }
      if kept[SecretNames.signatureKey] == key, overlap > .zero {
        // Asked twice: what was begun goes on.
        return Decision(nil, answer: kept.ends[SecretNames.previousSignatureKeys[0]])
      }
      if !settings.secrets.contains(SecretNames.signatureKey) {
        settings.secrets = (settings.secrets + [SecretNames.signatureKey]).sorted()
      }
      let previous = try kept.previousKeys(behind: key, overlap: overlap, at: now)
      let until = overlap > .zero && kept[SecretNames.signatureKey] != nil ? now + overlap : nil
      var secrets = [try repository.put(key, SecretNames.signatureKey, of: id)]
      for (place, name) in SecretNames.previousSignatureKeys.enumerated() {
        secrets.append(
          place < previous.count
            ? try repository.put(previous[place].key, name, of: id, expiresAt: previous[place].end)
            : .drop(owner: instance.stream, name: name))
      }
      let updated = InstanceUpdated(
        instance: id, settings: settings, changed: ["configuration.\(SecretNames.signatureKey)"])
      return Decision(
        AppendRequest(
          [NewEvent(instance.stream, .instanceUpdated(updated))], secrets: secrets, at: now),
        answer: until)
    }
    // What was held for want of a key goes out.
    do {
      try await repository.releaseCleared(of: id, in: world)
    } catch is CancellationError {
      // The change is recorded; what is left is found again.
    }
    return until
  }

  private static func checkRotation(to key: String, overlap: Duration) throws {
    guard Limits.signatureOverlap.contains(overlap) else {
      throw Refusal(at: "overlap", "has to be between nothing and 7 days")
    }
    guard (1...Limits.signatureKeyBytesMax).contains(key.utf8.count) else {
      throw Refusal(at: "key", "has to have 1 to \(Limits.signatureKeyBytesMax) bytes")
    }
    if let fault = Signature.fault(in: key) { throw Refusal(at: "key", fault) }
  }
}

extension Secrets {
  /// Keys that sign at a time, the one in force first.
  func signatureKeys(at moment: Moment) -> [String] {
    guard let key = self[SecretNames.signatureKey], !key.isEmpty else { return [] }
    return [key] + previousKeys(at: moment).map(\.key)
  }

  private func previousKeys(at moment: Moment) -> [(key: String, end: Moment)] {
    SecretNames.previousSignatureKeys.compactMap { name in
      guard let key = self[name], let end = ends[name], moment < end else { return nil }
      return (key, end)
    }
  }

  /// Keys that go on signing once another is in force.
  ///
  /// - Throws: `Refusal` where they are more than have a place: none that receivers may still
  ///   check by is dropped unasked.
  fileprivate func previousKeys(
    behind key: String, overlap: Duration, at now: Moment
  ) throws(Refusal) -> [(key: String, end: Moment)] {
    guard overlap > .zero, let before = self[SecretNames.signatureKey] else { return [] }
    let kept = [(before, now + overlap)] + previousKeys(at: now).filter { $0.key != key }
    guard kept.count <= SecretNames.previousSignatureKeys.count else {
      let first = kept.map(\.1).min() ?? now
      throw Refusal(
        .conflict,
        "\(kept.count) keys sign already, and the first of them ends at \(first);"
          + " wait for it, or rotate with an overlap of 0s, which ends all of them now")
    }
    return kept
  }
}

extension JournalReader {
  /// Checks the signatures that somebody received, by the keys that are good at that time.
  ///
  /// - Parameters:
  ///   - headers: As they came.
  ///   - now: The receiver’s time.
  ///   - isAgeIgnored: Whether an old `webhook-timestamp` is passed over.
  ///   - seal: Opens the keys; nil where its file is missing.
  package func checkSignatures(
    of id: InstanceID, body: [UInt8], headers: [Header], at now: Moment, isAgeIgnored: Bool,
    _ seal: Seal?
  ) async throws -> [(header: String, isValid: Bool, reason: String)] {
    let (instance, secrets) = try await withSecrets(id, seal)
    _ = try instance.changeable()
    let keys = secrets.signatureKeys(at: now)
    guard !keys.isEmpty else {
      throw Refusal(
        secrets.unreadable.contains(SecretNames.signatureKey) ? .keyMissing : .conflict,
        "instance \(id) has no signature key that can be read: what it sends is not signed")
    }
    return SignatureCheck.all(
      of: headers, body: body, keys: keys, now: isAgeIgnored ? nil : now
    ).map { ($0.header, $0.isValid, $0.reason) }
  }
}
