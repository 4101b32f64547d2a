import Events
import Foundation
import Sandbox
import Testing

@testable import Daybook

/// Instances as the platform’s API shows and lists them.
@Suite struct PlatformInstanceTests {
  private let folder: TestFolder
  private let world = MadeUpWorld()
  private let journal: Journal

  init() throws {
    folder = try TestFolder()
    journal = try world.journal(in: folder, retryWaits: [.seconds(1)])
  }

  /// An instance whose form has these members and settings besides.
  private func create(
    _ members: [String: Any] = [:], configuration: [String: Any] = [:], key: String? = nil
  ) async throws -> CreatedInstance {
    let code = world.withSandbox { $0.code(at: $1) }
    return try await journal.instances.create(
      try form(code, members, configuration: configuration), key: key)
  }

  private func form(
    _ code: String, _ members: [String: Any], configuration: [String: Any] = [:]
  ) throws -> [UInt8] {
    var form = try parsed(instanceJSON(code: code, base: MadeUpWorld.base))
    var settings = try #require(form["configuration"] as? [String: Any])
    settings.merge(configuration) { $1 }
    form["configuration"] = settings
    form.merge(members) { $1 }
    return try bytes(form)
  }

  private func shown(_ id: Int64) async throws -> [String: Any] {
    try parsed(try await journal.instances.object(id))
  }

  private func update(_ id: Int64, _ body: String) async throws {
    try await journal.instances.update(id, Array(body.utf8))
  }

  private var path: @Sendable (any Error) -> String? {
    { error in
      guard case DaybookError.refused(let refusal)? = error as? DaybookError else { return nil }
      return refusal.path
    }
  }

  @Test func `an instance has every member that the platform shows`() async throws {
    let created = try await create(configuration: ["event.notification.signature.key": "abc"])
    let object = try parsed(created.object)
    #expect(
      Set(object.keys) == [
        "id", "name", "createdDate", "token", "element", "elementId", "tags",
        "provisionInteractions", "valid", "disabled", "maxCacheSize", "cacheTimeToLive",
        "configuration", "eventsEnabled", "eventsNotificationCallbackUrl", "subscriptionId",
        "traceLoggingEnabled", "cachingEnabled", "externalAuthentication", "user",
      ])
    #expect(object["token"] as? String == created.token)
    #expect(object["tags"] as? [String] == ["Team"])
    let element = try #require(object["element"] as? [String: Any])
    #expect(element["key"] as? String == "googlesuite" && element.count == 23)
    #expect(element["id"] as? Int == object["elementId"] as? Int)
    #expect(object["subscriptionId"] as? Int == 1)
    let configuration = try #require(object["configuration"] as? [String: Any])
    #expect(configuration.values.allSatisfy { $0 is String || $0 is NSNull })
    #expect(configuration["event.notification.enabled"] as? String == "true")
    #expect(configuration["event.notification.subscription.id"] as? String == "1")
    #expect(configuration["event.notification.signature.key"] as? String == "********")
    #expect(configuration["oauth.api.key"] as? String == "********")
    let polling = try parsed(try #require(configuration["event.poller.configuration"] as? String))
    #expect(Array(polling.keys) == ["calendars/primary/changed-events"])
    #expect(object["providerData"] == nil)
  }

  @Test func `without events there is no subscription`() async throws {
    let created = try await create(configuration: ["event.notification.enabled": false])
    let object = try parsed(created.object)
    #expect(object["subscriptionId"] == nil && object["eventsEnabled"] as? Bool == false)
    let configuration = try #require(object["configuration"] as? [String: Any])
    #expect(configuration["event.notification.subscription.id"] is NSNull)
  }

  @Test func `what is shown can be given back and changes nothing`() async throws {
    let id = try await create().id
    let head = try await journal.head()
    let object = try await journal.instances.object(id)
    #expect(try await journal.instances.update(id, Array(object.utf8)) == false)
    #expect(try await journal.head() == head)
  }

