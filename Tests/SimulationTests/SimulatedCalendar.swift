import Events

/// One collection at the made-up Google, a calendar mostly, with everything that it ever was.
struct SimulatedCalendar {
  /// What its entries are.
  enum Style {
    case events, groups, calendars
    /// Events that are asked for by their dates, which shows no deletion.
    case dated
  }

  /// An event, or an edited or cancelled occurrence of a series.
  struct Entry {
    let id: String
    let series: String?
    var isSeries = false
    var isCancelled = false
    var title: String
    let created: Moment
    var revision: Int
    var updated: Moment

    var etag: String { "\"\(revision)\"" }
  }

  /// What an entry once was, to explain an announcement by.
  struct Version: Equatable {
    let etag: String
    let isCancelled: Bool
    let since: Moment
  }

  /// A listing under way: its ids are frozen, their state is the one of the moment of asking.
  struct Listing {
    let ids: [String]
    let through: Int
    let generation: Int
    let isFull: Bool
  }

  let id: String
  let style: Style
  private(set) var entries: [String: Entry] = [:]
  private(set) var history: [String: [Version]] = [:]
  private(set) var head = 0
  /// Sync tokens of an earlier generation are dead.
  var generation = 0
  /// The newest change that a sync token which came back stands for: who sent it knows what there
  /// was by then. nil: a full listing is the first one.
  var followed: Int?
  var listings: [Listing] = []
  /// Whether somebody learns it anew although a token came back: nothing that is there may be
  /// hidden then, for what a baseline misses is never announced.
  var isLearntAnew = false
  /// Groups of Google's own, which have no etag and never change.
  static let systemGroups = ["myContacts", "starred"]
  private var order: [String] = []

  init(id: String, style: Style = .events) {
    self.id = id
    self.style = style
  }

  mutating func add(_ id: String, series: String? = nil, isSeries: Bool = false, at now: Moment) {
    order.append(id)
    entries[id] = Entry(
      id: id, series: series, isSeries: isSeries, title: "Event \(id)", created: now, revision: 0,
      updated: now)
    change(id, at: now) { _ in }
  }

  /// - Parameter isSilent: Whether the date of the last change stays, as it does where only
  ///   reminders are touched.
  mutating func change(
    _ id: String, at now: Moment, isSilent: Bool = false, _ work: (inout Entry) -> Void
  ) {
    guard var entry = entries[id] else { return }
    work(&entry)
    head += 1
    entry.revision = head
    if !isSilent { entry.updated = now }
    entries[id] = entry
    history[id, default: []].append(
      Version(etag: entry.etag, isCancelled: entry.isCancelled, since: now))
  }

  /// Cancels an entry; a series takes its occurrences with it.
  mutating func cancel(_ id: String, at now: Moment) {
    guard let entry = entries[id], !entry.isCancelled else { return }
    if entry.isSeries {
      for other in order where entries[other]?.series == id && entries[other]?.isCancelled == false
      {
        change(other, at: now) { $0.isCancelled = true }
      }
    }
    change(id, at: now) { $0.isCancelled = true }
  }

  /// Whether a full listing shows the entry: what lives, and cancelled occurrences of what lives.
  func isListed(_ id: String) -> Bool {
    guard let entry = entries[id] else { return false }
    guard entry.isCancelled else { return true }
    return entry.series.map { entries[$0]?.isCancelled == false } ?? false
  }

  /// Whether who follows the calendar must know the entry: what is missing of all else in a full
  /// listing, nobody can miss.
  func isKnown(_ id: String) -> Bool {
    guard let followed else { return false }
    let past = history[id]?.last { (Int($0.etag.dropFirst().dropLast()) ?? .max) <= followed }
    return past?.isCancelled == false
  }

  /// Those that changed since, where there are any: what they are now is not known yet.
  func telling(_ ids: [String]) -> [String] {
    let changed = ids.filter { (entries[$0]?.revision ?? 0) > followed ?? 0 }
    return changed.isEmpty ? ids : changed
  }

  /// Ids of what was updated then or later.
  func ids(updatedSince moment: Moment) -> [String] {
    order.filter { id in entries[id].map { $0.updated >= moment } ?? false }
  }

