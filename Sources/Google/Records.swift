import Domain
import Events

// Any of the platform's readable resources for Google, asked for by dates:
//
//     calendars/{id}/events   Calendar  events.list
//     calendar-list           Calendar  calendarList.list
//     contacts                People    people.connections.list
//     groups                  People    contactGroups.list
//     messages                Gmail     users.messages.list, then each message
//     threads                 Gmail     users.threads.list
//
// Sources: the platform's tests of its connector, for the names; the references of the interfaces.

/// A resource that can be read, of no matter what the platform makes of it.
enum RecordKind {
  case events(calendar: String)
  case calendars, contacts, groups, messages, threads

  /// - Returns: nil for what cannot be read as a list.
  init?(_ path: PlatformPath) {
    let parts = path.segments
    switch (parts.first, parts.count) {
    case ("calendars", 3) where parts[2] == "events":
      guard let id = PlatformPath.id(parts[1]), id != "{calendarId}" else { return nil }
      self = .events(calendar: id)
    case ("calendar-list", 1): self = .calendars
    case ("contacts", 1): self = .contacts
    case ("groups", 1): self = .groups
    case ("messages", 1): self = .messages
    case ("threads", 1): self = .threads
    default: return nil
    }
  }

  /// The path without its hub, in one way of writing.
  var path: String {
    switch self {
    case .events(let calendar): "calendars/\(percentEncoded(calendar))/events"
    case .calendars: "calendar-list"
    case .contacts: "contacts"
    case .groups: "groups"
    case .messages: "messages"
    case .threads: "threads"
    }
  }

  var shape: ListShape {
    switch self {
    case .events: .events
    case .calendars: .calendars
    case .contacts: .contacts
    case .groups: .groups
    case .messages: .listedMessages
    case .threads: .threads
    }
  }

  var pageSizeMax: Int {
    switch self {
    case .events: GoogleLimits.pageSizeMax
    case .calendars: GoogleLimits.calendarsMax
    case .contacts, .groups: GoogleLimits.groupsMax
    case .messages, .threads: GoogleLimits.messagesMax
    }
  }

  /// Google's parameter for the number of items a page.
  var sizeName: String {
    switch self {
    case .events, .calendars, .messages, .threads: "maxResults"
    case .contacts, .groups: "pageSize"
    }
  }

  /// Parameters that are added where the `url` does not name them: People shows no fields by
  /// itself.
  var defaults: [(name: String, value: String)] {
    switch self {
    case .events, .calendars, .messages, .threads: []
    case .contacts: [personFields]
    case .groups: [groupFields]
    }
  }

  var isOfCalendar: Bool {
    switch self {
    case .events, .calendars: true
    case .contacts, .groups, .messages, .threads: false
    }
  }

  /// Source: Gmail API guide, “Usage limits”.
  var units: Int {
    switch self {
    case .events, .calendars, .contacts, .groups: 0
    case .messages: 5
    case .threads: 10
    }
  }
}

/// Fields of a contact that are asked for where the `url` names none.
private let personFields = (
  name: "personFields",
  value: "addresses,biographies,birthdays,emailAddresses,events,memberships,metadata,names,"
    + "nicknames,occupations,organizations,phoneNumbers,photos,relations,urls,userDefined"
)

extension GoogleSuite {
  /// The `url` without its hub names the collection: other conditions are another collection.
  /// Another page size or way of percent-encoding is not.
  func records(_ path: PlatformPath) -> Collection? {
    guard let kind = RecordKind(path), let query = try? PlatformQuery(path.query ?? "") else {
      return nil
    }
    let conditions = query.conditions.isEmpty ? "" : "?\(query.conditions)"
    return Collection(kind: CollectionKind.records.rawValue, id: kind.path + conditions)
  }

  /// Explains the fault in the query of a readable resource; nil where there is none.
  func fault(in path: PlatformPath) -> String? {
    do throws(DateTemplate.Fault) {
      _ = try PlatformQuery(path.query ?? "")
      return nil
    } catch {
      return error.text
    }
  }

  func recordsRequest(_ ask: PageRequest, token: String) -> Request {
    let place = RecordPlace(ask)
    guard let kind = place.kind else { preconditionFailure("\(ask.collection.id) is no list") }
    if let id = place.ids.first { return messageRequest(id, token: token) }
    var query = place.parameters
    let names = Set(query.map(\.name))
    query += kind.defaults.filter { !names.contains($0.name) }
    query.append((kind.sizeName, String(place.pageSize)))
    if let pageToken = place.pageToken { query.append(("pageToken", pageToken)) }
    var request = get("\(listURL(kind))?\(queryText(query))", token: token)
    request.quotaUnits = kind.units
    return request
  }

