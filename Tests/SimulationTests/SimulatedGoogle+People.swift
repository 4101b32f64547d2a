import Events
import Foundation
import GoogleFake
import RawJSON

/// What people do at Google: through its own routes, as the sandbox's control does.
extension SimulatedGoogle {
  /// - Returns: What Google answered; nil where it said no.
  @discardableResult
  mutating func edit(
    _ method: String, _ path: String, _ body: String = "", at now: Moment
  ) -> JSON? {
    let answer = fake.operate(.json(method, path, body), at: now)
    guard (200..<300).contains(answer.status) else { return nil }
    return answer.body.isEmpty ? .null : try? JSON.parse(answer.body)
  }

  /// As `edit`, where a no is a fault of the simulation.
  @discardableResult
  private mutating func must(
    _ method: String, _ path: String, _ body: String = "", at now: Moment
  ) -> JSON {
    guard let answer = edit(method, path, body, at: now) else {
      preconditionFailure("\(method) \(path) \(body)")
    }
    return answer
  }

  private mutating func word(_ kind: String) -> String {
    made += 1
    return "\(kind) \(made)"
  }
}

// Calendars.
extension SimulatedGoogle {
  /// The calendar that is asked for by dates, which shows no deletion: there is none.
  static let dated = "dated"

  /// Calendars that can be read, and so be watched: those of the list, and public ones.
  var readable: [String] {
    let listed = fake.calendarLists[FakeGoogle.firstUser]?.versions.living ?? []
    return fake.calendars.keys.filter {
      listed.contains($0) || fake.calendars[$0]?.face.isPublic == true
    }
    .sorted()
  }

  /// Adds a calendar of the account, which who knows its id may read.
  mutating func makeCalendar(_ id: String, at now: Moment) {
    let face = FakeCalendar.Face(summary: id, owner: FakeGoogle.firstUser, isPublic: true)
    precondition(fake.addCalendar(id, face: face, at: now), "there is a calendar \(id)")
  }

  /// Puts a calendar with so many events, `event1` and so on, in the place of one that was there.
  mutating func fill(_ calendar: String, with count: Int, at now: Moment) {
    fake.removeCalendar(calendar, at: now)
    makeCalendar(calendar, at: now)
    for number in 1...count { addEvent(to: calendar, as: "event\(number)", at: now) }
  }