  @Test(arguments: [
    ("<b>Sales</b> &amp; <i>more</i>", "Sales &amp; more"),
    ("<a href='#' title=\"a > b\">Team</a>", "Team"), ("x<br/>y<!-- z -->", "xy"),
    ("<<b>b>again", "again"), ("<INSTANCE_NAME>", "<INSTANCE_NAME>"), ("a < b > c", "a < b > c"),
    ("<bold>x</bold>", "<bold>x</bold>"), ("<b", "<b"),
  ])
  func `a name loses the tags of HTML and no other`(given: String, kept: String) async throws {
    let created = try await create(["name": given, "tags": ["<Add_Your_Tag>", "<b>x</b>"]])
    let object = try parsed(created.object)
    #expect(object["name"] as? String == kept)
    #expect(object["tags"] as? [String] == ["<Add_Your_Tag>", "<b>x</b>"])
  }

  @Test func `a name that is nothing but HTML is refused`() async throws {
    let id = try await create().id
    let error = await #expect(throws: DaybookError.self) {
      try await update(id, #"{"name":"<p></p>"}"#)
    }
    #expect(error.flatMap(path) == "name")
  }

  @Test func `the element may be named by its id`() async throws {
    let created = try await create(["element": ["id": 1]])
    try await update(created.id, #"{"element":{"id":"1"},"name":"Other"}"#)
    #expect(try await shown(created.id)["name"] as? String == "Other")
    let error = await #expect(throws: DaybookError.self) {
      try await update(created.id, #"{"element":{"id":9386}}"#)
    }
    #expect(error.flatMap(path) == "element.id")
  }

  @Test func `the objects that can be read are named where that is asked for`() async throws {
    let object = try parsed(try await create(["retrieveObjectsAfterInstantiation": true]).object)
    let objects = try #require(object["objects"] as? [String])
    #expect(objects.contains("changed-groups") && objects.contains("messages"))
  }

  // MARK: Repeated requests

  @Test func `a repeated request answers what it made the first time and does nothing`()
    async throws
  {
    let body = try form(world.withSandbox { $0.code(at: $1) }, [:])
    let first = try await journal.instances.create(body, key: "4711")
    let head = try await journal.head()
    #expect(try await journal.instances.create(body, key: "4711") == first)
    let other = await #expect(throws: DaybookError.self) {
      try await journal.instances.create(Array("{}".utf8), key: "4711")
    }
    guard case .refused(let refusal)? = other else {
      Issue.record("taken")
      return
    }
    #expect(refusal.code == .keyReused && refusal.path == "key")
    #expect(try await journal.head() == head)
    #expect(try await create(key: "4712").id == first.id + 1)
    try await journal.instances.delete(first.id, reason: "moved")
    let error = await #expect(throws: DaybookError.self) { try await create(key: "4711") }
    #expect(error == .refused(Refusal(.deleted, "instance 1 is deleted")))
  }

  @Test(arguments: ["", "a b", "ä", String(repeating: "k", count: 256)])
  func `a key that cannot stand in a header is refused`(key: String) async throws {
    let error = await #expect(throws: DaybookError.self) { try await create(key: key) }
    #expect(error.flatMap(path) == "key")
  }

  // MARK: Pages

  @Test func `pages go through instances by their ids and count them`() async throws {
    for name in ["North", "South", "Northwest"] {
      _ = try await create(["name": name, "tags": ["all", name]])
    }
    let instances = journal.instances
    let first = try await instances.page(size: 2)
    #expect(try first.names == ["North", "South"] && first.total == 3)
    let second = try await instances.page(next: first.next, size: 2)
    #expect(try second.names == ["Northwest"] && second.next == nil && second.total == 3)
    try await instances.delete(2, reason: "moved")
    #expect(try await instances.page().names == ["North", "Northwest"])
    #expect(try await instances.count() == #"{"totalInstances":2,"elementInstances":2}"#)
    // What a page shows is what each shows by itself.
    #expect(try await instances.page(size: 1).objects == [try await instances.object(1)])
    let bare = try parsed(try await instances.page(isHydrated: false, size: 1).objects[0])
    #expect(bare["configuration"] == nil && bare["name"] as? String == "North")
  }

