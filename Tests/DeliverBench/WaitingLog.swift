import Daybook
import DaybookLive
import Domain
import Engine
import EventStore
import Events
import Glibc

/// A journal in which deliveries wait.
enum WaitingLog {
  /// Writes one with an instance for each receiver, and so many deliveries to it that are due.
  static func write(_ path: String, _ waiting: [(count: Int, url: String)]) async throws {
    let rules = try AddressRules(list: "127.0.0.1")
    let desk = try OpenedJournal(
      path,
      OpenedJournal.Options(
        engine: EngineSettings(rules: rules, version: "bench", process: Int64(getpid()))),
      world: .live(rules: rules))
    for (place, (count, url)) in waiting.enumerated() where count > 0 {
      try await ask(desk, rules, count, to: url, from: (place + 1) * 1_000_000_000_000)
    }
    try await desk.repository.writer.catchUp()
    try await desk.repository.writer.checkpoint()
  }

  /// An instance and so many deliveries of it.
  private static func ask(
    _ desk: OpenedJournal, _ rules: AddressRules, _ waiting: Int, to url: String, from first: Int
  ) async throws {
    let form = try InstanceForm(
      Array(
        """
        {"element": {"key": "googlesuite"}, "externalAuthentication": "initial", "name": "Team",
         "configuration": {"oauth.api.key": "client", "oauth.api.secret": "a client's secret",
          "oauth.user.refresh_token": "a refresh token", "event.notification.enabled": true,
          "event.notification.callback.url": "\(url)",
          "event.notification.signature.key": "whsec_c2lnbmF0dXJlIGtleSBvZiBhIGJlbmNo",
          "event.poller.refresh_interval": 60, "event.poller.configuration": {
           "calendars/primary/changed-events": {
            "url": "/hubs/general/calendars/primary/changed-events", "idField": ""}}}}
        """.utf8), rules: rules, connector: desk.connector)
    let created = try await desk.instances.create(form, nil)
    let text = String(repeating: "x", count: 1_000)
    var asked = 0
    while asked < waiting {
      let count = min(500, waiting - asked)
      let now = desk.world.now()
      let head = try await desk.repository.writer.currentHead().position
      var newEvents: [NewEvent] = []
      var payloads: [Payload] = []
      for place in asked..<asked + count {
        let bytes = Array(#"{"place":\#(place),"text":"\#(text)"}"#.utf8)
        let body = Payload(bytes, kind: .evidence, salt: desk.world.bytes(16))
        let id = NotificationID(UInt64(first + place))
        // An object of its own, so that none waits for another.
        newEvents.append(
          NewEvent(
            .feed(FeedID(4)),
            .changeObserved(
              ChangeObserved(
                feed: 4, instance: created.instance, resource: "calendars/primary/changed-events",
                kind: .created, object: "object-\(first + place)", revision: "1",
                dateMs: now.milliseconds, polledAtMs: now.milliseconds, bytes: bytes.count)),
            cause: .position(1)))
        newEvents.append(
          NewEvent(
            .delivery(DeliveryID(of: id)),
            .deliveryRequested(
              DeliveryRequested(
                delivery: DeliveryID(of: id), notification: id, eventId: "AAAAAAAAAAAAAAAAAAAA",
                instance: created.instance, feed: 4, resource: "calendars/primary/changed-events",
                action: .created, changes: [head + Int64(newEvents.count)],
                sequence: head, body: body.name, bytes: bytes.count,
                mode: .known(.live), hasCredentials: true, place: place, places: waiting,
                dueAtMs: now.milliseconds)), cause: .position(1)))
        payloads.append(body)
      }
      _ = try await desk.repository.writer.append(
        AppendRequest(newEvents, payloads: payloads, at: now))
      asked += count
    }
  }
}
