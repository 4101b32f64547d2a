import Daybook
import Events
import HTTPTypes
import Synchronization

/// Figures for Prometheus and its like.
enum MetricsRoutes {
  static let all = [metrics]

  /// Resources that are told apart: each is a series of its own.
  private static let resourcesMax = 100

  private static let metrics = Route(
    .get, "/daybook/v1/metrics", .neighbour,
    "Figures in Prometheus’ text format: what waits, what was done, how late polls are.",
    answer: .text("text/plain")
  ) { call in
    _ = try call.form(of: ["text/plain"])
    var text = MetricsText()
    addProcess(call.site, &text)
    addAttempts(call.site.meters.state.withLock { $0 }, &text)
    try await addJournal(call, &text)
    return .text(text.text, type: MetricsText.type)
  }

  private static func addProcess(_ site: Site, _ text: inout MetricsText) {
    let state = site.meters.state.withLock { $0 }
    text.add(
      "daybook_build_info", .gauge, "The program’s version.",
      [.init(1, ["version": site.settings.version])])
    text.add(
      "daybook_worker_running", .gauge, "1 while this process polls and delivers.",
      state.isWorking ? 1 : 0)
    text.add(
      "daybook_http_requests_total", .counter, "Requests answered, by route and status.",
      state.requests.map { request, count in
        .init(
          count,
          ["route": request.route, "method": request.method, "status": "\(request.status)"])
      })
    text.add(
      "daybook_http_requests_under_way", .gauge, "Requests whose answer is not written yet.",
      site.counts.withLock { $0.requests.values.reduce(0, +) })
    text.add(
      "daybook_http_streams", .gauge, "Streams of events that are open.",
      site.counts.withLock { $0.held[.streams, default: 0] })
  }

  private static func addAttempts(_ state: Meters.State, _ text: inout MetricsText) {
    text.add(
      "daybook_polls_total", .counter, "Polls made, by how they ended.",
      ["completed", "failed", "skipped"].map { .init(state.polls[$0] ?? 0, ["status": $0]) })
    text.add(
      "daybook_deliveries_requested_total", .counter, "Deliveries asked for.",
      state.deliveriesRequested)
    text.add(
      "daybook_attempts_total", .counter,
      "Attempts to deliver, by the class of the answer and by what came of them.",
      state.attempts.map { attempt, count in
        .init(count, ["class": attempt.statusClass, "outcome": attempt.outcome])
      })
    text.add(
      "daybook_retries_total", .counter, "Attempts that were not a delivery’s first.",
      state.retries)
    var buckets: [MetricsText.Sample] = []
    var sum = 0
    for (place, count) in state.durations.enumerated() {
      sum += count
      let bound =
        place < Meters.bounds.count ? "\(Double(Meters.bounds[place]) / 1_000)" : "+Inf"
      buckets.append(.init(sum, ["le": bound], suffix: "_bucket"))
    }
    buckets.append(.init(state.durationSum.seconds, suffix: "_sum"))
    buckets.append(.init(sum, suffix: "_count"))
    text.add(
      "daybook_attempt_duration_seconds", .histogram, "How long attempts to deliver took.",
      buckets)
  }

  private static func addJournal(_ call: Call, _ text: inout MetricsText) async throws {
    let now = call.site.world.now()
    let gauges = try await call.site.aside.gauges()
    text.add(
      "daybook_deliveries", .gauge, "Deliveries that have not come to an end, by state.",
      ["pending", "attempting", "failed", "unknown", "held"].map {
        .init(gauges.deliveries[$0]?.count ?? 0, ["state": $0])
      })
    text.add(
      "daybook_oldest_pending_delivery_age_seconds", .gauge,
      "Age of the oldest delivery that is still to be made; 0 where there is none.",
      now.secondsSince(gauges.oldestPendingAt))
    text.add(
      "daybook_head_position", .gauge, "The position of the last event.", gauges.head)
    let feeds = try await call.site.aside.feedGauges(limit: resourcesMax)
    text.add(
      "daybook_feeds", .gauge, "Feeds on a schedule, by resource.",
      feeds.map { .init($0.count, ["resource": $0.resource]) })
    text.add(
      "daybook_poll_lag_seconds", .gauge,
      "How long the poll is overdue that has waited longest, by resource.",
      feeds.map { .init(now.secondsSince($0.dueAt), ["resource": $0.resource]) })
    text.add(
      "daybook_cursor_age_seconds", .gauge,
      "Since the feed was read that was read longest ago, by resource.",
      feeds.compactMap { feed in
        feed.readAt.map { .init(now.secondsSince($0), ["resource": feed.resource]) }
      })
    await addAppends(call.journal, &text)
  }

  private static func addAppends(_ journal: Journal, _ text: inout MetricsText) async {
    let counts = await journal.appendCounts()
    text.add(
      "daybook_appends_total", .counter, "Appends of this process.", counts.appends)
    text.add(
      "daybook_appended_events_total", .counter,
      "Events in them; by commits it is the size of a commit.", counts.events)
    text.add(
      "daybook_commits_total", .counter, "Transactions, each with one sync of the disk.",
      counts.commits)
    let bytes = journal.bytesOnDisk()
    text.add(
      "daybook_journal_bytes", .gauge, "Bytes on disk: the journal, and its write-ahead log.",
      [.init(bytes.journal, ["file": "journal"]), .init(bytes.log, ["file": "wal"])])
  }
}

extension Moment {
  /// 0 where that is nil, or still to come.
  fileprivate func secondsSince(_ moment: Moment?) -> Double {
    guard let moment else { return 0 }
    return max(0, (self - moment).seconds)
  }
}

extension Duration {
  fileprivate var seconds: Double { Double(wholeMilliseconds) / 1_000 }
}
