import Daybook
import Events
import HTTPTypes
import RawJSON

/// The provider’s resources, read through the instance whose Element token is shown.
///
/// Source of the forms without a hub: the platform’s own tests, which ask the same under any hub
/// and under none.
enum HubRoutes {
  static let all: [Route] = routes(below: "/hubs/{hub}", "") + routes(below: "", " Without a hub.")

  private static func routes(below hub: String, _ more: String) -> [Route] {
    lists.map { route(hub, $0.path, $0.summary + more, .list(of: .anything), isList: true) }
      + objects.map { route(hub, $0.path, $0.summary + more, .anything, isList: false) }
  }

  private static let lists: [(path: String, summary: String)] = [
    ("calendars/{calendarId}/changed-events", "Events that changed since the cursor."),
    ("changed-groups", "Contact groups that changed since the cursor."),
    ("changed-messages", "Messages that changed since the cursor."),
    ("calendars/{calendarId}/events", "Events of a calendar."),
    ("calendar-list", "Calendars in the account’s list."), ("contacts", "Contacts."),
    ("groups", "Contact groups."), ("messages", "Messages, by their ids."),
    ("threads", "Threads, by their ids."),
  ]

  private static let objects: [(path: String, summary: String)] = [
    ("calendars/{calendarId}", "A calendar."),
    ("calendars/{calendarId}/events/{eventId}", "An event."),
    ("calendar-list/{calendarId}", "A calendar as it is in the list."),
    ("contacts/{contactId}", "A contact."), ("groups/{groupId}", "A contact group."),
    ("messages/{messageId}", "A message."), ("threads/{threadId}", "A thread."),
    ("profile", "The mailbox."), ("vacations", "The mailbox’s vacation responder."),
  ]

  private static let pages: [Parameter] = [
    Parameter.query("where", .text, "`name='value' and …`, parameters of the provider’s."),
    Parameter.query("pageSize", .whole(1...10_000), "Objects a page."),
    Parameter.query(
      "nextPage", .text, "Where to go on: `Elements-Next-Page-Token` of the page before."),
  ]

  private static func route(
    _ start: String, _ path: String, _ summary: String, _ answer: Schema, isList: Bool
  ) -> Route {
    let names = path.split(separator: "/").filter { $0.hasPrefix("{") }
    let parameters = names.map { name in
      Parameter.path(String(name.dropFirst().dropLast()), .text, "The provider’s id.")
    }
    let hub =
      start.isEmpty ? [] : [Parameter.path("hub", .text, "Any word; `general` is the element’s.")]
    return Route(
      .get, "\(Platform.base)\(start)/\(path)", .client, summary,
      parameters: hub + parameters + (isList ? pages : []), answer: .json(answer)
    ) { call in try await read(call) }
  }

  private static func read(_ call: Call) async throws -> Answer {
    let instance = try call.ownInstance()
    // Each waits for the provider.
    let permit = try Permit(call, .reads)
    defer { withExtendedLifetime(permit) {} }
    // As it stands in the request: what is encoded in it is the provider's.
    let target = (call.request.path ?? "").dropFirst(Platform.base.utf8.count)
    let found = try await call.journal.hub.read(instance, String(target))
    var answer = Answer.json(text: found.json)
    answer.headers[.instanceID] = "\(instance)"
    answer.headers[.returnedCount] = "\(found.count)"
    if let next = found.next { answer.headers[.nextPageToken] = next }
    return answer
  }
}
