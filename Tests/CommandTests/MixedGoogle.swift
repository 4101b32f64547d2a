import RawJSON

/// What the sandbox's Google holds for a mixture, and the people who change it.
struct MixedGoogle {
  static let groups = "changed-groups"
  static let mail = "changed-messages"
  static let dated = "primary-by-dates"
  static let holidays = "en.example#holiday@group.v.calendar.google.com"

  let stage: Stage
  var chance: SeededChance
  /// Every mark that an object ever had, by its name; what is not there was never made.
  private(set) var marks: [String: Set<String>] = [:]
  /// Calendars that joined and have not left.
  private(set) var shared: [String] = []
  /// Ids of what was made and not removed here; the sandbox may have let some of it vanish.
  private var living: [String: [String]] = [:]
  private var made = 0

  init(stage: Stage, chance: SeededChance) {
    self.stage = stage
    self.chance = chance
  }

  /// The key in the configuration under which a calendar's events are told.
  static func resource(of calendar: String) -> String { "calendars/\(calendar)/changed-events" }

  /// An object's name over all of Google: what is polled by dates is told of twice.
  static func name(_ resource: String, _ id: String) -> String {
    "\(resource == dated ? Stage.resource : resource) \(id)"
  }

  /// How many objects there are, as far as is known here.
  var livingCount: Int { living.values.reduce(0) { $0 + $1.count } }

  var calendars: [String] { ["primary", MixedGoogle.holidays] + shared }

  private static func path(of calendar: String) -> String {
    "/sandbox/calendars/\(calendar.replacing("#", with: "%23"))"
  }

  // MARK: Changes

  /// Changes a few things.
  ///
  /// - Parameter isKnown: Whether nothing new is made, so that everything that changes is known.
  mutating func change(_ times: Int, isKnown: Bool = false) async throws {
    for _ in 0..<times {
      let old = [10, 11, 12, 13, 14, 15, 16, 17]
      switch isKnown ? chance.pick(old) ?? 10 : chance.number(0...18) {
      case 0...3: try await createEvent()
      case 4...5: try await createGroup()
      case 6...8: try await insertMessage()
      case 9: try await join()
      case 10...11: try await renameEvent()
      case 12: try await cancelEvent()
      case 13: try await renameGroup()
      case 14: try await deleteGroup()
      case 15...16: try await label()
      case 17: try await deleteMessage()
      default: try await leave()
      }
    }
  }

  /// Tells the sandbox; nil where what is to be changed is gone.
  private func write(
    _ method: String, _ path: String, _ body: String? = nil
  ) async throws -> JSON? {
    do {
      return try await stage.tell(method, path, body)
    } catch is Missing {
      return nil
    }
  }

  /// Notes what became of an object.
  private mutating func note(
    _ resource: String, _ id: String, _ object: JSON?, isNew: Bool = false
  ) {
    guard let object else { return forget(resource, id) }
    marks[MixedGoogle.name(resource, id), default: []].insert(MixedGoogle.mark(of: object))
    if isNew { living[resource, default: []].append(id) }
  }

  private mutating func forget(_ resource: String, _ id: String) {
    living[resource]?.removeAll { $0 == id }
  }

  private mutating func title() -> String {
    made += 1
    return "Number \(made)"
  }

  private mutating func createEvent() async throws {
    guard let calendar = chance.pick(calendars) else { return }
    let title = title()
    let body =
      #"{"summary":"\#(title)","start":{"dateTime":"2026-12-07T09:00:00Z"},"#
      + #""end":{"dateTime":"2026-12-07T10:00:00Z"}}"#
    let event = try await write("POST", MixedGoogle.path(of: calendar) + "/events", body)
    guard let id = event?["id"]?.text else { return }
    note(MixedGoogle.resource(of: calendar), id, event, isNew: true)
  }

  /// A calendar with an event in it.
  private mutating func anyEvent() -> (calendar: String, id: String)? {
    let filled = calendars.filter { living[MixedGoogle.resource(of: $0)]?.isEmpty == false }
    guard let calendar = chance.pick(filled) else { return nil }
    return chance.pick(living[MixedGoogle.resource(of: calendar)] ?? []).map { (calendar, $0) }
  }

