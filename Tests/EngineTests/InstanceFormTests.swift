import Domain
import Engine
import Events
import Google
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
    return try InstanceForm(
      JSON.object(body).bytes(), rules: AddressRules(), connector: GoogleSuite())
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

  @Test(
    arguments: [
      ("event.notification.signature_key", "Zebra-1234"),
      ("event.notification.signature.keys", "Zebra-1234"),
      ("Event.Notification.Signature.Key", "Zebra-1234"),
      ("eventNotificationSignatureKey", "Zebra-1234"),
      ("EVENT_NOTIFICATION_BASIC_USER", "Zebra-1234"),
      ("event.notifcation.basic.pw", "Zebra-1234"),
      ("event.notification.anything", ["deep": ["Zebra-1234"]]),
      ("event.notification.number", 1_234), ("oauth.user.refreshtoken", "Zebra-1234"),
      ("oauth.api.secrets", "Zebra-1234"), ("OAuth.Api.Whatever", "Zebra-1234"),
      ("oauthApiId", "Zebra-1234"), ("oauth", ["api": ["secret": "Zebra-1234"]]),
      ("event", ["notification": ["hook": "Zebra-1234"]]), ("signingkey", "Zebra-1234"),
      ("api_key", "Zebra-1234"), ("apiKey", "Zebra-1234"), ("hookPwd", "Zebra-1234"),
      ("X-Signature", "Zebra-1234"), ("Password", "Zebra-1234"),
    ] as [(String, JSON)])
  func `what nobody knows and may be a secret keeps its name and loses its value`(
    name: String, value: JSON
  ) throws {
    let made = try form([(name, value)])
    #expect(made.settings.configuration[name] == nil)
    #expect(made.settings.secrets.contains(name))
    #expect(made.unknown == ["configuration.\(name)"])
    #expect(!"\(made.settings)".contains("1234"))
    // Nothing of it comes back in clear by a change of something else, nor when it is given back
    // as it is shown.
    let old = made.settings
    for body in [#"{"name":"Other"}"#, #"{"configuration":{"\#(name)":"********"}}"#] {
      let update = try InstanceUpdate(
        Array(body.utf8), of: old, rules: AddressRules(), connector: GoogleSuite())
      #expect(update.settings.secrets == old.secrets && update.secrets.isEmpty, "\(body)")
      #expect(update.unknown == ["configuration.\(name)"])
    }
    let given: JSON = ["configuration": .object(Members([(name, value)]))]
    let before = try form([]).settings
    let update = try InstanceUpdate(
      given.bytes(), of: before, rules: AddressRules(), connector: GoogleSuite())
    #expect(update.secrets[name]?.contains("1234") == true)
    #expect(!"\(update.settings)".contains("1234"))
    // What an older journal keeps in clear is sealed with the next change.
    var older = before
    older.configuration[name] = Setting(value)
    let next = try InstanceUpdate(
      Array(#"{"name":"Other"}"#.utf8), of: older, rules: AddressRules(), connector: GoogleSuite())
    #expect(next.settings.configuration[name] == nil && next.settings.secrets.contains(name))
    // A null takes it away.
    let nothing: JSON = ["configuration": .object(Members([(name, .null)]))]
    let less = try InstanceUpdate(
      nothing.bytes(), of: old, rules: AddressRules(), connector: GoogleSuite())
    #expect(less.dropped == [name] && !less.settings.secrets.contains(name))
    #expect(less.unknown == [])
  }

  @Test func `what inside a setting may be a secret is masked where it is kept`() throws {
    let entry: JSON = ["url": "/x", "signature_key": "Zebra-1234", "paging": ["hookPwd": ["1234"]]]
    let table: JSON = ["a": entry]
    let text = String(decoding: table.bytes(), as: UTF8.self)
    for value in [table, .string(text)] {
      let made = try form([(Self.poller, value), ("event.metadata", entry), ("mine", entry)])
      #expect(!"\(made.settings)".contains("1234"))
      #expect(made.settings.configuration[Self.poller] != nil)
      #expect("\(made.settings)".contains("signature_key"))
      #expect(made.resources.map(\.key) == ["a"])
    }
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
            createdFormat: "yyyy", createdZone: "PST"),
          path: "configuration.\(key), line 1.url"),
        ResourceForm(
          key: "changed-messages", url: "/hubs/general/changed-messages", idField: nil,
          updatedField: nil, rules: nil, path: "configuration.\(key), line 2.url"),
      ])
    #expect(old.unknown == ["configuration.event.poller.urls, line 2.xPathFilter"])
    #expect(try form([(key, text), (Self.poller, [:])]).resources.isEmpty)
    for (wrong, fault) in [
      (
        "a|/x|||||||||",
        (", line 1", "has 11 fields between |; 9 at most are allowed: resource|url|…")
      ),
      ("a|/x\na|/y", (", line 2", "names a resource for the second time")),
      ("a|b|a", (", line 1", "names a resource for the second time")),
      ("a||at", (", line 1.url", "is missing")),
    ] {
      #expect(throws: Refusal(at: "configuration.event.poller.urls\(fault.0)", fault.1)) {
        try form([(key, .string(wrong))])
      }
    }
  }

  @Test(
    arguments: [
      ("event.poller.urls", "changed-groups|changed-messages"),
      ("event.poller.urls", " changed-groups | changed-messages | "),
      ("event.poller.urls", "changed-groups\nchanged-messages"),
      ("event.poller.urls", #"changed-groups\nchanged-messages"#),
      ("event.poller.urls", "changed-groups\r\nchanged-messages|"),
      ("event.poller.urls", ["changed-groups", "changed-messages"]),
      ("event.objects", "changed-groups,changed-messages"),
      ("event.objects", "changed-groups, changed-messages,"),
      ("event.objects", ["changed-groups", "changed-messages"]),
    ] as [(String, JSON)])
  func `names alone are read as the platform's files write them`(key: String, value: JSON) throws {
    let own = try form([]).resources.suffix(2)
    let made = try form([(key, value)])
    #expect(
      made.resources.map { [$0.key, $0.url, $0.idField, $0.updatedField] }
        == own.map { [$0.key, $0.url, $0.idField, $0.updatedField] })
    #expect(made.resources.map(\.rules) == own.map(\.rules))
    #expect(made.unknown.isEmpty)
  }

  @Test func `a name may be a calendar's, another readable one's, or a url`() throws {
    let names =
      "calendars/a@example.com/changed-events|contacts\n/hubs/x/changed-groups\n"
      + "mine|hubs/general/messages?where=q='x'\n/hubs/general/threads|/groups?where=a='b'"
    let made = try form([("event.poller.urls", .string(names))]).resources
    #expect(
      made.map { [$0.key, $0.url] } == [
        [
          "calendars/a@example.com/changed-events",
          "/hubs/general/calendars/a@example.com/changed-events",
        ], ["contacts", "/hubs/general/contacts"], ["changed-groups", "/hubs/x/changed-groups"],
        ["mine", "hubs/general/messages?where=q='x'"], ["threads", "/hubs/general/threads"],
        ["groups", "/groups?where=a='b'"],
      ])
    #expect(made[0].rules?.createdField == "created")
  }

  @Test func `the newest form of the resources counts, and nothing is no form`() throws {
    let old: [(String, JSON)] = [
      ("event.poller.urls", "changed-groups"), ("event.objects", "changed-messages"),
    ]
    #expect(try form(old).resources.map(\.key) == ["changed-groups"])
    #expect(
      try form(old + [("event.poller.urls", " \n")]).resources.map(\.key) == ["changed-messages"])
    let new: (String, JSON) = (Self.poller, ["m": ["url": "/changed-messages"]])
    #expect(try form(old + [new]).resources.map(\.key) == ["m"])
    let none: [(String, JSON)] = [("event.poller.urls", .null), ("event.objects", "")]
    #expect(try form(none).resources == form([]).resources)
    #expect(throws: Refusal.self) { try form([("event.objects", ["a": 1])]) }
  }

  @Test(
    arguments: [
      ("event.poller.configuration", ["u": ["url": "/hubs/general/changed-unicorns"]], "u.url"),
      ("event.poller.urls", "changed-groups|changed-unicorns", "urls, line 1"),
      ("event.poller.urls", "u|/hubs/general/changed-unicorns", "urls, line 1.url"),
      ("event.objects", "changed-unicorns,changed-groups", "event.objects"),
    ] as [(String, JSON, String)])
  func `a resource that can never be polled is refused with its path and what can be`(
    key: String, value: JSON, path: String
  ) throws {
    let made = try form([(key, value)])
    let refusal = #expect(throws: Refusal.self) {
      try Instances.check(made.resources, by: GoogleSuite())
    }
    let text = try #require(refusal?.description)
    #expect(text.contains("\(path): /hubs/general/changed-unicorns cannot be polled"))
    #expect(text.contains("/hubs/general/changed-messages, "))
  }

  @Test func `what keeps a cursor takes no conditions, and says so`() throws {
    let url = "/hubs/general/changed-groups?where=a='b'"
    let made = try form([(Self.poller, ["g": ["url": .string(url)]])])
    let refusal = #expect(throws: Refusal.self) {
      try Instances.check(made.resources, by: GoogleSuite())
    }
    #expect(refusal?.description.contains("changed-groups takes no conditions") == true)
  }
}
