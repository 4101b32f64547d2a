/// Which calendars a user sees, and the log of what joined and left.
package struct StandInCalendarList: Sendable {
  /// One calendar in the list.
  package struct Row: Sendable, Equatable {
    package var id: String
    package var isDeleted: Bool
    /// The number of its last change in this list.
    package var change: Int64
  }

  /// In the order in which they joined.
  package private(set) var rows: [Row] = []
  package private(set) var head: Int64 = 0
  /// Sync tokens of an earlier generation are dead.
  var generation: Int64 = 0

  /// Notes that a calendar joined, left or changed its face.
  mutating func touch(_ id: String, isDeleted: Bool) {
    head += 1
    let row = Row(id: id, isDeleted: isDeleted, change: head)
    if let place = rows.firstIndex(where: { $0.id == id }) {
      rows[place] = row
    } else {
      rows.append(row)
    }
  }

  func holds(_ id: String) -> Bool {
    rows.contains { $0.id == id && !$0.isDeleted }
  }
}

// A page of the list.
extension StandInGoogle {
  private static let pageKind: Int64 = 3
  private static let syncKind: Int64 = 4

  /// Answers `calendarList.list`.
  func calendarListAnswer(_ call: CalendarCall, user: String) throws(GoogleError) -> StandInAnswer {
    guard let list = calendarLists[user] else { throw .notFound }
    let query = try CalendarListQuery(call.target.query)
    let (since, head, from) = try resume(query, in: list)
    let rows = list.rows.enumerated().filter { place, row in
      place >= from && (since.map { row.change > $0 } ?? (!row.isDeleted || query.showDeleted))
    }
    let page = rows.prefix(query.pageItems)
    let text = JSONText.object(isPretty: call.isPretty) { text in
      text.field("kind", "calendar#calendarList")
      text.field("etag", "\"p32\(String(list.head * 8 + list.generation, radix: 32))g\"")
      if let last = page.last, page.count < rows.count {
        let numbers = [
          StandInGoogle.pageKind, list.generation, query.fingerprint, head, Int64(last.offset + 1),
        ]
        text.field("nextPageToken", OpaqueToken.text(numbers))
      } else {
        let numbers = [StandInGoogle.syncKind, list.generation, head]
        text.field("nextSyncToken", OpaqueToken.text(numbers))
      }
      text.arrayField("items") { text in
        for (_, row) in page {
          text.element()
          write(row, user: user, to: &text)
        }
      }
    }
    return .json(200, text)
  }

  private func resume(
    _ query: CalendarListQuery, in list: StandInCalendarList
  ) throws(GoogleError) -> (since: Int64?, head: Int64, from: Int) {
    var since: Int64?
    if let token = query.syncToken {
      guard let numbers = OpaqueToken.numbers(token), numbers.count == 3,
        numbers[0] == StandInGoogle.syncKind
      else { throw .invalid("syncToken", "Invalid sync token value.") }
      guard numbers[1] == list.generation, numbers[2] <= list.head else { throw .fullSyncRequired }
      since = numbers[2]
    }
    guard let token = query.pageToken else { return (since, list.head, 0) }
    guard let numbers = OpaqueToken.numbers(token), numbers.count == 5,
      numbers[0] == StandInGoogle.pageKind, numbers[2] == query.fingerprint,
      let from = Int(exactly: numbers[4])
    else { throw .invalid("pageToken", "Invalid page token value.") }
    return (since, numbers[3], from)
  }

  /// One entry, as `calendarList.get` shows it too.
  func write(_ row: StandInCalendarList.Row, user: String, to text: inout JSONText) {
    text.object { text in
      text.field("kind", "calendar#calendarListEntry")
      text.field("etag", "\"\(1_700_000_000_000_000 + row.change * 2)\"")
      text.field("id", row.id)
      guard let calendar = calendars[row.id], !row.isDeleted else {
        text.field("deleted", true)
        return
      }
      let face = calendar.face
      text.field("summary", face.summary)
      if let description = face.description { text.field("description", description) }
      text.field("timeZone", face.timeZone)
      text.field("colorId", "14")
      text.field("backgroundColor", "#9fe1e7")
      text.field("foregroundColor", "#000000")
      text.field("selected", true)
      text.field("accessRole", face.role)
      text.arrayField("defaultReminders") { writeReminder(to: &$0) }
      if calendar.isPrimary { text.field("primary", true) }
      writeConference(to: &text)
      if !calendar.isPrimary { text.field("dataOwner", face.owner) }
    }
  }

  func writeReminder(to text: inout JSONText) {
    text.element()
    text.object { text in
      text.field("method", "popup")
      text.field("minutes", 10)
    }
  }

  func writeConference(to text: inout JSONText) {
    text.objectField("conferenceProperties") { text in
      text.arrayField("allowedConferenceSolutionTypes") { text in
        text.element()
        text.value(.text("hangoutsMeet"))
      }
    }
  }
}

/// The parameters of `calendarList.list` that the stand-in reads.
struct CalendarListQuery: Sendable {
  var pageItems = SandboxLimits.calendarListItemsDefault
  var pageToken: String?
  var syncToken: String?
  var showDeleted = false
  var fingerprint: Int64

  init(_ parameters: [Target.Parameter]) throws(GoogleError) {
    let same = parameters.filter { $0.name != "pageToken" }.map { "\($0.name)=\($0.value)" }
    fingerprint = Int64(OpaqueToken.fingerprint(same.sorted().joined(separator: "&").utf8) >> 16)
    for parameter in parameters {
      switch parameter.name {
      case "maxResults":
        guard let number = Int(parameter.value), number > 0 else {
          throw .invalid("maxResults", "Invalid value for maxResults: \(parameter.value)")
        }
        pageItems = min(number, SandboxLimits.calendarListItemsMax)
      case "pageToken": pageToken = parameter.value
      case "syncToken": syncToken = parameter.value
      case "showDeleted": showDeleted = try EventsQuery.flag(parameter)
      default: break
      }
    }
    let forbidden = parameters.contains {
      $0.name == "minAccessRole"
        || ["showDeleted", "showHidden"].contains($0.name) && $0.value == "false"
    }
    if syncToken != nil, forbidden { throw .syncWithRestrictions }
  }
}