  @Test func `tags all have to be there, and a text anywhere in the name`() async throws {
    for (name, tags) in [("North", ["a", "b"]), ("South", ["a"]), ("Northwest", ["b", "c"])] {
      _ = try await create(["name": name, "tags": tags])
    }
    var filter = InstanceFilter()
    filter.tags = ["a", "b"]
    #expect(try await journal.instances.page(filter).names == ["North"])
    filter.tags = ["b"]
    let page = try await journal.instances.page(filter, size: 1)
    #expect(try page.names == ["North"] && page.total == 2)
    filter.searchText = "WEST"
    #expect(try await journal.instances.page(filter).names == ["Northwest"])
    filter.searchText = "%"
    #expect(try await journal.instances.page(filter).objects.isEmpty)
  }

  @Test func `a page of another size or from nowhere is refused`() async throws {
    _ = try await create()
    for size in [0, -1, 1_001] {
      let error = await #expect(throws: DaybookError.self) {
        try await journal.instances.page(size: size)
      }
      #expect(error.flatMap(path) == "pageSize")
    }
    let error = await #expect(throws: DaybookError.self) {
      try await journal.instances.page(next: "x")
    }
    #expect(error.flatMap(path) == "nextPage")
  }

  // MARK: Configuration

  @Test func `a setting is found by its id and its key and changed by its row`() async throws {
    let id = try await create(configuration: ["custom": "x"]).id
    let rows = try await journal.instances.configuration(id).map(parsed)
    let ids = rows.compactMap { $0["id"] as? Int }
    #expect(Set(ids).count == rows.count)
    let interval = try await journal.instances.configuration(
      id, of: "event.poller.refresh_interval")
    #expect(try await journal.instances.configuration(id, of: "10") == interval)
    var row = try parsed(interval)
    #expect(row["propertyValue"] as? String == "15" && row["defaultValue"] as? String == "15")
    row["propertyValue"] = "5"
    let changed = try await journal.instances.configure(id, "10", try bytes(row))
    #expect(try parsed(changed)["propertyValue"] as? String == "5")
    let configuration = try await shown(id)["configuration"] as? [String: Any]
    #expect(configuration?["event.poller.refresh_interval"] as? String == "5")
    let secret = try parsed(try await journal.instances.configuration(id, of: "oauth.api.secret"))
    #expect(secret["propertyValue"] as? String == "********" && secret["required"] as? Bool == true)
    let gone = try await journal.instances.configure(
      id, "custom", Array(#"{"propertyValue":null}"#.utf8))
    #expect(try parsed(gone)["propertyValue"] is NSNull)
  }

  @Test(arguments: [
    ("10", #"{"propertyValue":"soon"}"#, "configuration.event.poller.refresh_interval"),
    ("10", #"{"value":"5"}"#, "propertyValue"), ("10", #"{"key":"x","propertyValue":"5"}"#, "key"),
    ("9", #"{"propertyValue":"5"}"#, "configuration.event.notification.subscription.id"),
  ])
  func `a change of a setting that cannot be is refused`(
    setting: String, body: String, place: String
  ) async throws {
    let id = try await create().id
    let error = await #expect(throws: DaybookError.self) {
      try await journal.instances.configure(id, setting, Array(body.utf8))
    }
    #expect(error.flatMap(path) == place)
    await #expect(throws: DaybookError.self) {
      try await journal.instances.configuration(id, of: "4711")
    }
  }
}

extension ObjectPage {
  fileprivate var names: [String] {
    get throws { try objects.map { try parsed($0)["name"] as? String ?? "" } }
  }
}