  private mutating func renameEvent() async throws {
    guard let (calendar, id) = anyEvent() else { return }
    let title = title()
    let event = try await write(
      "PATCH", MixedGoogle.path(of: calendar) + "/events/\(id)", #"{"summary":"\#(title)"}"#)
    note(MixedGoogle.resource(of: calendar), id, event)
  }

  private mutating func cancelEvent() async throws {
    guard let (calendar, id) = anyEvent() else { return }
    _ = try await write("DELETE", MixedGoogle.path(of: calendar) + "/events/\(id)")
    forget(MixedGoogle.resource(of: calendar), id)
  }

  private mutating func createGroup() async throws {
    let body = #"{"contactGroup":{"name":"\#(title())"}}"#
    let group = try await write("POST", "/sandbox/v1/contactGroups", body)
    guard let id = group.flatMap(MixedGoogle.groupId) else { return }
    note(MixedGoogle.groups, id, group, isNew: true)
  }

  private mutating func renameGroup() async throws {
    guard let id = chance.pick(living[MixedGoogle.groups] ?? []) else { return }
    let body = #"{"contactGroup":{"name":"\#(title())"}}"#
    let group = try await write("PUT", "/sandbox/v1/contactGroups/\(id)", body)
    note(MixedGoogle.groups, id, group)
  }

  private mutating func deleteGroup() async throws {
    guard let id = chance.pick(living[MixedGoogle.groups] ?? []) else { return }
    _ = try await write("DELETE", "/sandbox/v1/contactGroups/\(id)")
    forget(MixedGoogle.groups, id)
  }

  private static let box = "/sandbox/gmail/v1/users/me/messages"

  private mutating func insertMessage() async throws {
    let body =
      #"{"labelIds":["INBOX","UNREAD"],"payload":{"headers":[{"name":"Subject","#
      + #""value":"\#(title())"}],"body":{"data":"SGVsbG8"}}}"#
    let message = try await write("POST", MixedGoogle.box, body)
    guard let id = message?["id"]?.text else { return }
    note(MixedGoogle.mail, id, message, isNew: true)
  }

  private mutating func label() async throws {
    guard let id = chance.pick(living[MixedGoogle.mail] ?? []) else { return }
    let verb = chance.happens(permille: 500) ? "add" : "remove"
    let name = chance.pick(["UNREAD", "STARRED", "INBOX", "TRASH"]) ?? ""
    let message = try await write(
      "POST", MixedGoogle.box + "/\(id)/modify", #"{"\#(verb)LabelIds":["\#(name)"]}"#)
    note(MixedGoogle.mail, id, message)
  }

  private mutating func deleteMessage() async throws {
    guard let id = chance.pick(living[MixedGoogle.mail] ?? []) else { return }
    _ = try await write("DELETE", MixedGoogle.box + "/\(id)")
    forget(MixedGoogle.mail, id)
  }

  /// Another calendar joins the list; one that left does not come back under its name.
  private mutating func join() async throws {
    guard shared.count < 3 else { return }
    made += 1
    let id = "crew\(made)@group.calendar.google.com"
    try await stage.tell("POST", "/sandbox/calendars", #"{"id":"\#(id)"}"#)
    shared.append(id)
  }

  private mutating func leave() async throws {
    guard let id = chance.pick(shared) else { return }
    try await stage.tell("DELETE", "/sandbox/calendars/\(id)")
    shared.removeAll { $0 == id }
    living[MixedGoogle.resource(of: id)] = nil
  }

  /// Something that is there, to be left out of a list.
  mutating func anyId() -> String? { chance.pick(living.values.flatMap { $0 }.sorted()) }
}

// MARK: What is there

extension MixedGoogle {
  /// What tells one state of an object from another: the etag; of a message its labels.
  static func mark(of object: JSON) -> String {
    object["etag"]?.text ?? object["labelIds"]?.elements.map { labels in
      labels.compactMap(\.text).sorted().joined(separator: ",")
    } ?? ""
  }

  private static func groupId(_ group: JSON) -> String? {
    group["resourceName"]?.text.map { String($0.dropFirst("contactGroups/".count)) }
  }

  /// The marks of everything that is there, by resource and id.
  func listed() async throws -> [String: [String: String]] {
    var found: [String: [String: String]] = [:]
    for calendar in calendars {
      var events: [String: String] = [:]
      let path = MixedGoogle.path(of: calendar) + "/events?maxResults=2500"
      for event in try await stage.tell("GET", path)["items"]?.elements ?? [] {
        if let id = event["id"]?.text { events[id] = MixedGoogle.mark(of: event) }
      }
      found[MixedGoogle.resource(of: calendar)] = events
    }
    var groups: [String: String] = [:]
    let list = try await stage.tell("GET", "/sandbox/v1/contactGroups?pageSize=1000")
    for group in list["contactGroups"]?.elements ?? [] {
      if let id = MixedGoogle.groupId(group) { groups[id] = MixedGoogle.mark(of: group) }
    }
    found[MixedGoogle.groups] = groups
    var messages: [String: String] = [:]
    let box = try await stage.tell(
      "GET", MixedGoogle.box + "?maxResults=500&includeSpamTrash=true")
    for message in box["messages"]?.elements ?? [] {
      guard let id = message["id"]?.text else { continue }
      messages[id] = MixedGoogle.mark(of: try await stage.tell("GET", MixedGoogle.box + "/\(id)"))
    }
    found[MixedGoogle.mail] = messages
    return found
  }
}
