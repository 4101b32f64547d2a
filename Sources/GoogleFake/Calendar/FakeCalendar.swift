import Events

/// One calendar with its events and the log of their changes.
///
/// Events never leave their places: a cancelled one stays as a stub, so that a listing that stopped
/// between two pages goes on where it was.
package struct FakeCalendar: Sendable {
  /// The members of a calendar that a list shows besides its id.
  package struct Face: Sendable, Equatable {
    package var summary: String
    package var description: String?
    package var timeZone: String
    package var owner: String
    /// `owner`, `writer` or `reader`; a reader's writes are refused.
    package var role: String
    /// Anybody may read it, also who does not have it in the list.
    package var isPublic: Bool

    package init(
      summary: String, description: String? = nil, timeZone: String = "UTC", owner: String,
      role: String = "owner", isPublic: Bool = false
    ) {
      self.isPublic = isPublic
      self.summary = summary
      self.description = description
      self.timeZone = timeZone
      self.owner = owner
      self.role = role
    }
  }

  package let id: String
  package internal(set) var face: Face
  private(set) var events: [FakeEvent] = []
  private(set) var exceptions: [Int: [Int]] = [:]
  private(set) var log: ChangeLog
  /// Every version of each event, and how far its followers have come.
  package internal(set) var versions: VersionLog
  /// Sync tokens of an earlier generation are dead.
  var generation: Int64 = 0
  private var places: [EventName: Int] = [:]
  private var lastRevision: Int64 = 0
  /// Unix time of the first change, milliseconds; 0 before it.
  private(set) var birth: Int64 = 0

  package init(
    id: String, face: Face, changesKept: Int = FakeLimits.changesKept, keepsVersions: Bool = false
  ) {
    versions = VersionLog(isKept: keepsVersions)
    self.id = id
    self.face = face
    log = ChangeLog(kept: changesKept)
  }

  /// Events, cancelled ones included.
  package var eventCount: Int { events.count }
  package var cancelledCount: Int { events.count { $0.isCancelled } }
  /// Changes since the calendar was made.
  package var changeCount: Int64 { log.head }
  /// It is its owner's own calendar, which `primary` names.
  package var isPrimary: Bool { id == face.owner }
  /// The user's role in it: whoever is not its owner may read.
  func role(for user: String) -> String { user == face.owner ? face.role : "reader" }
  /// It takes no further event.
  package var isFull: Bool { events.count >= FakeLimits.eventsMax }

  /// The newest change's time, or the epoch.
  var updated: Moment { Moment(milliseconds: lastRevision / 1_000) }
  var etag: String { "\"p33\(String(lastRevision, radix: 32))g\"" }

  func place(of name: EventName) -> Int? {
    places[name]
  }

  /// The event with an id, unless it was cancelled so long ago that it is forgotten.
  func remembered(_ name: EventName) -> Int? {
    places[name].flatMap { isForgotten(events[$0]) ? nil : $0 }
  }

  /// A cancelled event is forgotten once the log does not reach back to it; an exception lasts as
  /// long as its series.
  func isForgotten(_ event: FakeEvent) -> Bool {
    guard event.isCancelled, event.change <= log.floor else { return false }
    return !hasLivingSeries(event)
  }

  func hasLivingSeries(_ event: FakeEvent) -> Bool {
    guard let series = event.details?.series, let place = places[series] else { return false }
    return !events[place].isCancelled
  }

  /// Adds an event or an exception, stamped with the change that it is.
  ///
  /// - Returns: Its place.
  @discardableResult
  mutating func add(_ event: FakeEvent, at now: Moment) -> Int {
    let place = events.count
    var event = event
    stamp(&event, place: place, at: now)
    events.append(event)
    places[event.name] = place
    if let series = event.details?.series, let master = places[series] {
      exceptions[master, default: []].append(place)
    }
    return place
  }

  /// Changes an event in its place.
  ///
  /// - Parameter isQuiet: Whether `updated` stays, as for reminders.
  mutating func change(
    _ place: Int, at now: Moment, isQuiet: Bool = false, _ body: (inout FakeEvent) -> Void
  ) {
    var event = events[place]
    let updated = event.updated
    body(&event)
    stamp(&event, place: place, at: now)
    if isQuiet { event.updated = updated }
    events[place] = event
  }

  /// Room for many more events, taken at once.
  mutating func reserve(_ count: Int) {
    events.reserveCapacity(events.count + count)
    places.reserveCapacity(places.count + count)
  }

  /// Gives the event the next change number, a revision above all others and its time.
  private mutating func stamp(_ event: inout FakeEvent, place: Int, at now: Moment) {
    lastRevision = max(lastRevision + 1, now.milliseconds * 1_000)
    event.revision = lastRevision
    event.updated = lastRevision / 1_000
    if birth == 0 { birth = event.updated }
    event.change = log.append(place: place)
    versions.append(
      FakeVersion(
        change: event.change, etag: event.etag, isDeleted: event.isCancelled, since: now),
      of: event.name.text)
  }
}
