import Events

/// One run through a calendar, page by page.
///
/// A page token and a sync token are numbers that only this type reads:
///
///     page   1, calendar, generation, fingerprint of the query, head, major, minor
///     sync   2, calendar, generation, change number, timeMin, timeMax, birth
///
/// `head` is the newest change when the first page was asked for. The sync token of the last page
/// says `head`, so what changed while the pages were read comes in the next sync at the latest.
/// `birth` is the first change's time: a token from before a restart is dead, not misread.
struct EventListing {
  /// One event, or one occurrence of a series, on a page.
  struct Row: Sendable {
    var event: FakeEvent
    var shape: FakeCalendar.Shape
    /// Where the row stands in its listing; grows from row to row.
    var major: Int64
    var minor: Int64
  }

  struct Page: Sendable {
    var rows: [Row]
    var nextPageToken: String?
    var nextSyncToken: String?
  }

  private let calendar: FakeCalendar
  private var query: EventsQuery
  private var since: Int64?
  private var head: Int64
  private var major = Int64.min
  private var minor = Int64.min

  private static let pageKind: Int64 = 1
  private static let syncKind: Int64 = 2

  init(
    _ calendar: FakeCalendar, _ query: EventsQuery, at now: Moment
  ) throws(GoogleError) {
    self.calendar = calendar
    self.query = query
    head = calendar.log.head
    if let least = query.updatedMin,
      Moment(milliseconds: least) < now - FakeLimits.updatedMinAgeMax
    {
      throw .updatedMinTooLongAgo
    }
    if let token = query.syncToken { try resume(sync: token) }
    if let token = query.pageToken { try resume(page: token) }
  }

  /// Cuts the page that the query asks for from the listing.
  func page(_ distortion: PageDistortion = PageDistortion()) -> Page {
    let needed = distortion.rowsNeeded(most: query.pageItems)
    var rest: [Row] = []
    visit { row in
      rest.append(row)
      return rest.count < needed
    }
    let cut = distortion.page(of: rest, most: query.pageItems, log: calendar.versions) {
      $0.event.name.text
    }
    var page = Page(rows: cut.rows)
    if cut.hasMore {
      page.nextPageToken = pageToken(after: cut.anchor)
    } else if query.yieldsSyncToken {
      page.nextSyncToken = syncToken
    }
    return page
  }
}

// Tokens.
extension EventListing {
  private var calendarNumber: Int64 {
    Int64(OpaqueToken.fingerprint(calendar.id.utf8) >> 40)
  }

  private var syncToken: String {
    OpaqueToken.text([
      EventListing.syncKind, calendarNumber, calendar.generation, head,
      query.timeMin ?? Int64.min, query.timeMax ?? Int64.min, head == 0 ? 0 : calendar.birth,
    ])
  }

  private func pageToken(after row: Row?) -> String {
    OpaqueToken.text([
      EventListing.pageKind, calendarNumber, calendar.generation, query.fingerprint, head,
      row?.major ?? major, row?.minor ?? minor,
    ])
  }

  /// The newest change that a sync token stands for, dead or not; nil for what is none.
  static func change(ofSync token: String) -> Int64? {
    guard let numbers = OpaqueToken.numbers(token), numbers.count == 7, numbers[0] == syncKind
    else {
      return nil
    }
    return numbers[3]
  }

  private mutating func resume(sync token: String) throws(GoogleError) {
    guard let numbers = OpaqueToken.numbers(token), numbers.count == 7,
      numbers[0] == EventListing.syncKind, numbers[1] == calendarNumber
    else { throw .invalid("syncToken", "Invalid sync token value.") }
    guard numbers[2] == calendar.generation, numbers[3] >= calendar.log.floor,
      numbers[3] <= calendar.log.head, numbers[3] == 0 || numbers[6] == calendar.birth
    else { throw .fullSyncRequired }
    since = numbers[3]
    query.timeMin = numbers[4] == Int64.min ? nil : numbers[4]
    query.timeMax = numbers[5] == Int64.min ? nil : numbers[5]
  }

  private mutating func resume(page token: String) throws(GoogleError) {
    guard let numbers = OpaqueToken.numbers(token), numbers.count == 7,
      numbers[0] == EventListing.pageKind, numbers[1] == calendarNumber,
      numbers[3] == query.fingerprint
    else { throw .invalid("pageToken", "Invalid page token value.") }
    guard numbers[2] == calendar.generation || since == nil, numbers[4] <= calendar.log.head else {
      throw .fullSyncRequired
    }
    (head, major, minor) = (numbers[4], numbers[5], numbers[6])
  }
}

