import Domain
import Engine
import Events
import RawJSON
import Testing

/// The body of `POST /instances`: what is read, what is kept, what is refused and with which path.
@Suite struct InstanceFormTests {
  private static let poller = "event.poller.configuration"
  private static let path = "configuration.event.poller.configuration"

  private func form(
    _ configuration: [(String, JSON)], _ top: [(String, JSON)] = []
  ) throws(Refusal) -> InstanceForm {
    var settings = Members([
      ("oauth.api.key", "id"), ("oauth.api.secret", "word"),
      ("oauth.callback.url", "http://127.0.0.1/"),
    ])
    for (name, value) in configuration { settings[name] = value }
    var body = Members([
      ("element", ["key": "googlesuite"]), ("providerData", ["code": "4/0A"]),
      ("configuration", .object(settings)),
    ])
    for (name, value) in top { body[name] = value }
    return try InstanceForm(JSON.object(body).bytes(), rules: AddressRules())
  }

  private func resource(_ resource: JSON) throws(Refusal) -> ResourceForm? {
    try form([(Self.poller, ["changed-groups": resource])]).resources.first
  }

  private func refusal(_ resource: JSON) -> String? {
    do {
      _ = try self.resource(resource)
      return nil
    } catch {
      return error.description
    }
  }

  @Test(
    arguments: [
      ("headers", ["Authorization": "Bearer x"], "configuration.headers.Authorization"),
      ("event.metadata", [["a": ["clientSecret": ["x"]]]], "event.metadata[0].a.clientSecret"),
      ("more", ["password": 1234], "configuration.more.password"),
      (
        "event.poller.configuration", ["a": ["url": "/x", "headers": ["Authorization": "1234"]]],
        "configuration.event.poller.configuration.a.headers.Authorization"
      ),
      (
        "event.poller.configuration", #"{"a":{"url":"/x","secret":"1234"}}"#,
        "configuration.event.poller.configuration.a.secret"
      ),
    ] as [(String, JSON, String)])
  func `a secret inside a setting that is kept readable is refused with its path`(
    name: String, value: JSON, path: String
  ) throws {
    let refusal = #expect(throws: Refusal.self) { try form([(name, value)]) }
    #expect(refusal?.description.contains(path + ": is named like a secret") == true)
    #expect(refusal?.description.contains("1234") == false)
  }

  @Test func `a calendar may be called like a secret`() throws {
    let key = "calendars/private-tokens@example.com/changed-events"
    let made = try form([
      ("event.poller.configuration", [key: ["url": .string("/hubs/general/" + key)]])
    ])
    #expect(made.resources.map(\.key) == [key])
  }

  @Test func `a setting named like a secret without one inside is kept`() throws {
    let made = try form([("paging", ["pageToken": true, "token": "", "keys": "a"])])
    #expect(made.settings.configuration["paging"] != nil)
  }

  @Test func `without a poller configuration the element's four resources are watched`() throws {
    let format = "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'"
    let dates = PollingRules(
      updatedFormat: format, updatedZone: "GMT", createdField: "created", createdFormat: format,
      createdZone: "GMT")
    var groups = dates
    groups.createdField = "metadata.updateTime"
    let keys = ["calendars/{calendarId}/changed-events", "calendars/primary/changed-events"]
    let calendars = keys.map {
      ResourceForm(
        key: $0, url: "/hubs/general/\($0)", idField: nil, updatedField: "updated", rules: dates)
    }
    let others = [
      ResourceForm(
        key: "changed-groups", url: "/hubs/general/changed-groups", idField: "id",
        updatedField: "metadata.updateTime", rules: groups),
      ResourceForm(
        key: "changed-messages", url: "/hubs/general/changed-messages", idField: "id",
        updatedField: nil, rules: nil),
    ]
    #expect(try form([]).resources == calendars + others)
    #expect(try form([(Self.poller, .null)]).resources == calendars + others)
    #expect(try form([(Self.poller, "")]).resources == calendars + others)
    #expect(try form([(Self.poller, [:])]).resources.isEmpty)
  }

