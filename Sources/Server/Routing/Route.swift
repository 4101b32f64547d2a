import HTTPTypes

/// One thing that can be asked over HTTP. Its value is all that is said of it: the router, the
/// OpenAPI document and docs/http.md come of it.
///
///     Route(.get, "/daybook/v1/trace/{position}", .client, "Why an event happened.",
///       answer: .json(.list(of: .row(.trace)))) { call in … }
struct Route: Sendable {
  let method: HTTPRequest.Method
  /// With the names of what stands in it, such as `/instances/{id}`.
  let path: String
  let access: Access
  /// One sentence.
  let summary: String
  let parameters: [Parameter]
  /// The JSON that it takes; nil: a body is not looked at.
  let body: Schema?
  let answer: Content
  let handle: @Sendable (Call) async throws -> Answer

  init(
    _ method: HTTPRequest.Method, _ path: String, _ access: Access, _ summary: String,
    parameters: [Parameter] = [], body: Schema? = nil, answer: Content,
    handle: @escaping @Sendable (Call) async throws -> Answer
  ) {
    self.method = method
    self.path = path
    self.access = access
    self.summary = summary
    self.parameters = parameters
    self.body = body
    self.answer = answer
    self.handle = handle
  }

  /// Who may ask.
  enum Access: String, Sendable {
    /// Whoever reaches the port.
    case anybody
    /// Whoever asks over loopback; from elsewhere as `client`.
    case neighbour
    /// Who shows both secrets, or an element token, which is good for its instance alone.
    case client
    /// Who shows both secrets.
    case owner
    /// Who has signed in at the console.
    case person
  }

  /// What a route answers with where all goes well.
  struct Content: Sendable {
    /// By media type, the usual one first.
    let forms: [(type: String, schema: Schema)]

    static func json(_ schema: Schema) -> Content {
      Content(forms: [("application/json", schema)])
    }

    static func text(_ type: String) -> Content { Content(forms: [(type, .text)]) }
  }

  /// True for the routes that are ours and not the platform’s.
  var isOurs: Bool { path.hasPrefix("/daybook/") }

  /// True for the pages of the console, which are no part of the API.
  var isPage: Bool { path.hasPrefix("/console") }

  /// True where the path’s parts are those of the pattern, names standing for any one part.
  func fits(_ parts: [Substring]) -> Bool {
    let pattern = path.split(separator: "/")
    return pattern.count == parts.count
      && zip(pattern, parts).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
  }
}
