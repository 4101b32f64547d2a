import Daybook
import Events
import HTTPTypes
import RawJSON

/// Consent for programs that have no terminal: an instance is begun, a person allows it in a
/// browser, and the one who began it asks what came of it.
enum ConsentRoutes {
  static let all = [begin, state, callback]

  /// Where Google sends browsers back to.
  static let path = "/oauth/callback"

  private static let begin = Route(
    .post, "/daybook/v1/consents", .owner,
    "Begins an instance that a person has to allow: the body is that of an instance without a code.",
    body: .object(["configuration": .anything]),
    answer: .json(.object(["id": .text, "url": .text, "redirectUrl": .text, "expiresAt": .time]))
  ) { call in
    let pending = try await call.journal.instances.begin(call.body)
    let path = pending.redirectURL.split(separator: "?")[0]
    guard path.hasSuffix(ConsentRoutes.path) else {
      throw Refusal(
        at: "configuration.oauth.callback.url",
        "has to be this server's own, which ends in \(ConsentRoutes.path)")
    }
    let id = call.site.requestID()
    let endsAt = try call.site.consents.add(.instance(pending), as: id, at: call.site.world.now())
    return .json([
      "id": .string(id), "url": .string(pending.url),
      "redirectUrl": .string(pending.redirectURL), "expiresAt": .string(endsAt.rfc3339),
    ])
  }

  private static let state = Route(
    .get, "/daybook/v1/consents/{id}", .owner,
    "Says what came of a consent; once it is given, the created instance with its token.",
    parameters: [.path("id", .text, "As it was answered when it was begun.")],
    answer: .json(
      .object(
        [
          "state": .word(["waiting", "created", "refused"]), "reason": .text,
          "instance": .anything,
        ], required: ["state"]))
  ) { call in
    let id = call.path["id"] ?? ""
    switch call.site.consents.state(of: id, at: call.site.world.now()) {
    case nil: throw Trouble(.notFound, "notFound", "there is no consent \(id), or it has ended")
    case .waiting: return .json(["state": "waiting"])
    case .refused(let reason): return .json(["state": "refused", "reason": .string(reason)])
    case .created(let created):
      let head = Array(#"{"state":"created","instance":"#.utf8)
      return .json(head + created.object.utf8 + "}".utf8)
    }
  }

  /// For the browser: plain words, nothing that runs, no secret.
  private static let callback = Route(
    .get, path, .anybody,
    "Where Google sends the browser back to; creates what was begun, or hands the code on.",
    answer: .text("text/plain")
  ) { call in
    let now = call.site.world.now()
    guard let found = call.site.consents.take(call.request.path ?? "", at: now) else {
      return page("This is no answer that Daybook waits for, or it came too late.", .badRequest)
    }
    switch found.purpose {
    case .instance(let pending):
      let (state, answer) = await finish(pending, found.redirect)
      call.site.consents.settle(found.id, state)
      return answer
    case .handingOn(let handed):
      var answer = page("Go on to the program that asked.", .found)
      answer.headers[.location] = await handed.handOn(found.redirect)
      return answer
    }
  }

  private static func finish(
    _ pending: PendingInstance, _ redirect: Connecting.Redirect
  ) async -> (ConsentDesk.State, Answer) {
    guard case .agreed(let agreement) = redirect else {
      var reason = "unknown_error"
      if case .refused(let word) = redirect { reason = word }
      return (
        .refused(reason: reason),
        page("Nothing was granted (\(reason)). This window may be closed.")
      )
    }
    do {
      let created = try await pending.finish(agreement)
      return (
        .created(created),
        page("Granted. Instance \(created.id) was created. This window may be closed.")
      )
    } catch {
      let trouble = Trouble(error)
      return (
        .refused(reason: trouble.message),
        page("Nothing was created: \(trouble.message)", trouble.status)
      )
    }
  }

  private static func page(_ text: String, _ status: HTTPResponse.Status = .ok) -> Answer {
    var answer = Answer.text(text + "\n")
    answer.status = status
    answer.headers[.referrerPolicy] = "no-referrer"
    return answer
  }
}

extension HTTPField.Name {
  static let referrerPolicy = known("Referrer-Policy")
}