  func readRecords(_ reply: Reply, to ask: PageRequest) -> PageOutcome {
    let place = RecordPlace(ask)
    guard let kind = place.kind else {
      return .refused(unreadable(reply, "it answers a poll that another version began"))
    }
    let error = GoogleError(reply)
    // The date lies further back than Calendar goes: everything is asked for instead.
    if reply.status == 410, error.isGoogles { return .cursorExpired(reason: error.reason) }
    if !place.ids.isEmpty, reply.status == 404, error.isGoogles {
      return .page(page([], after: place))
    }
    if let no = refusal(reply, to: ask) { return no }
    do {
      guard place.ids.isEmpty else {
        return .page(page([try message(place, in: reply)], after: place))
      }
      var reader = ListReader(kind.shape, body: reply.body)
      guard var page = page(try reader.list(), of: kind, at: place, to: ask) else {
        return .refused(tooMany(reply))
      }
      page.strays = reader.strays
      page.answeredAt = reply.header("Date").flatMap(Moment.init(httpDate:))
      return .page(page)
    } catch {
      return .refused(unreadable(reply, error.description))
    }
  }

  private func listURL(_ kind: RecordKind) -> String {
    switch kind {
    case .events(let calendar): "\(calendarURL)/calendars/\(percentEncoded(calendar))/events"
    case .calendars: "\(calendarURL)/users/me/calendarList"
    case .contacts: "\(peopleURL)/people/me/connections"
    case .groups: "\(peopleURL)/contactGroups"
    case .messages: "\(gmailURL)/messages"
    case .threads: "\(gmailURL)/threads"
    }
  }

  /// - Returns: nil where more messages match than are read one by one.
  private func page(
    _ list: (items: [Item], pageToken: String?), of kind: RecordKind, at place: RecordPlace,
    to ask: PageRequest
  ) -> Page? {
    var next = place
    next.pageToken = list.pageToken
    // Gmail lists ids alone. What came since is read; a whole mailbox is not.
    guard case .messages = kind, case .changes = ask.mode, !list.items.isEmpty else {
      return Page(items: list.items, next: next.after(list.pageToken))
    }
    next.ids = list.items.map(\.id)
    next.asked += next.ids.count
    guard next.asked <= GoogleLimits.changedMessagesMax else { return nil }
    return Page(items: [], next: .more(continuation: next.continuation))
  }

  private func tooMany(_ reply: Reply) -> ProviderRefusal {
    ProviderRefusal(
      status: reply.status, reason: "tooManyMessages",
      text: "more than \(GoogleLimits.changedMessagesMax) messages match; a where such as"
        + " q='after:${epoch:s}' asks for fewer")
  }

  /// Labels come and go without a date: by dates a message is one thing for ever.
  private func message(_ place: RecordPlace, in reply: Reply) throws(PageFault) -> Item {
    let message = try GoogleObject.single(in: reply.body)
    guard let item = message.item(.listedMessage), item.id == place.ids.first else {
      throw .content("it is about another message")
    }
    return item
  }

  /// Behind a message of a page.
  func recordPage(without ask: PageRequest) -> Page { page([], after: RecordPlace(ask)) }

  /// A GET of one object of a list.
  func recordRequest(_ object: String, of kind: RecordKind, token: String) -> Request {
    let id = percentEncoded(object)
    switch kind {
    case .events, .calendars: return get("\(listURL(kind))/\(id)", token: token)
    case .contacts:
      return get("\(peopleURL)/people/\(id)?\(queryText([personFields]))", token: token)
    case .groups: return groupRequest(object, token: token)
    case .messages: return messageRequest(object, token: token)
    case .threads:
      var request = get("\(gmailURL)/threads/\(id)?format=minimal", token: token)
      request.quotaUnits = kind.units
      return request
    }
  }

  private func page(_ items: [Item], after place: RecordPlace) -> Page {
    var next = place
    next.ids.removeFirst()
    return Page(
      items: items,
      next: next.ids.isEmpty
        ? next.after(next.pageToken) : .more(continuation: next.continuation))
  }
}
