import Events

/// The parameters of `events.list`, read and checked as Google does.
struct EventsQuery: Sendable, Equatable {
  enum Order: Sendable { case place, updated, startTime }

  var pageItems = FakeLimits.pageItemsDefault
  var pageToken: String?
  var syncToken: String?
  /// nil where the caller said nothing.
  var showDeleted: Bool?
  var singleEvents = false
  /// Unix time, milliseconds.
  var updatedMin: Int64?
  /// Unix time, seconds; milliseconds are ignored. Source: Calendar API v3.
  var timeMin: Int64?
  var timeMax: Int64?
  var order = Order.place
  var text: String?
  var iCalUID: String?
  var eventTypes: Set<String> = []
  var privateProperties: [String] = []
  var sharedProperties: [String] = []
  /// Occurrences of this series only, as `events.instances` asks.
  var series: Int?
  /// Tells queries apart that may not share page tokens.
  var fingerprint: Int64 = 0

  init(_ parameters: [Target.Parameter]) throws(GoogleError) {
    for parameter in parameters { try take(parameter) }
    if let timeMin, let timeMax, timeMin >= timeMax { throw .timeRangeEmpty }
    if order == .startTime, !singleEvents { throw .orderNeedsSingleEvents }
    if syncToken != nil { try checkSync() }
    let same = parameters.filter { $0.name != "pageToken" }.map { "\($0.name)=\($0.value)" }
    let sorted = same.sorted().joined(separator: "&")
    fingerprint = Int64(OpaqueToken.fingerprint(sorted.utf8) >> 16)
  }

  /// A listing of this kind ends with a sync token.
  var yieldsSyncToken: Bool {
    order == .place && text == nil && iCalUID == nil && updatedMin == nil && series == nil
      && privateProperties.isEmpty && sharedProperties.isEmpty
  }

  var hasWindow: Bool { timeMin != nil || timeMax != nil }

  /// Deletions come although nobody asked for them.
  var announcesDeletions: Bool { syncToken != nil || updatedMin != nil }

  private mutating func take(_ parameter: Target.Parameter) throws(GoogleError) {
    let value = parameter.value
    switch parameter.name {
    case "maxResults":
      guard let number = Int(value), number > 0 else {
        throw .invalid("maxResults", "Invalid value for maxResults: \(value)")
      }
      pageItems = min(number, FakeLimits.pageItemsMax)
    case "pageToken": pageToken = value
    case "syncToken": syncToken = value
    case "showDeleted": showDeleted = try EventsQuery.flag(parameter)
    case "singleEvents": singleEvents = try EventsQuery.flag(parameter)
    case "updatedMin": updatedMin = try EventsQuery.instant(parameter)
    case "timeMin": timeMin = try EventsQuery.instant(parameter) / 1_000
    case "timeMax": timeMax = try EventsQuery.instant(parameter) / 1_000
    case "orderBy":
      guard value == "updated" || value == "startTime" else {
        throw .invalid("orderBy", "Invalid value for: \(value) is not a valid value")
      }
      order = value == "updated" ? .updated : .startTime
    case "q": text = value.lowercased()
    case "iCalUID": iCalUID = value
    case "eventTypes": eventTypes.insert(value)
    case "privateExtendedProperty": privateProperties.append(value)
    case "sharedExtendedProperty": sharedProperties.append(value)
    default: break
    }
  }

  private func checkSync() throws(GoogleError) {
    if order != .place { throw .syncWithOrdering }
    guard timeMin == nil, timeMax == nil, updatedMin == nil, text == nil, iCalUID == nil,
      privateProperties.isEmpty, sharedProperties.isEmpty, showDeleted != false
    else { throw .syncWithRestrictions }
  }

  static func flag(_ parameter: Target.Parameter) throws(GoogleError) -> Bool {
    switch parameter.value {
    case "true": return true
    case "false": return false
    default:
      throw .invalid(parameter.name, "Invalid boolean value: \(parameter.value)")
    }
  }

  /// Milliseconds of an RFC 3339 time, whose offset is mandatory.
  static func instant(_ parameter: Target.Parameter) throws(GoogleError) -> Int64 {
    guard let instant = Moment(rfc3339: parameter.value) else {
      throw .invalid(parameter.name, "Bad Request")
    }
    return instant.milliseconds
  }
}

extension EventsQuery {
  /// Holds an event against the words of the query; times are another matter.
  func wants(_ event: FakeEvent) -> Bool {
    let extras = event.details?.extras ?? [:]
    if let text {
      let words = [event.summary, extras["description"]?.string, extras["location"]?.string]
      guard words.contains(where: { $0?.lowercased().contains(text) ?? false }) else {
        return false
      }
    }
    if let iCalUID {
      let name = event.details?.series ?? event.name
      guard iCalUID == "\(name.text)@google.com" else { return false }
    }
    if !eventTypes.isEmpty {
      guard eventTypes.contains(extras["eventType"]?.string ?? "default") else { return false }
    }
    return holds(privateProperties, extras["extendedProperties"]?["private"])
      && holds(sharedProperties, extras["extendedProperties"]?["shared"])
  }

  /// Tells if a stretch of time touches the window of the query.
  func covers(start: Int64, end: Int64) -> Bool {
    if let timeMin, end <= timeMin { return false }
    if let timeMax, start >= timeMax { return false }
    return true
  }

  private func holds(_ wanted: [String], _ properties: LooseJSON?) -> Bool {
    wanted.allSatisfy { pair in
      let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return halves.count == 2 && properties?[String(halves[0])]?.string == String(halves[1])
    }
  }
}
