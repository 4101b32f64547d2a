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
    ], answer: .json(answer)
  ) { call in
    try call.checkElement()
    return try consent(call) { call.query[$0] }
  }

  private static let posted: Route = Route(
    .post, path, .anybody, "The same with its parameters in the body.", parameters: [element],
    body: .object(
      ["apiKey": .text, "callbackUrl": .text, "state": .text, "scope": .text],
      required: ["apiKey", "callbackUrl"]),
    answer: .json(answer)
  ) { call in
    try call.checkElement()
    let body = try call.json()
    return try consent(call) { body[$0]?.text }
  }

  private static func consent(_ call: Call, _ value: (String) -> String?) throws -> Answer {
    var request = ConsentRequest(
      apiKey: value("apiKey") ?? "", callbackURL: value("callbackUrl") ?? "")
    request.state = value("state")
    request.scope = value("scope")
    return .json(text: try call.journal.instances.consent(request))
  }
}
