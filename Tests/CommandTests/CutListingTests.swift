import RawJSON
import Testing

/// Full listings that end after their first page as if nothing followed.
@Suite(.serialized)
struct CutListingTests {
  private static let calendar = Stage.resource
  private static let groups = "changed-groups"
  private static let mail = "changed-messages"

  /// Ten new objects each; of groups Google has eight of its own besides.
  ///
  /// - Returns: Where one of them can be deleted.
  private func fill(_ stage: Stage, _ resource: String) async throws -> String {
    switch resource {
    case Self.calendar:
      try await stage.tell(
        "POST", "/sandbox/calendars/primary/generate", #"{"count":9,"title":"Meeting"}"#)
      return "/sandbox/calendars/primary/events/\(try await stage.createEvent("Planning"))"
    case Self.groups:
      try await stage.tell("POST", "/sandbox/groups/generate", #"{"count":9,"title":"Group"}"#)
      let group = try await stage.tell(
        "POST", "/sandbox/v1/contactGroups", #"{"contactGroup":{"name":"Team"}}"#)
      return "/sandbox/v1/\(try #require(group["resourceName"]?.text))"
    default:
      try await stage.tell("POST", "/sandbox/mail/generate", #"{"count":10,"title":"News"}"#)
      let list = try await stage.tell("GET", "/sandbox/gmail/v1/users/me/messages")
      let id = try #require(list["messages"]?.elements?.first?["id"]?.text)
      return "/sandbox/gmail/v1/users/me/messages/\(id)"
    }
  }

  @Test(arguments: [
    // So many are missed that a second listing is asked for, and so few that each is looked for.
    (CutListingTests.calendar, 3, "listing-unreliable"), (CutListingTests.calendar, 9, nil),
    (CutListingTests.groups, 3, "listing-unreliable"), (CutListingTests.groups, 16, nil),
    (CutListingTests.mail, 3, "listing-unreliable"), (CutListingTests.mail, 9, nil),
  ])
  func `a full listing cut short after its first page never announces a deletion`(
    resource: String, pageSize: Int, reason: String?
  ) async throws {
    try await withStage { stage in
      let object = try await fill(stage, resource)
      let entry: JSON = [
        "url": .string("/hubs/general/\(resource)"), "pageSize": .number(pageSize),
      ]
      try await stage.prepareOnly(resource, entry)
      // Once, after the list that the dead cursor is refused: a second one is whole. And always.
      for order in [#""times":2"#, #""permille":1000"#] {
        try await stage.tell("POST", "/sandbox/expire", #"{"what":"syncTokens"}"#)
        try await stage.tell("POST", "/sandbox/faults", #"{"kind":"end",\#(order)}"#)
        let poll = try await stage.daybook("poll", "run", "1", "--force").rows()
        #expect(poll.map { $0["changes"]?.integer } == [0], "\(order): \(poll)")
        // A mailbox is listed label by label as well, which shows what one list has lost.
        guard order != #""times":2"# || resource != Self.mail else { continue }
        let error = poll.first?["error"]?.text
        #expect(error.map { String($0.prefix { $0 != ":" }) } == reason, "\(order): \(poll)")
      }
      try await stage.tell("DELETE", "/sandbox/faults")
      #expect(try await stage.rows("changes").isEmpty)
      try await stage.tell("DELETE", object)
      try await stage.done("poll", "run", "1", "--force")
      #expect(try await stage.rows("changes").map { $0["eventType"]?.text } == ["DELETED"])
    }
  }
}

extension Stage {
  /// Makes an instance with one resource, and takes its baseline.
  fileprivate func prepareOnly(_ resource: String, _ entry: JSON) async throws {
    let configuration: JSON = .object(Members([(resource, entry)]))
    let form = try await form(["event.poller.configuration": configuration])
    try await done("instance", "create", try write(form, to: "instance.json"))
    try await done("poll", "run", "1")
  }
}
