import Daybook
import Events
import HTTPTypes
import RawJSON

/// Filters of the lists, named as the flags of the commands.
enum Filters {
  static let at = Parameter.query(
    "at", .text, "Answers as of that event: a position, head-3, or a time.")

  private static let all: [(parameter: Parameter, isOf: @Sendable (RowTable) -> Bool)] = [
    (.query("type", .text, "Of that type.", isRepeated: true), { $0 == .events || $0 == .changes }),
    (
      .query("status", .word(Journal.Deliveries.states), "In that state.", isRepeated: true),
      {
        $0 == .deliveries
      }
    ),
    (
      .query("instance", .words, "Of that instance: its id, or its name."),
      knows { $0.instance = 1 }
    ),
    (.query("resource", .text, "Of that key of the configuration."), knows { $0.resource = "r" }),
    (.query("object", .text, "Of that objectId."), knows { $0.object = "o" }),
    (
      .query("since", .text, "Recorded then or later."),
      knows {
        $0.since = Moment(milliseconds: 0)
      }
    ),
    (.query("until", .text, "Recorded before then."), knows { $0.until = Moment(milliseconds: 0) }),
    (
      .query("after", .text, "After that position; 0 begins with the first event."),
      knows { $0.after = 1 }
    ),
    (.query("before", .text, "Before that position."), knows { $0.before = 1 }),
    (.query("open", .isThere, "Leaves out what is settled."), { $0 == .notices }),
    (
      .query(
        "limit", .whole(0...1_000_000),
        "The newest so many, or the first from `after` or `since`; all where it is left out."),
      { _ in
        true
      }
    ),
    (.query("reverse", .isThere, "The newest first."), { _ in true }),
  ]

  /// The filters that a list knows.
  static func parameters(of table: RowTable) -> [Parameter] {
    all.filter { $0.isOf(table) }.map(\.parameter)
  }

  private static func knows(
    _ set: @escaping @Sendable (inout Selection) -> Void
  ) -> @Sendable (RowTable) -> Bool {
    { table in
      var part = Selection()
      set(&part)
      return part.filter(unknownTo: table) == nil
    }
  }

  /// The part of a list that the query names; of a token’s instance alone where only that is shown.
  static func part(of table: RowTable, _ call: Call) async throws -> Selection {
    var part = Selection()
    part.types = call.query.all("type").map { table == .changes ? $0.uppercased() : $0 }
    try check(part.types, of: table)
    part.statuses = call.query.all("status")
    for status in part.statuses where !Journal.Deliveries.states.contains(status) {
      throw Refusal(at: "status", "there is no state \(status)")
    }
    if let text = call.query["instance"] {
      part.instance = try await call.instance(named: text)
    }
    if !call.caller.isOwner {
      part.instance = call.caller.instance
      if let unknown = part.filter(unknownTo: table), unknown == "instance" {
        throw Trouble(
          .forbidden, "forbidden", "\(table.name) needs the User and the Organization secret")
      }
    }
    part.resource = call.query["resource"]
    part.object = call.query["object"]
    part.since = try call.moment("since")
    part.until = try call.moment("until")
    if let text = call.query["after"] { part.after = try await call.position(text, at: "after") }
    if let text = call.query["before"] { part.before = try await call.position(text, at: "before") }
    part.isOpen = try call.flag("open")
    part.limit = try call.whole("limit", 0...1_000_000)
    part.isReversed = try call.flag("reverse")
    return part
  }

  private static func check(_ types: [String], of table: RowTable) throws(Refusal) {
    let known =
      table == .changes ? ChangeKind.allCases.map(\.rawValue) : Array(Event.readers.keys)
    for type in types where !known.contains(type) {
      throw Refusal(at: "type", "there is no type \(type)")
    }
  }

  /// The journal as of where the query says.
  ///
  /// - Parameter journal: One with connections of its own; nil: the one that all share.
  static func journal(_ call: Call, of journal: Journal? = nil) async throws -> Journal {
    let journal = journal ?? call.journal
    guard let text = call.query["at"] else { return journal }
    return try await journal.at(try await call.position(text, at: "at"))
  }
}
