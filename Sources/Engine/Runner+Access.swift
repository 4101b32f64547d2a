package import Domain
import Events
package import Journal

/// Why there is no token for a poll.
package struct AccessDenial: Error {
  package let refusal: ProviderRefusal
  /// Whether the provider will give no more tokens: a person has to authorize again.
  package let isFinal: Bool
}

extension Runner {
  /// A token that the provider should take; refreshed first where it is about to end.
  ///
  /// One refresh at a time: an instance is polled by one task at once.
  ///
  /// - Parameter isStale: Whether the one at hand was just refused.
  package func access(
    to instance: Instance, isStale: Bool
  ) async throws(LogError) -> Result<String, AccessDenial> {
    let secrets = try await book.secrets(of: instance.id)
    let now = world.now()
    if !isStale, let token = secrets[SecretNames.accessToken],
      secrets.ends[SecretNames.accessToken].map({ $0 - Limits.tokenMargin > now }) ?? true
    {
      return .success(token)
    }
    guard let refreshToken = secrets[SecretNames.refreshToken],
      let client = Runner.client(of: instance, secrets)
    else {
      return .failure(Runner.denial(secrets))
    }
    switch await world.perform(connector.refresh(refreshToken, client: client)) {
    case .failed(let failure):
      let refusal = ProviderRefusal(
        status: nil, reason: failure.kind.rawValue, text: failure.text)
      return .failure(AccessDenial(refusal: refusal, isFinal: false))
    case .reply(let reply): return try await take(connector.readGrant(reply), for: instance)
    }
  }

  private func take(
    _ outcome: GrantOutcome, for instance: Instance
  ) async throws(LogError) -> Result<String, AccessDenial> {
    switch outcome {
    case .granted(let grant):
      do {
        try await record(grant, for: instance)
      } catch let refusal as Refusal {
        let refusal = ProviderRefusal(
          status: nil, reason: "secrets-unreadable", text: refusal.description)
        return .failure(AccessDenial(refusal: refusal, isFinal: false))
      } catch let error as LogError {
        throw error
      } catch {
        preconditionFailure("an error of another kind: \(error)")
      }
      return .success(grant.accessToken)
    case .dead(let reason, let text):
      let refusal = ProviderRefusal(
        status: 400, reason: reason, text: text, isPermanent: true)
      return .failure(AccessDenial(refusal: refusal, isFinal: true))
    case .refused(let refusal):
      return .failure(AccessDenial(refusal: refusal, isFinal: false))
    }
  }

  /// Sealed and recorded before it is used.
  private func record(_ grant: Grant, for instance: Instance) async throws {
    let expiresAt = world.now() + grant.expiresIn
    var changes = [
      try book.put(
        grant.accessToken, SecretNames.accessToken, of: instance.id, expiresAt: expiresAt)
    ]
    if let token = grant.refreshToken {
      changes.append(try book.put(token, SecretNames.refreshToken, of: instance.id))
    }
    let refreshed = AuthorizationRefreshed(
      instance: instance.id, expiresAtMs: expiresAt.milliseconds,
      isRotated: grant.refreshToken != nil)
    _ = try await book.log.append(
      Append(
        [Draft("authorization/\(instance.id)", .authorizationRefreshed(refreshed))],
        secrets: changes, at: world.now()))
  }

  static func client(of instance: Instance, _ secrets: Secrets) -> OAuthClient? {
    guard let id = secrets["oauth.api.key"], let secret = secrets["oauth.api.secret"] else {
      return nil
    }
    let redirect: String
    if case .text(let url)? = instance.settings?.configuration["oauth.callback.url"] {
      redirect = url
    } else {
      redirect = ""
    }
    return OAuthClient(id: id, secret: secret, redirectURL: redirect)
  }

  private static func denial(_ secrets: Secrets) -> AccessDenial {
    let refusal =
      secrets.isUnreadable
      ? ProviderRefusal(
        status: nil, reason: "secrets-unreadable",
        text: "the key file does not open this instance's secrets; bring the key back, or give"
          + " them anew with `instance update`")
      : ProviderRefusal(
        status: nil, reason: "no-refresh-token",
        text: "the access token has ended and there is no refresh token; authorize again",
        isPermanent: true)
    return AccessDenial(refusal: refusal, isFinal: false)
  }

  /// A poll that found no token; where the authorization is dead, the instance is disabled with it.
  func denied(_ denial: AccessDenial, _ session: PollSession) -> Ending {
    let failure = Feed.Failure(
      refusal: denial.refusal, asked: nil, startedAt: session.startedAt)
    guard denial.isFinal else { return .failed(failure, nil, []) }
    let id = session.row.instance
    let text =
      "Google gives no more tokens for instance \(id) (\(denial.refusal.reason))."
      + " Authorize again, then `instance update \(id)` with the new code."
    return .failed(
      failure, nil,
      [
        Draft(
          "authorization/\(id)",
          .authorizationRefused(
            AuthorizationRefused(
              instance: id, reason: denial.refusal.reason, text: denial.refusal.text,
              status: denial.refusal.status)), cause: .draft(0)),
        Draft(
          Instance.stream(id),
          .instanceDisabled(InstanceDisabled(instance: id, reason: denial.refusal.reason)),
          cause: .draft(0)),
        Draft(
          Book.noticeStream("authorization-refused", Instance.stream(id)),
          .noticeRaised(
            NoticeRaised(
              kind: "authorization-refused", subject: Instance.stream(id), text: text,
              instance: id)), cause: .draft(0)),
      ])
  }
}
