import Domain
import Events
import Journal
import RawJSON

extension Runner {
  /// Asks for the next deliveries of a replay; it stays on the agenda until all are asked for.
  ///
  /// - Returns: How many were asked for now.
  func continueReplay(_ replay: Int64) async throws(LogError) -> Int {
    let (row, event) = try await book.reader.read { reading throws(LogError) in
      (try reading.replay(replay), try reading.event(at: replay))
    }
    guard let row, row.state == "running", let event,
      case .replayRequested(let requested) = try event.event()
    else { return 0 }
    capacity.ceilings[replay] = requested.concurrency
    let positions = try await selected(requested)
    var batch = DeliveryBatch(cause: replay)
    if requested.mode == "exact" {
      for place in row.requested..<min(row.requested + Limits.deliveriesPerAppend, positions.count)
      {
        let source = source(requested, event, place: place)
        if let copy = try await copy(positions[place], source) { batch.add(copy) }
      }
    } else {
      let groups = try await Replayer.groups(positions, from: book.reader)
      let end = min(row.requested + Limits.deliveriesPerAppend, groups.count)
      for place in row.requested..<end {
        guard let first = groups[place].first else { continue }
        let instance = try await book.instance(first.body.instance)
        let poll = try await book.reader.read { reading throws(LogError) in
          try reading.event(at: first.cause)
        }
        let source = source(
          requested, event, place: place,
          polledAt: Moment(milliseconds: first.body.polledAtMs), sequence: poll?.version ?? 0)
        batch.add(try await render(groups[place], source, of: instance))
      }
    }
    return try await flush(&batch)
  }

  /// The frozen positions of a replay, in order.
  private func selected(_ requested: ReplayRequested) async throws(LogError) -> [Int64] {
    var positions: [Int64] = []
    for digest in requested.selected {
      let bytes = try await book.reader.read { reading throws(LogError) in
        try reading.payload(digest)
      }
      guard let list = (try? JSON.parse(bytes))?.elements else {
        throw .alteredPayload(digest: digest)
      }
      positions += list.compactMap { $0.integer.map(Int64.init) }
    }
    return positions
  }

  private func source(
    _ requested: ReplayRequested, _ event: Recorded, place: Int, polledAt: Moment? = nil,
    sequence: Int64 = 0
  ) -> NotificationSource {
    var dueAt = max(Moment(milliseconds: requested.dueAtMs), event.recordedAt)
    if let rate = requested.ratePerSecond {
      dueAt = dueAt + .milliseconds(Int64(place) * 1_000 / Int64(max(rate, 1)))
    }
    return NotificationSource(
      digest: event.digest, place: place, places: requested.notifications, sequence: sequence,
      polledAt: polledAt ?? event.recordedAt, createdAt: event.recordedAt,
      replay: event.position, url: requested.to, mode: requested.mode,
      hasCredentials: requested.hasCredentials, dueAt: dueAt)
  }

  /// A delivery of its own under the same notification id, with the recorded bytes.
  private func copy(
    _ position: Int64, _ source: NotificationSource
  ) async throws(LogError) -> Rendered? {
    let row = try await book.reader.read { reading throws(LogError) in
      try reading.event(at: position)
    }
    guard let row, case .deliveryRequested(var copy) = try row.event(),
      let replay = source.replay
    else { return nil }
    copy.delivery = "\(copy.notification)/replay/\(replay)"
    copy.mode = source.mode
    copy.replay = replay
    copy.url = source.url
    copy.hasCredentials = source.hasCredentials
    copy.place = source.place
    copy.places = source.places
    copy.dueAtMs = source.dueAt.milliseconds
    return Rendered(requested: copy, payload: nil)
  }

  /// Ends a replay whose last delivery was just closed.
  func completeReplay(of stream: String) async throws(LogError) {
    guard let replay = Capacity.replay(of: stream) else { return }
    for _ in 0..<Limits.conflictsMax {
      let stream = "replay/\(replay)"
      let (row, version) = try await book.reader.read { reading throws(LogError) in
        (try reading.replay(replay), try reading.version(of: stream))
      }
      guard let row, row.state == "running", row.succeeded + row.failed >= row.notifications
      else { return }
      let completed = ReplayCompleted(
        replay: replay, succeeded: row.succeeded, failed: row.failed)
      do {
        try await append(
          [.replayCompleted(completed)], to: stream, expecting: version, cause: .position(replay))
        capacity.ceilings[replay] = nil
        return
      } catch .conflict {
        continue
      }
    }
  }
}
