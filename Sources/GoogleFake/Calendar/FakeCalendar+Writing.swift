package import Events

/// Inserts, updates, patches, deletes and moves events.
extension FakeCalendar {
  /// Adds what a body describes.
  mutating func insert(
    _ body: LooseJSON, at now: Moment, random: inout FakeRandom
  ) throws(GoogleError) -> Int {
    guard !isFull else { throw .full }
    var name = EventName(drawnFrom: &random)
    if let id = body["id"]?.string {
      guard EventName.isAllowed(id) else { throw .invalid("id", "Invalid resource id value.") }
      name = EventName(id)
      guard place(of: name) == nil else { throw .duplicate }
    }
    let blank = EventTime(seconds: 0)
    var event = FakeEvent(
      name: name, created: now.milliseconds / 1_000, updated: 0, revision: 0, change: 0,
      start: blank, end: blank)
    try EventDraft(body, isWhole: true).apply(to: &event)
    return add(event, at: now)
  }

  /// Changes an event, or an occurrence of a series, which so becomes an exception.
  ///
  /// - Parameter isWhole: Whether the body stands for the whole event (update) or names what
  ///   changes (patch).
  mutating func edit(
    _ id: String, with body: LooseJSON, isWhole: Bool, at now: Moment
  ) throws(GoogleError) -> Int {
    let draft = EventDraft(body, isWhole: isWhole)
    guard let place = remembered(EventName(id)) else {
      guard var event = occurrence(id), !isFull else { throw .notFound }
      try draft.apply(to: &event)
      return add(event, at: now)
    }
    guard !events[place].isBare else { throw .notFound }
    var event = events[place]
    let former = event
    try draft.apply(to: &event)
    if former.recurrence != event.recurrence || former.start != event.start {
      reconcile(place, from: former, to: &event, at: now)
    }
    if event.start != former.start || event.end != former.end { event.sequence += 1 }
    if event.isCancelled, !former.isCancelled { cancelExceptions(of: place, at: now) }
    change(place, at: now, isQuiet: draft.touchesRemindersOnly) { $0 = event }
    return place
  }

  /// Cancels an event, with the exceptions of a series, or one occurrence.
  mutating func cancel(_ id: String, at now: Moment) throws(GoogleError) {
    guard let place = remembered(EventName(id)) else {
      guard var event = occurrence(id), !isFull else { throw .notFound }
      event.status = .cancelled
      add(event, at: now)
      return
    }
    guard !events[place].isCancelled else { throw .deleted }
    cancelExceptions(of: place, at: now)
    change(place, at: now) { $0.status = .cancelled }
  }

  private mutating func cancelExceptions(of place: Int, at now: Moment) {
    for exception in exceptions[place] ?? [] where !events[exception].isCancelled {
      change(exception, at: now) { $0.status = .cancelled }
    }
  }

  /// Takes an event out for another calendar and leaves a stub that shows only its id.
  mutating func give(_ id: String, at now: Moment) throws(GoogleError) -> FakeEvent {
    guard let place = remembered(EventName(id)) else { throw .notFound }
    let event = events[place]
    guard !event.isCancelled else { throw .deleted }
    guard event.recurrence == nil, !event.isException else {
      throw GoogleError(
        400, "cannotChangeOrganizerOfInstance", "Cannot change the organizer of an instance.",
        domain: "calendar")
    }
    change(place, at: now) {
      $0.status = .cancelled
      $0.isBare = true
    }
    return event
  }

  /// Puts in what another calendar gave.
  mutating func take(_ event: FakeEvent, at now: Moment) throws(GoogleError) -> Int {
    guard !isFull else { throw .full }
    guard let place = place(of: event.name) else { return add(event, at: now) }
    guard events[place].isCancelled else { throw .duplicate }
    change(place, at: now) { $0 = event }
    return place
  }

  /// Adds many plain events of one title, an hour each, numbered from 1.
  package mutating func generate(
    count: Int, title: String, at now: Moment, random: inout FakeRandom
  ) {
    let room = max(0, min(count, FakeLimits.eventsMax - events.count))
    reserve(room)
    let hour: Int64 = 3_600
    let first = (now.milliseconds / 1_000 / hour + 1) * hour
    for ordinal in 0..<room {
      let start = EventTime(seconds: first + Int64(ordinal) * hour)
      add(
        FakeEvent(
          name: EventName(drawnFrom: &random), created: now.milliseconds / 1_000, updated: 0,
          revision: 0, change: 0, start: start, end: start.moved(to: start.seconds + hour),
          title: title, ordinal: Int32(ordinal + 1)),
        at: now)
    }
  }

  /// The occurrence that an id such as `<master>_20261123T080000Z` names, while it is no exception.
  func occurrence(_ id: String) -> FakeEvent? {
    guard let cut = id.utf8.lastIndex(of: UInt8(ascii: "_")),
      let start = EventTime.seconds(ofStamp: id[id.index(after: cut)...]),
      let place = place(of: EventName(String(id[..<cut])))
    else { return nil }
    let master = events[place]
    guard !master.isCancelled, let rule = master.recurrence,
      rule.starts(from: master.start).contains(start)
    else { return nil }
    let event = occurrence(of: master, at: start)
    return event.name.text == id ? event : nil
  }

  /// One occurrence of a series as an event of its own, still with the etag of the series.
  func occurrence(of master: FakeEvent, at start: Int64) -> FakeEvent {
    var event = master
    let original = master.start.moved(to: start)
    event.name = .given("\(master.name.text)_\(original.stamp)")
    event.start = original
    event.end = master.end.moved(to: start + master.duration)
    event.details = EventDetails(
      .init(extras: master.details?.extras ?? [:], series: master.name, originalStart: original))
    return event
  }

  /// The original starts that exceptions of a series stand in for.
  func exceptionStarts(of place: Int) -> Set<Int64> {
    Set((exceptions[place] ?? []).compactMap { events[$0].details?.originalStart?.seconds })
  }

  /// Cancels exceptions that a changed rule has no place for, and remembers the starts it dropped.
  private mutating func reconcile(
    _ place: Int, from former: FakeEvent, to event: inout FakeEvent, at now: Moment
  ) {
    let before = former.recurrence?.starts(from: former.start) ?? []
    let after = Set(event.recurrence?.starts(from: event.start) ?? [])
    var value = event.details?.value ?? .init()
    value.dropped = Set(value.dropped + before).subtracting(after).sorted()
    event.details = EventDetails(value)
    for exception in exceptions[place] ?? [] where !events[exception].isCancelled {
      guard let start = events[exception].details?.originalStart?.seconds,
        !after.contains(start)
      else { continue }
      change(exception, at: now) { $0.status = .cancelled }
    }
  }
}
