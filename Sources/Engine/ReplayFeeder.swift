import Domain
import EventStore
import Events
import RawJSON

/// Asks for the deliveries of replays, bit by bit, as fast as each may go; making them is the
/// deliverer's.
///
/// Lives inside the worker: what it remembers is the worker's.
final class ReplayFeeder {
  private let repository: Repository
  private let world: World
  private let renderer: NotificationRenderer
  /// Notifications of each replay under way, until all are asked for.
  private var orders: [ReplayID: ReplayOrder] = [:]

  init(_ repository: Repository, connector: any Connector, world: World) {
    self.repository = repository
    self.world = world
    renderer = NotificationRenderer(repository, connector: connector, world: world)
  }

  /// Deliveries of a replay that were asked for in one go.
  struct Fed: Sendable {
    /// Deliveries that were asked for now.
    let count: Int
    /// Attempts at once that the replay allows.
    let concurrency: Int
    let rate: RateLimit
  }

  /// Asks for the next deliveries of a replay; it stays on the agenda until all are asked for.
  ///
  /// With a rate it asks for a tenth of a second’s worth at a time, as the last one that it asked
  /// for comes due. So there is little that could go at once after a stop or a crash.
  ///
  /// - Parameter dueAt: When this was due: once some were asked for, with the last of them.
  /// - Returns: nil where the replay does not run any more.
  nonisolated(nonsending) func feed(
    _ replay: ReplayID, dueAt: Moment
  ) async throws(JournalError) -> Fed? {
    let (row, event) = try await repository.reader.read { snapshot throws(JournalError) in
      (try snapshot.replay(replay), try snapshot.event(at: replay.position))
    }
    guard let row, row.state == "running", let event,
      case .replayRequested(let requested) = try event.event()
    else { return nil }
    let concurrency = requested.concurrency ?? .max
    let pace = RateLimit(rate: requested.ratePerSecond)
    // What a stop held up was asked for before, and goes first.
    guard try await releaseHeld(ofReplay: replay) else {
      return Fed(count: 0, concurrency: concurrency, rate: pace)
    }
    let planned = try await repository.reader.read { snapshot throws(JournalError) in
      try snapshot.lastPlanned(ofReplay: replay)
    }
    let dueAt = planned.map { max($0, dueAt) } ?? dueAt
    let order = try await order(of: replay, requested)
    let before = pace.wait(row.requested == 0 ? 0 : 1)
    var first = dueAt + before
    let now = world.now()
    if pace.isBound, first < now - Limits.replayLatenessMax {
      // What nobody asked for in time is not made up for; the last one may be late as well.
      first = now + before
    }
    var batch = DeliveryBatch(cause: replay.position)
    var place = row.requested
    let most = pace.batchMax ?? Limits.deliveriesPerAppend
    while place < order.count, !batch.isFull, place - row.requested < most {
      let next = first + pace.wait(place - row.requested)
      if requested.mode.known == .exact {
        let source = source(requested, event, place: place, dueAt: next)
        if let copy = try await copy(order[place][0], source) { batch.add(copy) }
      } else if let rendered = try await rebuilt(
        order[place], requested, event, place: place, dueAt: next)
      {
        batch.add(rendered)
      }
      place += 1
    }
    if place >= order.count { orders[replay] = nil }
    let count = try await batch.flush(to: repository, at: world.now())
    return Fed(count: count, concurrency: concurrency, rate: pace)
  }

  /// - Returns: False where the task was cancelled meanwhile: the rest is found again.
  private nonisolated(nonsending) func releaseHeld(
    ofReplay replay: ReplayID
  ) async throws(JournalError) -> Bool {
    let stream = StreamName.replay(replay)
    let held = try await repository.reader.read { snapshot throws(JournalError) in
      try snapshot.countHeld(for: stream.text)
    }
    if held == 0 { return true }
    do {
      try await repository.release(heldFor: stream.text, reason: .resumed, in: world)
      return true
    } catch let error as JournalError {
      throw error
    } catch {
      return false
    }
  }

  /// Notifications that a replay sends, each by its positions.
  struct ReplayOrder: Sendable {
    private let positions: [Int64]
    /// Where each notification ends among the positions; nil: each position is one.
    private let ends: [Int]?

    init(_ positions: [Int64], ends: [Int]? = nil) {
      self.positions = positions
      self.ends = ends
    }

    var count: Int { ends?.count ?? positions.count }

    subscript(place: Int) -> [Int64] {
      guard let ends else { return [positions[place]] }
      return Array(positions[(place == 0 ? 0 : ends[place - 1])..<ends[place]])
    }
  }

  /// Put together once, and kept until all of it was asked for.
  private nonisolated(nonsending) func order(
    of replay: ReplayID, _ requested: ReplayRequested
  ) async throws(JournalError) -> ReplayOrder {
    if let known = orders[replay] { return known }
    guard requested.mode.known == .exact || requested.mode.known == .rebuilt else {
      throw .unreadable(position: replay.position, type: ReplayRequested.type)
    }
    let positions = try await selected(requested)
    var order = ReplayOrder(positions)
    if requested.mode.known != .exact {
      var (flat, ends): ([Int64], [Int]) = ([], [])
      var polls = PollGroups(positions)
      while let groups = try await polls.next(from: repository.reader) {
        for group in groups {
          flat += group.map(\.position)
          ends.append(flat.count)
        }
      }
      order = ReplayOrder(flat, ends: ends)
    }
    // One that is stopped may never be asked for again.
    if orders.count >= Limits.replayOrdersMax { orders = [:] }
    orders[replay] = order
    return order
  }

