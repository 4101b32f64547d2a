import Daybook
import Events
import HTTPTypes
import RawJSON
import Synchronization

/// Whether the server is there, and whether it can do its work.
enum HealthRoutes {
  static let all = [health, live, ready]

  private static let health = Route(
    .get, "/daybook/v1/health", .neighbour,
    "Says that the journal can be read, where it ends, how much waits, and how late polls are.",
    answer: .json(
      .object([
        "status": .word(["ok"]), "version": .text, "head": .whole, "time": .time,
        "pending": .whole, "held": .whole, "oldestPendingMs": Schema.whole.orNull,
        "pollLagMs": .whole,
      ]))
  ) { call in
    let now = call.site.world.now()
    let gauges = try await call.site.glance.gauges(at: now)
    let lag = gauges.firstPollDueAt.map { max(0, (now - $0).wholeMilliseconds) } ?? 0
    return .json([
      "status": "ok", "version": .string(call.site.settings.version),
      "head": .number(gauges.head), "time": .string(now.rfc3339),
      "pending": .number(gauges.pending), "held": .number(gauges.deliveries["held"]?.count ?? 0),
      "oldestPendingMs": gauges.oldestPendingAt.map {
        .number(max(0, (now - $0).wholeMilliseconds))
      } ?? .null,
      "pollLagMs": .number(lag),
    ])
  }

  private static let live = Route(
    .get, "/daybook/v1/health/live", .neighbour, "Says that the server answers.",
    answer: .json(.object(["status": .word(["ok"])]))
  ) { _ in .json(["status": "ok"]) }

  private static let ready = Route(
    .get, "/daybook/v1/health/ready", .neighbour,
    "Says that the journal can be read and is polled and delivered; 503 where not.",
    answer: .json(.object(["status": .word(["ready"])]))
  ) { call in
    guard call.site.meters.state.withLock(\.isWorking) else {
      throw Trouble(.serviceUnavailable, "notReady", "the journal is not polled or delivered")
    }
    do {
      _ = try await call.journal.head()
    } catch {
      throw Trouble(.serviceUnavailable, "notReady", "the journal cannot be read: \(error)")
    }
    return .json(["status": "ready"])
  }
}

/// Figures of the journal that are looked up now and then, however often they are asked for.
actor Glance {
  /// For which they are good enough.
  private static let freshness = Duration.milliseconds(200)

  private let journal: Journal
  private var last: (at: Moment, gauges: JournalGauges)?

  init(_ journal: Journal) { self.journal = journal }

  func gauges(at now: Moment) async throws -> JournalGauges {
    if let last, last.at <= now, now - last.at < Glance.freshness { return last.gauges }
    let gauges = try await journal.gauges()
    last = (now, gauges)
    return gauges
  }
}