  @Test func `every key of a resource is read, booleans and numbers also as strings`() throws {
    let expected = ResourceForm(
      key: "changed-groups", url: "/hubs/general/changed-groups", idField: "id",
      updatedField: "metadata.updateTime",
      rules: PollingRules(
        updatedFormat: "milliseconds", updatedZone: "Europe/Berlin", createdField: "made",
        createdFormat: "yyyy-MM-dd", createdZone: "-08:00", toleranceSeconds: 10,
        filtersByUpdatedDate: false, filtersByCurrentDate: true, delaySeconds: 30, pageSize: 100))
    let dates: [(String, JSON)] = [
      ("updatedDateField", "metadata.updateTime"), ("updatedDateFormat", "milliseconds"),
      ("createdDateField", "made"), ("createdDateFormat", "yyyy-MM-dd"),
      ("createdDateTimezone", "-08:00"),
    ]
    let url: JSON = "/hubs/general/changed-groups"
    let inner = dates + [("updatedDateTimezone", "Europe/Berlin"), ("createdCheckTolerance", "10")]
    let plain: JSON = [
      "url": url, "idField": "id", "filterByUpdatedDate": false, "filterByCurrentDate": true,
      "datesConfiguration": .object(Members(dates)), "updatedDateTimezone": "Europe/Berlin",
      "createdCheckTolerance": 10, "pageSize": 100, "pollDelay": 30,
    ]
    let quoted: JSON = [
      "url": url, "idField": "id", "filterByUpdateDate": "false", "filterByCurrentDate": "true",
      "datesConfiguration": .object(Members(inner)), "pageSize": "100", "pollDelay": " 30 ",
    ]
    #expect(try resource(plain) == expected)
    #expect(try resource(quoted) == expected)
    let text = String(decoding: (["changed-groups": plain] as JSON).bytes(), as: UTF8.self)
    #expect(try form([(Self.poller, .string(text))]).resources == [expected])
  }

  @Test(
    arguments: [
      (["idField": "id"], ".url: is missing"),
      (["url": "/x", "datesConfiguration": "x"], ".datesConfiguration: has to be an object"),
      (
        ["url": "/x", "datesConfiguration": ["updatedDateFormat": "d\u{1}"]],
        ".datesConfiguration.updatedDateFormat: control characters are not allowed"
      ),
      (
        ["url": "/x", "datesConfiguration": ["createdDateFormat": "yyyy-QQ"]],
        ".datesConfiguration.createdDateFormat: is no date pattern such as"
          + " yyyy-MM-dd'T'HH:mm:ss.SSS'Z', or the word milliseconds"
      ),
      (
        ["url": "/x", "datesConfiguration": ["createdDateTimezone": "Berlin?"]],
        ".datesConfiguration.createdDateTimezone: is no zone such as GMT, -08:00 or Europe/Berlin"
      ),
      (
        ["url": "/x", "filterByUpdatedDate": "yes"],
        #".filterByUpdatedDate: "yes" is neither true nor false"#
      ),
      (
        ["url": "/x", "pageSize": 0], ".pageSize: 0 is not a whole number of items, 1 to 10000"
      ),
      (
        ["url": "/x", "pollDelay": "soon"],
        #".pollDelay: "soon" is not a whole number of seconds, 0 to 31622400"#
      ),
      (["url": "/x", "idField": 1], ".idField: has to be a string"),
      ("/x", ": has to be an object"),
    ] as [(JSON, String)])
  func `a bad value of a resource is refused with its whole path`(_ resource: JSON, _ fault: String)
  {
    #expect(refusal(resource) == "\(Self.path).changed-groups\(fault)")
  }

  @Test func `what is not known is kept and named with its path`() throws {
    let form = try form(
      [
        ("of.mine", 1),
        (
          Self.poller,
          [
            "changed-groups": [
              "url": "/x", "batchSize": 5, "datesConfiguration": ["deletedDateField": "gone"],
            ]
          ]
        ),
      ], [("colour", "red")])
    #expect(
      form.unknown.sorted() == [
        "colour", "\(Self.path).changed-groups.batchSize",
        "\(Self.path).changed-groups.datesConfiguration.deletedDateField", "configuration.of.mine",
      ])
    guard case .table(let kept)? = form.settings.configuration[Self.poller],
      case .table(let groups)? = kept["changed-groups"]
    else {
      Issue.record("the configuration is not kept")
      return
    }
    #expect(groups["batchSize"] == .whole(5))
  }

  @Test func `lines of event.poller.urls are read where there is no configuration`() throws {
    let key = "event.poller.urls"
    let lines = "changed-groups|/hubs/general/changed-groups||at|milliseconds|GMT|made|yyyy|PST\n"
    let text: JSON = .string(lines + "\nchanged-messages|/hubs/general/changed-messages|//x\n")
    let old = try form([(key, text)])
    #expect(
      old.resources == [
        ResourceForm(
          key: "changed-groups", url: "/hubs/general/changed-groups", idField: nil,
          updatedField: "at",
          rules: PollingRules(
            updatedFormat: "milliseconds", updatedZone: "GMT", createdField: "made",
            createdFormat: "yyyy", createdZone: "PST")),
        ResourceForm(
          key: "changed-messages", url: "/hubs/general/changed-messages", idField: nil,
          updatedField: nil, rules: nil),
      ])
    #expect(old.unknown == ["configuration.event.poller.urls, line 2.xPathFilter"])
    #expect(try form([(key, text), (Self.poller, [:])]).resources.isEmpty)
    for (wrong, fault) in [
      ("a", ", line 1: has 1 fields between |; 2 to 9 are allowed: resource|url|…"),
      ("a|/x\na|/y", ", line 2: names a resource for the second time"),
      ("a|", ", line 1.url: is missing"),
    ] {
      #expect(throws: Refusal("configuration.event.poller.urls\(fault)")) {
        try form([(key, .string(wrong))])
      }
    }
  }
}
