import Events

/// Which calendars a user sees, and the log of what joined and left.
package struct FakeCalendarList: Sendable {
  /// One calendar in the list.
  package struct Row: Sendable, Equatable {
    package var id: String
    package var isDeleted: Bool
    /// How the user wants it shown: `hidden`, `selected`, `colorId`, `summaryOverride`.
    var looks: [String: LooseJSON] = [:]
    /// The number of its last change in this list.
    package var change: Int64
  }

  /// Every version of each row, and how far the followers of the list have come.
  package internal(set) var versions: VersionLog
  /// In the order in which they joined.
  package private(set) var rows: [Row] = []
  package private(set) var head: Int64 = 0
  /// Sync tokens of an earlier generation are dead.
  var generation: Int64 = 0

  init(keepsVersions: Bool = false) {
    versions = VersionLog(isKept: keepsVersions)
  }

  /// Notes that a calendar joined, left or changed its face.
  ///
  /// - Parameter looks: How the user wants it shown; nil for as before.
  mutating func touch(
    _ id: String, isDeleted: Bool, looks: [String: LooseJSON]? = nil, at now: Moment
  ) {
    head += 1
    let etag = FakeCalendarList.etag(head)
    versions.append(
      FakeVersion(change: head, etag: etag, isDeleted: isDeleted, since: now), of: id)
    var row = Row(id: id, isDeleted: isDeleted, change: head)
    if let place = rows.firstIndex(where: { $0.id == id }) {
      row.looks = looks ?? rows[place].looks
      rows[place] = row
    } else {
      row.looks = looks ?? [:]
      rows.append(row)
    }
  }

  static func etag(_ change: Int64) -> String { "\"\(1_700_000_000_000_000 + change * 2)\"" }

  /// The row of a calendar that is in the list.
  func row(_ id: String) -> Row? {
    rows.first { $0.id == id && !$0.isDeleted }
  }

  func holds(_ id: String) -> Bool {
    rows.contains { $0.id == id && !$0.isDeleted }
  }
}

// A page of the list.
extension FakeGoogle {
  private static let pageKind: Int64 = 3
  private static let syncKind: Int64 = 4

  /// Answers `calendarList.list`.
  mutating func calendarListAnswer(
    _ call: CalendarCall, user: String
  ) throws(GoogleError) -> FakeAnswer {
    let query = try CalendarListQuery(call.target.query)
    if query.pageToken == nil, let numbers = query.syncToken.flatMap(OpaqueToken.numbers),
      numbers.count == 3, numbers[0] == FakeGoogle.syncKind
    {
      calendarLists[user]?.versions.follow(numbers[2])
    }
    guard let list = calendarLists[user] else { throw .notFound }
    let (since, head, from) = try resume(query, in: list)
    let rows = list.rows.enumerated().filter { place, row in
      let isHidden = row.looks["hidden"] == .bool(true) && !query.showHidden
      return place >= from
        && (since.map { row.change > $0 } ?? (!row.isDeleted && !isHidden || query.showDeleted))
        && query.allows(calendars[row.id]?.role(for: user))
    }
    let page = call.distortion.page(of: rows, most: query.pageItems, log: list.versions) {
      $0.element.id
    }
    let text = JSONText.object(isPretty: call.isPretty) { text in
      text.field("kind", "calendar#calendarList")
      text.field("etag", "\"p32\(String(list.head * 8 + list.generation, radix: 32))g\"")
      if page.hasMore {
        let next = page.anchor.map { Int64($0.offset + 1) } ?? Int64(from)
        let numbers = [FakeGoogle.pageKind, list.generation, query.fingerprint, head, next]
        text.field("nextPageToken", OpaqueToken.text(numbers))
      } else {
        let numbers = [FakeGoogle.syncKind, list.generation, head]
        text.field("nextSyncToken", OpaqueToken.text(numbers))
      }
      text.arrayField("items") { text in
        for (_, row) in page.rows {
          text.element()
          write(row, user: user, to: &text)
        }
      }
    }
    return .json(200, text)
  }

  private func resume(
    _ query: CalendarListQuery, in list: FakeCalendarList
  ) throws(GoogleError) -> (since: Int64?, head: Int64, from: Int) {
    var since: Int64?
    if let token = query.syncToken {
      guard let numbers = OpaqueToken.numbers(token), numbers.count == 3,
        numbers[0] == FakeGoogle.syncKind
      else { throw .invalid("syncToken", "Invalid sync token value.") }
      guard numbers[1] == list.generation, numbers[2] <= list.head else { throw .fullSyncRequired }
      since = numbers[2]
    }
    guard let token = query.pageToken else { return (since, list.head, 0) }
    guard let numbers = OpaqueToken.numbers(token), numbers.count == 5,
      numbers[0] == FakeGoogle.pageKind, numbers[2] == query.fingerprint,
      let from = Int(exactly: numbers[4])
    else { throw .invalid("pageToken", "Invalid page token value.") }
    guard numbers[1] == list.generation || since == nil else { throw .fullSyncRequired }
    return (since, numbers[3], from)
  }

  /// One entry, as `calendarList.get` shows it too.
  func write(_ row: FakeCalendarList.Row, user: String, to text: inout JSONText) {
    text.object { text in
      text.field("kind", "calendar#calendarListEntry")
      text.field("etag", FakeCalendarList.etag(row.change))
      text.field("id", row.id)
      guard let calendar = calendars[row.id], !row.isDeleted else {
        text.field("deleted", true)
        return
      }
      let face = calendar.face
      let isOwn = calendar.isPrimary && face.owner == user
      text.field("summary", face.summary)
      if let name = row.looks["summaryOverride"] { text.field("summaryOverride", name) }
      if let description = face.description { text.field("description", description) }
      text.field("timeZone", face.timeZone)
      text.field("colorId", row.looks["colorId"] ?? .text("14"))
      text.field("backgroundColor", "#9fe1e7")
      text.field("foregroundColor", "#000000")
      if row.looks["hidden"] == .bool(true) { text.field("hidden", true) }
      if row.looks["selected"] != .bool(false) { text.field("selected", true) }
      text.field("accessRole", calendar.role(for: user))
      text.arrayField("defaultReminders") { writeReminder(to: &$0) }
      if isOwn { text.field("primary", true) }
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
