import Daybook
import Events
import HTTPTypes
import RawJSON

/// Where a person is sent to for a code.
enum OAuthRoutes {
  static let all: [Route] = [asked, posted]

  private static let path = "\(Platform.base)/elements/{keyOrId}/oauth/url"
  private static let element = Parameter.path("keyOrId", .text, "`googlesuite`, or its id.")
  private static let answer = Schema.object(["oauthUrl": .text, "element": .text])

  private static let asked: Route = Route(
    .get, path, .anybody, "The address at which a person allows a client to read.",
    parameters: [
      element, .query("apiKey", .text, "The client’s id."),
      .query("callbackUrl", .text, "Where the provider sends the browser back to."),
      .query("state", .text, "Comes back with the code; the element’s key by itself."),
      .query("scope", .text, "Scopes with blanks between; those of the element by itself."),
      .query("apiSecret", .text, "Not looked at; better left out of an address."),
      .query(
        "callbackProxy", .text,
        "This server’s own `/oauth/callback`, where the client names that and not `callbackUrl`."),
    ], answer: .json(answer)
  ) { call in
    try call.checkElement()
    return try await consent(call) { call.query[$0] }
  }

  private static let posted: Route = Route(
    .post, path, .anybody, "The same with its parameters in the body.", parameters: [element],
    body: .object(
      [
        "apiKey": .text, "callbackUrl": .text, "state": .text, "scope": .text,
        "callbackProxy": .text,
      ],
      required: ["apiKey", "callbackUrl"]),
    answer: .json(answer)
  ) { call in
    try call.checkElement()
    let body = try call.json()
    return try await consent(call) { body[$0]?.text }
  }

  private static func consent(
    _ call: Call, _ value: (String) -> String?
  ) async throws -> Answer {
    var request = ConsentRequest(
      apiKey: value("apiKey") ?? "", callbackURL: value("callbackUrl") ?? "")
    request.state = value("state")
    request.scope = value("scope")
    guard let proxy = value("callbackProxy"), !proxy.isEmpty else {
      return .json(text: try await call.journal.instances.consent(request))
    }
    return try await handOn(request, through: proxy, call)
  }

  /// Has the code come back here and go on from here: to nowhere but what an owner of this journal
  /// named, or anybody could have a browser sent anywhere by this server’s name.
  private static func handOn(
    _ request: ConsentRequest, through proxy: String, _ call: Call
  ) async throws -> Answer {
    guard call.caller.isOwner else { throw Trouble.unauthorized }
    guard isOwn(proxy, call) else {
      throw Refusal(
        at: "callbackProxy", "has to be this server's own, which ends in \(ConsentRoutes.path)")
    }
    let handed = try await call.journal.instances.handOn(request, through: proxy)
    try call.site.consents.add(
      .handingOn(handed), as: call.site.requestID(), at: call.site.world.now())
    return .json(text: handed.answer)
  }

  private static func isOwn(_ url: String, _ call: Call) -> Bool {
    guard let match = url.wholeMatch(of: /https?:\/\/([^\/?#@]+)(\/[^?#]*)/),
      String(match.2) == ConsentRoutes.path
    else { return false }
    let authority = String(match.1).lowercased()
    return authority == call.request.authority?.lowercased()
      || call.site.settings.outsideHosts.contains { $0.lowercased() == authority }
  }
}