  @discardableResult
  mutating func addEvent(
    to calendar: String, as id: String? = nil, isSeries: Bool = false, at now: Moment
  ) -> String {
    let name = id.map { #""id":"\#($0)","# } ?? ""
    let rule = isSeries ? #","recurrence":["RRULE:FREQ=DAILY;COUNT=6"]"# : ""
    let event = must(
      "POST", SimulatedGoogle.events(calendar),
      """
      {\(name)"summary":"\(word("Event"))","start":{"dateTime":"2026-12-01T08:00:00Z"},\
      "end":{"dateTime":"2026-12-01T09:00:00Z"}\(rule)}
      """, at: now)
    guard let id = event["id"]?.text else { preconditionFailure("an event without an id") }
    if isSeries { series.insert(id) }
    return id
  }

  mutating func renameEvent(_ id: String, in calendar: String, at now: Moment) {
    let body = #"{"summary":"\#(word("Edited"))"}"#
    must("PATCH", "\(SimulatedGoogle.events(calendar))/\(id)", body, at: now)
  }

  mutating func cancelEvent(_ id: String, in calendar: String, at now: Moment) {
    must("DELETE", "\(SimulatedGoogle.events(calendar))/\(id)", at: now)
  }

  /// What people do to a calendar, by chance.
  mutating func disturb(calendar: String, at now: Moment) {
    guard let versions = fake.calendars[calendar]?.versions else { return }
    let isDated = calendar == SimulatedGoogle.dated
    let path = SimulatedGoogle.events(calendar)
    switch random.number(0...12) {
    case 0...3:
      addEvent(to: calendar, isSeries: !isDated && random.happens(permille: 250), at: now)
    case 4...6:
      guard let id = random.pick(versions.living) else { return }
      // Reminders are each person's own: their change is a new etag and no new date.
      if !isDated, random.happens(permille: 200) {
        must("PATCH", "\(path)/\(id)", #"{"reminders":{"useDefault":false}}"#, at: now)
      } else {
        renameEvent(id, in: calendar, at: now)
      }
    case 7... where isDated: return
    case 7...8: if let id = random.pick(versions.living) { cancelEvent(id, in: calendar, at: now) }
    case 9:
      // Back from the bin; an occurrence only while its series lives. One that was moved is not.
      let living = Set(versions.living)
      let gone = versions.deleted.filter { id in
        id.firstIndex(of: "_").map { living.contains(String(id[..<$0])) } ?? true
      }
      if let id = random.pick(gone) {
        edit("PATCH", "\(path)/\(id)", #"{"status":"confirmed"}"#, at: now)
      }
    case 10: move(from: calendar, versions.living, at: now)
    default:
      guard let master = random.pick(versions.living.filter(series.contains)) else { return }
      let id = "\(master)_2026120\(random.number(1...6))T080000Z"
      if random.happens(permille: 500) {
        edit("DELETE", "\(path)/\(id)", at: now)
      } else {
        let body = #"{"summary":"\#(word("Edited"))","status":"confirmed"}"#
        must("PATCH", "\(path)/\(id)", body, at: now)
      }
    }
  }

  /// Moves an event that does not repeat to another calendar of the account.
  private mutating func move(from calendar: String, _ living: [String], at now: Moment) {
    let single = living.filter { !series.contains($0) && !$0.contains("_") }
    let others = readable.filter { $0 != calendar && $0 != SimulatedGoogle.dated }
    guard let id = random.pick(single), let other = random.pick(others) else { return }
    let destination = SimulatedGoogle.encoded(other)
    must(
      "POST", "\(SimulatedGoogle.events(calendar))/\(id)/move?destination=\(destination)", at: now)
  }

  /// Calendars join the list and leave it.
  mutating func disturbList(at now: Moment) {
    guard random.happens(permille: 300), let list = fake.calendarLists[FakeGoogle.firstUser] else {
      return
    }
    let shared = list.rows.filter { !$0.isDeleted && $0.id.hasPrefix("shared") }.map(\.id)
    if shared.isEmpty || list.rows.count < 8 && random.happens(permille: 600) {
      // One that left does not come back under its name: its feed begins anew.
      let id = "shared\(list.rows.count)@group.example"
      fake.addCalendar(id, face: .init(summary: id, owner: FakeGoogle.firstUser), at: now)
      for _ in 0..<random.number(0...6) { disturb(calendar: id, at: now) }
    } else if let id = random.pick(shared) {
      must("DELETE", "/calendar/v3/users/me/calendarList/\(SimulatedGoogle.encoded(id))", at: now)
    }
  }

  private static func events(_ calendar: String) -> String {
    "/calendar/v3/calendars/\(encoded(calendar))/events"
  }

  private static func encoded(_ id: String) -> String {
    id.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
  }
}

// Contact groups.
extension SimulatedGoogle {
  mutating func disturbGroups(at now: Moment) {
    guard let versions = fake.contacts[FakeGoogle.firstUser]?.groupVersions else { return }
    let own = versions.living.filter { !FakeContacts.systemGroupIDs.contains($0) }
    let path = "/v1/contactGroups"
    switch random.number(0...9) {
    case 0...3:
      must("POST", path, #"{"contactGroup":{"name":"\#(word("Group"))"}}"#, at: now)
    case 4...6:
      guard let id = random.pick(own) else { return }
      must("PUT", "\(path)/\(id)", #"{"contactGroup":{"name":"\#(word("Edited"))"}}"#, at: now)
    case 7...8: if let id = random.pick(own) { must("DELETE", "\(path)/\(id)", at: now) }
    default: if let id = random.pick(versions.deleted) { fake.restoreGroup(id, at: now) }
    }
  }
}

// Mail.
extension SimulatedGoogle {
  mutating func disturbMail(at now: Moment) {
    guard let mailbox = fake.mailboxes[FakeGoogle.firstUser] else { return }
    let path = "/gmail/v1/users/me"
    let text = #""payload":{"headers":[{"name":"Subject","value":"\#(word("News"))"}]}"#
    let some = mailbox.versions.living.shuffled(using: &random).prefix(random.number(1...3))
    let ids = some.map { "\"\($0)\"" }.joined(separator: ",")
    switch random.number(0...10) {
    case 0...3:
      must("POST", "\(path)/messages", #"{"labelIds":["INBOX","UNREAD"],\#(text)}"#, at: now)
    case 4...7:
      guard let label = random.pick(["INBOX", "UNREAD", "TRASH", "Label_1", "STARRED"]),
        let first = some.first
      else { return }
      let isThere = mailbox.versions.versions[first]?.last?.labels.contains(label) ?? false
      let verb = isThere ? "removeLabelIds" : "addLabelIds"
      let body = #"{"ids":[\#(ids)],"\#(verb)":["\#(label)"]}"#
      must("POST", "\(path)/messages/batchModify", body, at: now)
    case 8...9:
      if !some.isEmpty {
        must("POST", "\(path)/messages/batchDelete", #"{"ids":[\#(ids)]}"#, at: now)
      }
    default:
      // A draft that is edited is another message.
      let draft = random.happens(permille: 500) ? random.pick(mailbox.draftIDs) : nil
      let body = #"{"message":{\#(text)}}"#
      if let draft {
        must("PUT", "\(path)/drafts/\(draft)", body, at: now)
      } else {
        must("POST", "\(path)/drafts", body, at: now)
      }
    }
  }
}
