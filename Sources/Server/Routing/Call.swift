import Daybook
import Events
import HTTPTypes
import RawJSON

/// A request that was let in, as a route sees it.
struct Call: Sendable {
  let site: Site
  let caller: Caller
  /// The secrets by which the caller is known; nil: none were shown.
  let shown: Credentials?
  let requestID: String
  let request: HTTPRequest
  /// The parts of the path that have names, decoded.
  let path: [String: String]
  let query: QueryItems
  let body: [UInt8]

  var journal: Journal { site.journal }

  /// The body as JSON.
  ///
  /// - Throws: `Refusal` for what is none.
  func json() throws(Refusal) -> JSON {
    do throws(JSONFault) {
      return try JSON.parse(body)
    } catch {
      throw Refusal(.invalid, "the body is no JSON: \(error)")
    }
  }

  /// The instance that the call is about: the one in the path, else the token’s own.
  ///
  /// - Throws: `Trouble` where there is neither, `Refusal` where the token is another’s.
  func instance() throws -> Int64 {
    guard let text = path["id"] else { return try ownInstance() }
    guard let id = Int64(text), id > 0 else {
      throw Refusal(.notFound(.instance), "there is no instance \(text)")
    }
    try check(id)
    return id
  }

  /// The instance that is named by its id or its name, as of now.
  ///
  /// - Throws: `Refusal` where there is none, and where the caller may not see it, who is told of
  ///   no other.
  func instance(named text: String) async throws -> Int64 {
    if caller.isOwner { return try await journal.instances.id(text) }
    var id = Int64(text)
    if id == nil { id = try? await journal.instances.id(text) }
    guard let own = caller.instance, own == id else {
      throw Refusal(.notFound(.instance), "there is no instance \(text)")
    }
    return own
  }

  /// The token’s instance.
  ///
  /// - Throws: `Trouble` where no token is shown: only that says which instance is meant.
  func ownInstance() throws(Trouble) -> Int64 {
    if let own = caller.instance { return own }
    throw Trouble(
      .unauthorized, "unauthorized", "an Element token has to say which instance is meant")
  }

  /// - Throws: `Refusal` where the caller may not see an instance: it is as if there were none.
  func check(_ instance: Int64) throws(Refusal) {
    guard caller.maySee(instance) else {
      throw Refusal(.notFound(.instance), "there is no instance \(instance)")
    }
  }

  /// A number in the path.
  func position(_ name: String = "position") async throws -> Int64 {
    try await position(path[name] ?? "", at: name)
  }

  /// A position: a number, `head`, `head-3`, a time.
  func position(_ text: String, at name: String) async throws -> Int64 {
    guard let position = try await journal.position(text) else {
      throw Refusal(
        at: name, "\(text) is no position; use a number, head, head-3, or a time")
    }
    return position
  }

  /// A whole number in the query; nil where it is not there.
  func whole(_ name: String, _ range: ClosedRange<Int>) throws(Refusal) -> Int? {
    guard let text = query[name] else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw Refusal(
        at: name,
        "\(text) is no whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// A time in the query; nil where it is not there.
  func moment(_ name: String) throws(Refusal) -> Moment? {
    guard let text = query[name] else { return nil }
    guard let moment = journal.moment(text) else {
      throw Refusal(
        at: name, "\(text) is no time; use \(Journal.timeForms)")
    }
    return moment
  }

  /// A yes or no in the query: there without a value it is yes.
  func flag(_ name: String) throws(Refusal) -> Bool {
    switch query[name] {
    case nil, "false", "0": return false
    case "", "true", "1": return true
    case .some(let text): throw Refusal(at: name, "\(text) is neither true nor false")
    }
  }
}

/// Who asks, as the secrets say.
struct Caller: Sendable, Equatable {
  /// True where both secrets were shown: everything may be seen and done.
  var isOwner = false
  /// The instance whose element token was shown.
  var instance: Int64?

  func maySee(_ id: Int64) -> Bool { isOwner || instance == id }
}
