import Daybook
import Events
import HTTPTypes
import RawJSON

/// The journal for people, in a browser: lists, single events and their traces, to be looked at.
///
/// Pages are made here and need no script. Whoever signs in shows both secrets once; an element
/// token does not do, for the pages show everything.
enum ConsoleRoutes {
  static let all =
    [start, style, signIn, signOut] + ConsolePage.places.compactMap(list) + [show, trace]

  private static let page = Route.Content.text("text/html")

  private static let start = Route(
    .get, "/console", .anybody, "The console: asks for both secrets, or goes on to the instances.",
    answer: page
  ) { call in
    call.session == nil ? signInPage(call) : seeOther("/console/instances")
  }

  private static let style = Route(
    .get, "/console/style.css", .anybody, "How the console looks.", answer: .text("text/css")
  ) { _ in
    var answer = Answer.text(ConsolePage.style, type: "text/css; charset=utf-8")
    answer.headers[.cacheControl] = "max-age=3600"
    return answer
  }

  // MARK: Coming and going

  private static func signInPage(
    _ call: Call, fault: String? = nil, _ status: HTTPResponse.Status = .ok
  ) -> Answer {
    let token = ConsoleSessions.freshToken()
    let told: HTML = fault.map { text -> HTML in "<p class=\"bad\">\(text)</p>\n" } ?? ""
    var answer = ConsolePage(
      title: "Sign in",
      content: """
        \(told)<form method="post" action="/console/sign-in">
        <input type="hidden" name="form" value="\(token)">
        <label>User secret <input type="password" name="user" autocomplete="off" required></label>
        <label>Organization secret
        <input type="password" name="organization" autocomplete="off" required></label>
        <button>sign in</button>
        </form>
        """, status: status
    ).answer
    // A form that this server did not send has no such token beside it.
    answer.headers.append(call.cookie(CookieName.form, token))
    return answer
  }

  private static let signIn = Route(
    .post, "/console/sign-in", .anybody, "Takes both secrets from the form, and lets one in.",
    body: .anything, answer: page
  ) { call in
    let form = QueryItems(String(decoding: call.body, as: UTF8.self))
    let token = form?["form"] ?? ""
    guard call.isFromOwnPage, !token.isEmpty, call.cookies[CookieName.form] == token else {
      return signInPage(call, fault: "This form was not sent by this page; try again.", .forbidden)
    }
    // Both are held against their hashes, whatever comes of the first.
    let isUser = call.site.keys.matches(form?["user"] ?? "", .user)
    let isOrganization = call.site.keys.matches(form?["organization"] ?? "", .organization)
    guard isUser, isOrganization else {
      return signInPage(call, fault: "These are not the two secrets.", .unauthorized)
    }
    if let before = call.cookies[CookieName.session] { call.site.people.end(before) }
    var answer = seeOther("/console/instances")
    let id = call.site.people.begin(at: call.site.world.now())
    answer.headers.append(call.cookie(CookieName.form, nil))
    answer.headers.append(call.cookie(CookieName.session, id))
    return answer
  }

  private static let signOut = Route(
    .post, "/console/sign-out", .person, "Ends the session.", body: .anything, answer: page
  ) { call in
    guard let session = call.session else { return seeOther("/console") }
    let form = QueryItems(String(decoding: call.body, as: UTF8.self))
    guard call.isFromOwnPage, form?["form"] == session.formToken else {
      return ConsolePage(
        title: "Not signed out", content: "<p>This form was not sent by this page.</p>",
        status: .forbidden, session: session
      ).answer
    }
    if let id = call.cookies[CookieName.session] { call.site.people.end(id) }
    var answer = seeOther("/console")
    answer.headers.append(call.cookie(CookieName.session, nil))
    return answer
  }

  private static func seeOther(_ path: String) -> Answer {
    var answer = ConsolePage(title: "Go on", content: "<p><a href=\"\(path)\">Go on</a></p>").answer
    answer.status = .seeOther
    answer.headers[.location] = path
    return answer
  }

  // MARK: What is looked at

  /// A page for whoever has signed in; others are sent to the door.
  private static func looked(
    at path: String, _ summary: String, _ parameters: [Parameter],
    _ content:
      @escaping @Sendable (Call) async throws -> (
        title: String, content: HTML
      )
  ) -> Route {
    Route(.get, path, .person, summary, parameters: parameters, answer: page) { call in
      guard let session = call.session else { return seeOther("/console") }
      do {
        let made = try await content(call)
        return ConsolePage(title: made.title, content: made.content, session: session).answer
      } catch {
        let trouble = Trouble(error)
        var answer = ConsolePage(
          title: "\(trouble.status.code)", content: "<p class=\"bad\">\(trouble.message)</p>",
          status: trouble.status, session: session
        ).answer
        for field in trouble.headers { answer.headers.append(field) }
        return answer
      }
    }
  }

  private static func list(_ name: String) -> Route? {
    guard let table = RowTable.lists.first(where: { $0.name == name }) else { return nil }
    let parameters = Filters.parameters(of: table).filter {
      ["instance", "type", "status", "object", "resource", "before", "open"].contains($0.name)
    }
    return looked(
      at: "/console/\(name)", "The newest rows of `\(name)`, a page at a time.", parameters
    ) { call in
      (name, try await ConsoleLists.content(table, call))
    }
  }

  private static let position = Parameter.path(
    "position", .text, "A position: a number, head, head-3, or a time.")

  private static let show = looked(
    at: "/console/show/{position}",
    "One event; of an attempt every byte sent and received, secrets masked.", [position]
  ) { call in
    let position = try await call.position()
    return ("Event \(position)", try await ConsoleEvent.content(position, call))
  }

  private static let trace = looked(
    at: "/console/trace/{position}", "Why an event happened, and what came of it.", [position]
  ) { call in
    let position = try await call.position()
    return ("Trace of \(position)", try await ConsoleEvent.trace(position, call))
  }
}

/// Cookies of the console.
private enum CookieName {
  static let session = "daybook-console"
  static let form = "daybook-form"
}

extension Call {
  /// Who asks, as far as they have signed in.
  fileprivate var session: ConsoleSessions.Session? {
    cookies[CookieName.session].flatMap { site.people.session($0, at: site.world.now()) }
  }

  /// The first of each name.
  fileprivate var cookies: [String: String] {
    var cookies: [String: String] = [:]
    for field in request.headerFields[values: .cookies] {
      for pair in field.split(separator: ";") {
        let parts = pair.split(separator: "=", maxSplits: 1)
        guard parts.count == 2 else { continue }
        let name = String(parts[0].drop { $0 == " " })
        if cookies[name] == nil { cookies[name] = String(parts[1]) }
      }
    }
    return cookies
  }

  /// A cookie that scripts do not see and other sites do not send; nil ends it.
  fileprivate func cookie(_ name: String, _ value: String?) -> HTTPField {
    // A proxy with TLS says so.
    let isSafe = request.headerFields[.forwardedProtocol]?.lowercased() == "https"
    return HTTPField(
      name: .setCookie,
      value: "\(name)=\(value ?? ""); Path=/console; HttpOnly; SameSite=Strict"
        + (isSafe ? "; Secure" : "") + (value == nil ? "; Max-Age=0" : ""))
  }

  /// False where a browser says that the form stood on a page of another server.
  fileprivate var isFromOwnPage: Bool {
    guard let origin = request.headerFields[.origin] else { return true }
    let parts = origin.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
    return parts.count == 3 && parts[2].lowercased() == request.authority?.lowercased()
  }
}
