import Domain
import RawJSON

// What a person calls an object; what stands further up goes first:
//
//     calendar       {"summaryOverride": "…"}, as this person renamed it
//     event          {"summary": "…"}, of a calendar as well
//     group          {"name": "…"}, {"formattedName": "…"}
//     person         {"names": [{"displayName": "…"}]}
//     message        {"payload": {"headers": [{"name": "Subject", "value": "…"}]}}
//     thread         {"snippet": "…"}; it is shown with nothing else
//
// Sources: Calendar API reference, “Events”, “CalendarList”; People API reference, “contactGroups”,
// “people”; Gmail API reference, “users.messages”, “users.threads”.

/// Looks for the title of an object in its bytes: in one walk, which copies nothing but titles.
struct GoogleTitle {
  private var renamed: String?
  private var summary: String?
  private var name: String?
  private var formattedName: String?
  private var displayName: String?
  private var subject: String?
  private var snippet: String?
  private var isMessage = false

  /// - Returns: nil where the bytes hold none, or are no object.
  static func read(_ object: UnsafeRawBufferPointer) -> String? {
    guard object.baseAddress != nil else { return nil }
    var walk = JSONWalk(object)
    var title = GoogleTitle()
    guard walk.members({ title.take($0, $1) }) else { return nil }
    return title.first
  }

  private var first: String? {
    renamed ?? summary ?? name ?? formattedName ?? displayName ?? subject
      ?? (isMessage ? nil : snippet)
  }

  private mutating func take(_ member: JSONWalk.Value, _ value: JSONWalk.Value) {
    switch value.kind {
    case .text where member.isText("summary"): summary = value.title
    case .text where member.isText("summaryOverride"): renamed = value.title
    case .text where member.isText("name"): name = value.title
    case .text where member.isText("formattedName"): formattedName = value.title
    case .text where member.isText("snippet"): snippet = value.title
    case .text where member.isText("threadId"): isMessage = true
    case .array where member.isText("names"): takeNames(value)
    case .object where member.isText("payload"): takePayload(value)
    default: break
    }
  }

  /// The first name is the one that a person chose.
  private mutating func takeNames(_ names: JSONWalk.Value) {
    var walk = JSONWalk(names.bytes)
    var found: String?
    _ = walk.elements { element in
      guard found == nil, element.kind == .object else { return }
      var members = JSONWalk(element.bytes)
      _ = members.members { if $0.isText("displayName") { found = $1.title } }
    }
    displayName = found
  }

  private mutating func takePayload(_ payload: JSONWalk.Value) {
    var walk = JSONWalk(payload.bytes)
    var found: String?
    _ = walk.members { name, value in
      guard value.kind == .array, name.isText("headers") else { return }
      var headers = JSONWalk(value.bytes)
      _ = headers.elements { if found == nil { found = Self.subject(of: $0) } }
    }
    subject = found
  }

  /// The value of one header, if it is the subject; names of headers have no case.
  private static func subject(of header: JSONWalk.Value) -> String? {
    guard header.kind == .object else { return nil }
    var isSubject = false
    var found: String?
    var walk = JSONWalk(header.bytes)
    _ = walk.members { name, value in
      if name.isText("name") { isSubject = value.text?.lowercased() == "subject" }
      if name.isText("value") { found = value.title }
    }
    return isSubject ? found : nil
  }
}

extension JSONWalk.Value {
  /// Compares a text byte by byte; escapes are not read.
  fileprivate func isText(_ text: StaticString) -> Bool {
    guard bytes.count == text.utf8CodeUnitCount else { return false }
    return bytes.elementsEqual(
      UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// A text as a title: the beginning of a long one, and nil where it says nothing.
  fileprivate var title: String? {
    guard let text, text.contains(where: { !$0.isWhitespace }) else { return nil }
    return shortened(text, to: Limits.titleCharactersMax)
  }
}
