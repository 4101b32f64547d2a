import Daybook
import Events
import RawJSON

/// A JSON object that a request brings, read member by member; a member that nobody knows is
/// refused, as a misspelt one would do something else.
struct Form: Sendable {
  private let members: Members
  private let path: String

  /// - Parameter names: The members that it may have.
  /// - Throws: `Refusal` for what is no object, and with the path of an unknown member. An empty
  ///   body is an empty object.
  init(_ call: Call, _ names: [String]) throws(Refusal) {
    try self.init(call.body.isEmpty ? .object(Members()) : call.json(), names, at: "")
  }

  private init(_ json: JSON, _ names: [String], at path: String) throws(Refusal) {
    guard let members = json.members else {
      throw path.isEmpty
        ? Refusal(.invalid, "the body has to be a JSON object")
        : Refusal(at: path, "has to be an object")
    }
    self.members = members
    self.path = path
    for member in members {
      guard names.contains(member.name) else {
        throw Refusal(
          at: place(member.name),
          "there is no such member; there are \(names.joined(separator: ", "))")
      }
      guard members.count(where: { $0.name == member.name }) == 1 else {
        throw Refusal(at: place(member.name), "stands twice")
      }
    }
  }

  func place(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

  /// As it came.
  var text: String { String(decoding: JSON.object(members).bytes(), as: UTF8.self) }

  /// The value; nil where it is left out.
  private func value(_ name: String) -> JSON? { members[name] }

  func optionalText(_ name: String) throws(Refusal) -> String? {
    guard let value = value(name) else { return nil }
    guard let text = value.text, !text.isEmpty else {
      throw Refusal(at: place(name), "has to be a string that is not empty")
    }
    return text
  }

  func text(_ name: String) throws(Refusal) -> String {
    guard let text = try optionalText(name) else { throw missing(name) }
    return text
  }

  func texts(_ name: String) throws(Refusal) -> [String] {
    guard let value = value(name) else { return [] }
    let texts = value.elements?.compactMap(\.text)
    guard let texts, texts.count == value.elements?.count else {
      throw Refusal(at: place(name), "has to be an array of strings")
    }
    return texts
  }

  func flag(_ name: String) throws(Refusal) -> Bool {
    guard let value = value(name) else { return false }
    guard let flag = value.flag else { throw Refusal(at: place(name), "has to be true or false") }
    return flag
  }

  func whole(_ name: String, _ range: ClosedRange<Int>) throws(Refusal) -> Int? {
    guard let value = value(name) else { return nil }
    guard let number = value.integer, range.contains(number) else {
      throw Refusal(
        at: place(name),
        "has to be a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  func form(_ name: String, _ names: [String]) throws(Refusal) -> Form {
    try Form(value(name) ?? .object(Members()), names, at: place(name))
  }

  /// An instance that the caller may see; of an element token its own where none is named.
  func optionalInstance(_ call: Call, _ name: String = "instance") throws(Refusal) -> Int64? {
    guard let number = try whole(name, 1...Int.max) else {
      return call.caller.isOwner ? nil : call.caller.instance
    }
    try call.check(Int64(number))
    return Int64(number)
  }

  func instance(_ call: Call) throws(Refusal) -> Int64 {
    guard let id = try optionalInstance(call) else { throw missing("instance") }
    return id
  }

  func moment(_ name: String, _ journal: Journal) throws(Refusal) -> Moment? {
    guard let text = try optionalText(name) else { return nil }
    guard let moment = journal.moment(text) else {
      throw Refusal(
        at: place(name), "\(text) is no time; use \(Journal.timeForms)")
    }
    return moment
  }

  func missing(_ name: String) -> Refusal { Refusal(at: place(name), "is missing") }
}