  /// Ids in the order in which they are listed: of what changed since, or of everything.
  func ids(changedSince revision: Int?) -> [String] {
    guard let revision else { return order.filter(isListed) }
    return entries.values.filter { $0.revision > revision }
      .sorted { $0.revision < $1.revision }.map(\.id)
  }

  var living: [String] { order.filter { entries[$0]?.isCancelled == false } }
  var all: [String] { order }

  /// The entry as JSON: whole, or the stub of a cancelled one.
  func json(_ id: String) -> String {
    guard let entry = entries[id] else { return "{}" }
    let series = entry.series.map { ",\"recurringEventId\":\"\($0)\"" } ?? ""
    let etag = entry.etag.replacing("\"", with: "\\\"")
    switch style {
    case .events, .dated: break
    case .groups:
      return entry.isCancelled
        ? "{\"resourceName\":\"contactGroups/\(id)\",\"metadata\":{\"deleted\":true}}"
        : "{\"resourceName\":\"contactGroups/\(id)\",\"etag\":\"\(etag)\",\"name\":\"\(id)\","
          + "\"metadata\":{\"updateTime\":\"\(time(of: entry))\"}}"
    case .calendars:
      return "{\"id\":\"\(id)\",\"etag\":\"\(etag)\",\"deleted\":\(entry.isCancelled)}"
    }
    // Of some that are gone only the id is left.
    if entry.isCancelled, entry.series == nil, entry.revision % 3 == 0 {
      return "{\"id\":\"\(id)\",\"status\":\"cancelled\"}"
    }
    if entry.isCancelled {
      return "{\"id\":\"\(id)\",\"status\":\"cancelled\",\"etag\":\"\(etag)\"\(series)}"
    }
    return """
      {"kind":"calendar#event","etag":"\(etag)","id":"\(id)","status":"confirmed",\
      "summary":"\(entry.title)","created":"\(entry.created.rfc3339)",\
      "updated":"\(entry.updated.rfc3339)"\(series)}
      """
  }
}

extension SimulatedCalendar {
  /// A time of People's, which has as many digits as it needs.
  private func time(of entry: Entry) -> String {
    let whole = String(entry.updated.rfc3339.prefix(19))
    let digits = ["", ".250", ".250001", ".250001003"][entry.revision % 4]
    return "\(whole)\(digits)Z"
  }

  static func json(ofSystemGroup id: String) -> String {
    "{\"resourceName\":\"contactGroups/\(id)\",\"groupType\":\"SYSTEM_CONTACT_GROUP\","
      + "\"name\":\"\(id)\",\"formattedName\":\"\(id)\"}"
  }
}

/// What people do to a calendar, by chance.
extension SimulatedCalendar {
  mutating func disturb(_ random: inout SeededRandom, at now: Moment) {
    let singles = living.filter { entries[$0]?.series == nil }
    switch random.number(0...11) {
    case 0...3:
      let isSeries = style == .events && random.happens(permille: 250)
      add("\(prefix)\(order.count)", isSeries: isSeries, at: now)
    case 4...6:
      guard let id = random.pick(living) else { return }
      // Reminders are each person's own: their change is a new etag and no new date.
      let isSilent = style == .events && random.happens(permille: 200)
      change(id, at: now, isSilent: isSilent) { $0.title = "Edited \($0.revision)" }
    case 7... where style == .dated: return
    case 7...8: if let id = random.pick(living) { cancel(id, at: now) }
    case 9:
      // Back from the bin; an occurrence only while its series lives.
      let gone = order.filter { id in
        guard let entry = entries[id], entry.isCancelled else { return false }
        return entry.series.map { entries[$0]?.isCancelled == false } ?? true
      }
      if let id = random.pick(gone) { change(id, at: now) { $0.isCancelled = false } }
    default:
      let series = singles.filter { entries[$0]?.isSeries == true }
      guard let master = random.pick(series) else { return }
      let id = "\(master)_\(random.number(1...6))"
      if entries[id] == nil { add(id, series: master, at: now) }
      change(id, at: now) { $0.isCancelled = random.happens(permille: 500) }
    }
  }

  private var prefix: String { "e" }
}