  /// A notification rendered again by today’s rules.
  private nonisolated(nonsending) func rebuilt(
    _ positions: [Int64], _ requested: ReplayRequested, _ event: RecordedEvent, place: Int,
    dueAt: Moment
  ) async throws(JournalError) -> RenderedDelivery? {
    var changes: [ObservedChange] = []
    for position in positions {
      let row = try await repository.reader.read { snapshot throws(JournalError) in
        try snapshot.event(at: position)
      }
      if let change = try row.flatMap(ObservedChange.init) { changes.append(change) }
    }
    guard let first = changes.first else { return nil }
    let instance = try await repository.instance(first.body.instance)
    let source = source(
      requested, event, place: place, dueAt: dueAt,
      polledAt: Moment(milliseconds: first.body.polledAtMs),
      sequence: try await sequence(ofPoll: first.cause))
    return try await renderer.render(changes, source, of: instance)
  }

  /// The number that the first notification of a poll went out with, so that whoever has what came
  /// later drops what is rendered anew. Journals of before counted by feed.
  private nonisolated(nonsending) func sequence(
    ofPoll position: Int64
  ) async throws(JournalError) -> Int64 {
    try await repository.reader.read { snapshot throws(JournalError) in
      guard let poll = try snapshot.event(at: position) else { return position }
      let first = NotificationID(
        NotificationRenderer.id(Chain.identity(of: poll.digest, place: 0)))
      guard let asked = try snapshot.events(of: .delivery(DeliveryID(of: first))).first,
        case .deliveryRequested(let body) = try asked.event()
      else { return position }
      return body.sequence
    }
  }

  /// The frozen positions of a replay, in order.
  private nonisolated(nonsending) func selected(
    _ requested: ReplayRequested
  ) async throws(JournalError) -> [Int64] {
    var positions: [Int64] = []
    for digest in requested.selected {
      let bytes = try await repository.reader.read { snapshot throws(JournalError) in
        try snapshot.payload(digest)
      }
      guard let list = (try? JSON.parse(bytes))?.elements else {
        throw .alteredPayload(digest: digest)
      }
      positions += list.compactMap { $0.integer.map(Int64.init) }
    }
    return positions
  }

  private func source(
    _ requested: ReplayRequested, _ event: RecordedEvent, place: Int, dueAt: Moment,
    polledAt: Moment? = nil, sequence: Int64 = 0
  ) -> NotificationSource {
    NotificationSource(
      digest: event.digest, place: place, places: requested.notifications, sequence: sequence,
      polledAt: polledAt ?? event.recordedAt, createdAt: event.recordedAt,
      replay: ReplayID(event.position), url: requested.to, mode: requested.mode,
      hasCredentials: requested.hasCredentials, dueAt: dueAt)
  }

  /// A delivery of its own under the same notification id, with the recorded bytes.
  private nonisolated(nonsending) func copy(
    _ position: Int64, _ source: NotificationSource
  ) async throws(JournalError) -> RenderedDelivery? {
    let row = try await repository.reader.read { snapshot throws(JournalError) in
      try snapshot.event(at: position)
    }
    guard let row, case .deliveryRequested(var copy) = try row.event(),
      let replay = source.replay
    else { return nil }
    copy.delivery = DeliveryID(of: copy.notification, in: replay)
    copy.mode = source.mode
    copy.replay = replay
    copy.url = source.url
    copy.hasCredentials = source.hasCredentials
    copy.place = source.place
    copy.places = source.places
    copy.dueAtMs = source.dueAt.milliseconds
    // Of one object nothing overtakes, whatever its instance says.
    copy.order = nil
    return RenderedDelivery(requested: copy, payload: nil)
  }

  /// Ends a replay whose deliveries have all come to an end; nothing where they have not.
  ///
  /// - Returns: True where this ended it.
  @discardableResult
  nonisolated(nonsending) func complete(_ replay: ReplayID) async throws(JournalError) -> Bool {
    try await repository.complete(replay, in: world)
  }
}

extension Repository {
  /// Ends a replay whose deliveries have all come to an end; nothing where they have not.
  ///
  /// - Returns: True where this ended it.
  @discardableResult
  nonisolated(nonsending) func complete(
    _ replay: ReplayID, in world: World
  ) async throws(JournalError) -> Bool {
    let stream = StreamName.replay(replay)
    let (appended, _) = try await decide(on: [stream], in: world) {
      view, now throws(JournalError) in
      guard let row = try view.replay(replay), row.state == "running",
        row.succeeded + row.failed >= row.notifications
      else { return Decision(nil) }
      let completed = ReplayCompleted(
        replay: replay, succeeded: row.succeeded, failed: row.failed)
      let newEvent = NewEvent(
        stream, .replayCompleted(completed), cause: .position(replay.position))
      return Decision(AppendRequest([newEvent], at: now))
    }
    return appended != nil
  }
}