// The order of rows.
extension EventListing {
  /// Shows the rows after the token's place until the visitor has enough.
  private func visit(_ visitor: (Row) -> Bool) {
    if let since {
      visitChanges(since: since, visitor)
    } else if query.order == .place {
      visitPlaces(visitor)
    } else {
      visitSorted(visitor)
    }
  }

  private func visitChanges(since: Int64, _ visitor: (Row) -> Bool) {
    var change = max(since + 1, major)
    while change <= head {
      let event = calendar.events[calendar.log.place(ofChange: change)]
      // An event that changed again while pages were read is shown as it is now, and once more in
      // the next sync. Source: Calendar API guide, “Synchronize resources efficiently”.
      if event.change == change || event.change > head {
        guard show(event, major: change, visitor) else { return }
      }
      change += 1
    }
  }

  private func visitPlaces(_ visitor: (Row) -> Bool) {
    if let series = query.series {
      for place in [series] + (calendar.exceptions[series] ?? []) {
        guard show(calendar.events[place], major: Int64(place), visitor) else { return }
      }
      return
    }
    for place in Int(max(0, major))..<max(Int(max(0, major)), calendar.events.count) {
      guard show(calendar.events[place], major: Int64(place), visitor) else { return }
    }
  }

  private func visitSorted(_ visitor: (Row) -> Bool) {
    var rows: [Row] = []
    for (place, event) in calendar.events.enumerated() {
      for var row in self.rows(for: event) {
        row.major = query.order == .updated ? event.revision : row.event.start.seconds
        row.minor = query.order == .updated ? row.minor : Int64(place)
        if isAhead(row) { rows.append(row) }
      }
    }
    rows.sort { ($0.major, $0.minor) < ($1.major, $1.minor) }
    for row in rows { guard visitor(row) else { return } }
  }

  private func show(_ event: FakeEvent, major: Int64, _ visitor: (Row) -> Bool) -> Bool {
    for var row in rows(for: event) {
      row.major = major
      guard !isAhead(row) || visitor(row) else { return false }
    }
    return true
  }

  private func isAhead(_ row: Row) -> Bool {
    (row.major, row.minor) > (major, minor)
  }
}

// What an event contributes.
extension EventListing {
  /// No row, one, or one an occurrence; `minor` orders the occurrences.
  private func rows(for event: FakeEvent) -> [Row] {
    if let least = query.updatedMin, event.updated < least { return [] }
    guard query.wants(event) else { return [] }
    if query.singleEvents, event.recurrence != nil { return occurrences(of: event) }
    if event.isCancelled { return isShownCancelled(event) ? [row(event, .stub)] : [] }
    if query.hasWindow, !query.covers(start: event.start.seconds, end: lastEnd(of: event)) {
      // Whoever follows a window has to hear that an event left it.
      return since == nil ? [] : [row(event, .stub)]
    }
    return [row(event, .whole)]
  }

  private func occurrences(of master: FakeEvent) -> [Row] {
    guard let place = calendar.place(of: master.name), let rule = master.recurrence else {
      return []
    }
    if master.isCancelled, !isShownCancelled(master) { return [] }
    let taken = calendar.exceptionStarts(of: place)
    var starts = rule.starts(from: master.start).map { ($0, master.isCancelled) }
    if query.announcesDeletions {
      starts += (master.details?.dropped ?? []).map { ($0, true) }
      starts.sort { $0.0 < $1.0 }
    }
    return starts.compactMap { start, isGone in
      guard !taken.contains(start) else { return nil }
      var event = calendar.occurrence(of: master, at: start)
      guard query.covers(start: start, end: start + master.duration) else { return nil }
      if isGone { event.status = .cancelled }
      return row(event, isGone ? .stub : .whole)
    }
  }

  private func isShownCancelled(_ event: FakeEvent) -> Bool {
    guard !calendar.isForgotten(event) else { return false }
    if query.showDeleted == true || query.announcesDeletions { return true }
    return !query.singleEvents && calendar.hasLivingSeries(event)
  }

  private func row(_ event: FakeEvent, _ shape: FakeCalendar.Shape) -> Row {
    // Deleted events keep their details only for those who asked for deleted events; a cancelled
    // occurrence promises no more than which one it was. Source: Calendar API v3, `Event.status`.
    let hasDetails = query.showDeleted == true && !event.isException && event.isCancelled
    let minor = event.details?.originalStart?.seconds ?? 0
    return Row(event: event, shape: hasDetails ? .whole : shape, major: 0, minor: minor)
  }

  private func lastEnd(of event: FakeEvent) -> Int64 {
    guard let rule = event.recurrence else { return event.end.seconds }
    guard rule.isBounded else { return Int64.max }
    return (rule.starts(from: event.start).last ?? event.start.seconds) + event.duration
  }
}
