import BenchSupport
import Daybook
import DaybookLive
import Domain
import Engine
import EventStore
import Events
import Foundation

/// Measures what an attempt costs with few and with many deliveries waiting.
///
///     DeliverBench [--waiting N[,N…]] [--dead N] [--seconds N] [--concurrency N]
///                  [--daybook FILE] [--dir DIR]
///
/// A journal gets so many deliveries that are due, of 1 KB each and signed, to a receiver on
/// loopback that answers at once; `daybook deliver` then sends them for some seconds in a process
/// of its own. Prints a table: attempts a second, processor time an attempt, resident memory.
/// With `--dead` so many more wait for a receiver that takes no connection; they are not counted.
@main
struct DeliverBench {
  static func main() async throws {
    let options = try DeliverBenchOptions(CommandLine.arguments.dropFirst())
    let receiver = try InstantReceiver()
    print("waiting      attempts     a second   us of CPU   KiB resident")
    for waiting in options.waiting {
      let measured = try await measure(waiting, options, receiver)
      print(
        String(
          format: "%-12d %8d %12.0f %11.0f %14d", waiting, measured.attempts,
          Double(measured.attempts) / measured.seconds,
          measured.cpuSeconds * 1e6 / Double(max(1, measured.attempts)), measured.memoryKiB))
    }
  }

  /// What sending came to.
  struct Measured {
    var attempts = 0
    var seconds = 0.0
    var cpuSeconds = 0.0
    var memoryKiB = 0
  }

  private static func measure(
    _ waiting: Int, _ options: DeliverBenchOptions, _ receiver: InstantReceiver
  ) async throws -> Measured {
    try? FileManager.default.removeItem(atPath: options.folder)
    try FileManager.default.createDirectory(
      atPath: options.folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: options.folder) }
    let path = options.folder + "/deliver.journal"
    try await prepare(path, waiting, to: receiver.url, dead: options.dead)
    let before = receiver.answered
    let usage = try DeliverProcess.run(options, journal: path)
    return Measured(
      attempts: receiver.answered - before, seconds: usage.seconds,
      cpuSeconds: usage.cpuSeconds, memoryKiB: usage.memoryKiB)
  }

  /// A journal with one instance and its deliveries, and another whose receiver is dead.
  private static func prepare(
    _ path: String, _ waiting: Int, to url: String, dead: Int
  ) async throws {
    let rules = try AddressRules(list: "127.0.0.1")
    let desk = try OpenedJournal(
      path,
      OpenedJournal.Options(
        engine: EngineSettings(rules: rules, version: "bench", process: Int64(getpid()))),
      world: .live(rules: rules))
    if dead > 0 {
      // Nothing listens there.
      try await ask(desk, rules, dead, to: "http://127.0.0.1:1025/hook", from: 2_000_000_000_000)
    }
    try await ask(desk, rules, waiting, to: url, from: 1_000_000_000_000)
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
                dateMs: now.milliseconds, polledAtMs: now.milliseconds, bytes: bytes.count))))
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
                dueAtMs: now.milliseconds))))
        payloads.append(body)
      }
      _ = try await desk.repository.writer.append(
        AppendRequest(newEvents, payloads: payloads, at: now))
      asked += count
    }
  }
}
