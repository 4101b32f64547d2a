import Domain
import Events

/// A request below `/v1`, to the People API.
struct ContactsCall: Sendable {
  var request: FakeRequest
  var target: Target
  var distortion: PageDistortion
  /// The segments behind `/v1`.
  var path: [String]
  var now: Moment

  init(_ request: FakeRequest, _ target: Target, _ distortion: PageDistortion, _ now: Moment) {
    self.request = request
    self.target = target
    self.distortion = distortion
    self.now = now
    path = Array(target.segments.dropFirst())
  }

  var isPretty: Bool { target["prettyPrint"] != "false" }

  /// The scopes of which a token needs one. Source: discovery document of People v1.
  var scopes: Set<String> {
    let whole = "https://www.googleapis.com/auth/contacts"
    return request.method == "GET" ? [whole, "\(whole).readonly"] : [whole]
  }

  func body() throws(GoogleError) -> LooseJSON {
    guard let body = LooseJSON(body: request.body), body.members != nil else {
      throw .argument("Invalid JSON payload received.")
    }
    return body
  }

  /// Refuses parameters that the method does not have; those of all methods are always taken.
  func allow(_ names: String...) throws(GoogleError) {
    for parameter in target.query {
      let name = parameter.name
      guard names.contains(name) || ContactsCall.common.contains(name) else {
        throw .unboundParameter(name)
      }
    }
  }

  /// Source: discovery document of People v1, `parameters`.
  private static let common: Set<String> = [
    "$.xgafv", "access_token", "alt", "callback", "fields", "key", "oauth_token", "prettyPrint",
    "quotaUser", "uploadType", "upload_protocol", "$alt", "$prettyPrint",
  ]

  /// The paths of a field mask; nil where none is given.
  func mask(
    _ name: String, of known: [String], _ value: String? = nil
  ) throws(GoogleError) -> Set<String>? {
    guard let text = value ?? target[name], !text.isEmpty else { return nil }
    let paths = text.split(separator: ",").map { $0.drop { $0 == " " } }.map(String.init)
    if let wrong = paths.first(where: { !known.contains($0) }) {
      let valid = known.joined(separator: ", ")
      throw .argument("Invalid \(name) mask path: \"\(wrong)\". Valid paths are: [\(valid)].")
    }
    return Set(paths)
  }
}

extension FakeGoogle {
  /// Answers a People call for one user.
  mutating func answer(
    _ call: ContactsCall, user: String
  ) throws(GoogleError) -> FakeAnswer {
    let id = call.path.count > 1 ? call.path[1] : ""
    switch (call.request.method, call.path.first, call.path.count) {
    case ("GET", "contactGroups", 1): return try groupList(call, user)
    case ("POST", "contactGroups", 1): return try createGroup(call, user)
    case ("GET", "contactGroups:batchGet", 1): return try groupBatch(call, user)
    case ("GET", "contactGroups", 2): return try groupAnswer(call, user, id)
    case ("PUT", "contactGroups", 2): return try updateGroup(call, user, id)
    case ("DELETE", "contactGroups", 2): return try deleteGroup(call, user, id)
    case ("POST", "contactGroups", 3) where call.path[2] == "members:modify":
      return try modifyMembers(call, user, id)
    case ("GET", "people", 3) where call.path[2] == "connections":
      guard id == "me" else { throw .argument("Only people/me is valid.") }
      return try connectionList(call, user)
    case ("POST", "people:createContact", 1): return try createPerson(call, user)
    case ("GET", "people:batchGet", 1): return try personBatch(call, user)
    case (let method, "people", 2): return try answer(call, user, person: id, method)
    default: throw .notFound
    }
  }

  private mutating func answer(
    _ call: ContactsCall, _ user: String, person text: String, _ method: String
  ) throws(GoogleError) -> FakeAnswer {
    let halves = text.split(separator: ":", maxSplits: 1).map(String.init)
    guard let id = halves.first else { throw .notFound }
    switch (method, halves.dropFirst().first) {
    case ("GET", nil): return try personAnswer(call, user, id)
    case ("PATCH", "updateContact"): return try updatePerson(call, user, id)
    case ("DELETE", "deleteContact"):
      try call.allow()
      try contacts[user]?.removePerson(id, at: call.now)
      return .json(200, JSONText.object(isPretty: call.isPretty) { _ in })
    default: throw .notFound
    }
  }
}
