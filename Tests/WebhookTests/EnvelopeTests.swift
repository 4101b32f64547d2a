import Events
import RawJSON
import Testing
import Webhook

private let polled = Moment(milliseconds: 1_795_424_700_123)
private let head = NotificationHead(
  notification: 1_500_001, eventId: "AXaaBBcc_ddEEff11223", elementKey: "googlesuite",
  hubKey: "general", instance: 7, instanceName: "Team \"A\"", instanceTags: ["Docs", "<Tag>"],
  objectType: "calendars/primary/changed-events", action: .updated,
  createdAt: polled + .seconds(1), polledAt: polled)

private func change(_ id: String, _ kind: ChangeKind = .updated) -> NotificationChange {
  NotificationChange(kind: kind, objectId: id, date: polled - .seconds(2))
}

@Test func `a notification is written in the platform's form, objects byte for byte`() {
  let objects = ["{ \"id\" : \"a\" }", #"{"id":"b","n":1.50}"#]
  let pieces = Envelope.render(head, [change("a"), change("b")])
  let body = Envelope.body(of: pieces) { Array(objects[$0].utf8) }
  let type = #""calendars/primary/changed-events""#
  let event = #""elementKey":"googlesuite","pollDate":"2026-11-23T09:05:00Z","eventType":"UPDATED""#
  #expect(
    String(decoding: body, as: UTF8.self) == """
      {"severity":"medium","createdDate":"Mon Nov 23 09:05:01 UTC 2026",\
      "topic":"instance-7-googlesuite-events","action":"update","id":"1500001",\
      "message":{"elementKey":"googlesuite","accountId":1,"companyId":1,"userId":1,\
      "eventId":"AXaaBBcc_ddEEff11223","instanceId":7,"instance_id":7,\
      "instanceName":"Team \\"A\\"","instanceTags":["Docs","<Tag>"],\
      "raw":{\(type):[{ "id" : "a" },{"id":"b","n":1.50}],"pollDate":1795424700123,\
      "objectType":\(type)},\
      "events":[\
      {"date":"2026-11-23T09:04:58Z",\(event),"hubKey":"general","objectId":"a",\
      "objectType":\(type)},\
      {"date":"2026-11-23T09:04:58Z",\(event),"hubKey":"general","objectId":"b",\
      "objectType":\(type)}]},\
      "user":"daybook@localhost"}
      """)
}

@Test(arguments: [
  (ChangeKind.created, "create", "CREATED"), (.updated, "update", "UPDATED"),
  (.deleted, "delete", "DELETED"),
])
func `action and event type say what happened`(
  kind: ChangeKind, action: String, type: String
)
  throws
{
  var head = head
  head.action = kind
  let pieces = Envelope.render(head, [change("a", kind)])
  let json = try JSON.parse(Envelope.body(of: pieces) { _ in Envelope.stub(id: "a") })
  #expect(json["action"]?.text == action)
  #expect(json.at(path: "message.events")?.elements?.first?["eventType"]?.text == type)
}

@Test(arguments: 1...10)
func `raw objects pair with events, by place and by id`(count: Int) throws {
  let ids = (0..<count).map { "id \"\($0)\" \u{1F}é\\" }
  let pieces = Envelope.render(head, ids.map { change($0) })
  #expect(pieces.count == 2 * count + 1)
  #expect(pieces.filter { if case .object = $0 { true } else { false } }.count == count)
  let json = try JSON.parse(Envelope.body(of: pieces) { Envelope.stub(id: ids[$0]) })
  let raw = json["message"]?["raw"]?["calendars/primary/changed-events"]?.elements
  let events = json.at(path: "message.events")?.elements
  #expect(raw?.map { $0["id"]?.text } == ids)
  #expect(events?.map { $0["objectId"]?.text } == ids)
}

@Test func `names from outside cannot break out of their strings`() throws {
  var head = head
  head.instanceName = "\",\"x\":{\n\u{0}😀"
  head.instanceTags = ["\\", "\"]"]
  head.objectType = "a\"b"
  head.elementKey = "k\"\\"
  let pieces = Envelope.render(head, [change("\"")])
  let json = try JSON.parse(Envelope.body(of: pieces) { _ in Array("{}".utf8) })
  #expect(json.at(path: "message.instanceName")?.text == head.instanceName)
  #expect(json.at(path: "message.instanceTags") == ["\\", "\"]"])
  #expect(json["message"]?["raw"]?["a\"b"] == [[:]])
  #expect(json["topic"]?.text == "instance-7-k\"\\-events")
}

@Test func `the largest notification number stays a string of its digits`() throws {
  var head = head
  head.notification = UInt64(Int64.max)
  let pieces = Envelope.render(head, [change("a")])
  let json = try JSON.parse(Envelope.body(of: pieces) { _ in Array("{}".utf8) })
  #expect(json["id"] == "9223372036854775807")
}
