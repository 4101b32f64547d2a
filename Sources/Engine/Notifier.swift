import Domain
import EventStore
import Events

/// Asks for the deliveries that the changes of a poll lead to; making them is the deliverer's.
struct Notifier: Sendable {
  let repository: Repository
  let world: World
  let settings: EngineSettings
  let renderer: NotificationRenderer

  init(
    _ repository: Repository, connector: any Connector, world: World,
    settings: EngineSettings = EngineSettings()
  ) {
    self.repository = repository
    self.world = world
    self.settings = settings
    renderer = NotificationRenderer(repository, connector: connector, world: world)
  }

  /// Asks for the deliveries that the changes of a poll lead to.
  ///
  /// Their streams are named by the poll and their place: asking again finds what was asked
  /// already.
  ///
  /// Earlier polls of the same instance go first, whatever the clock says of them: what they tell
  /// of an object is older.
  ///
  /// - Returns: How many deliveries were asked for now.
  nonisolated(nonsending) func notify(_ position: Int64) async throws(JournalError) -> Int {
    var asked = 0
    var last: Int64 = 0
    while let earlier = try await earlier(than: position), earlier > last {
      asked += try await ask(earlier)
      last = earlier
    }
    return asked + (try await ask(position))
  }

  private nonisolated(nonsending) func earlier(
    than position: Int64
  ) async throws(JournalError) -> Int64? {
    try await repository.reader.read { snapshot throws(JournalError) in
      guard let poll = try snapshot.event(at: position),
        case .pollCompleted(let body) = try poll.event()
      else { return nil }
      return try snapshot.earlierNotification(of: body.instance, before: position)
    }
  }

  private nonisolated(nonsending) func ask(_ position: Int64) async throws(JournalError) -> Int {
    let found = try await repository.reader.read {
      snapshot throws(JournalError) -> [RecordedEvent] in
      guard let poll = try snapshot.event(at: position),
        case .pollCompleted(let body) = try poll.event()
      else { return [] }
      return try [poll] + snapshot.events(after: position, limit: body.changes)
    }
    guard let poll = found.first, case .pollCompleted(let completed) = try poll.event() else {
      return 0
    }
    let changes = try found.dropFirst().map { row throws(JournalError) in
      try ObservedChange(row)
    }
    let instance = try await repository.instance(completed.instance)
    let groups = NotificationPlan.groups(changes.compactMap { $0 }.map(\.part))
    let byPosition = Dictionary(
      uniqueKeysWithValues: changes.compactMap { $0 }.map { ($0.position, $0) })
    var batch = DeliveryBatch(cause: position)
    var asked = 0
    for (place, group) in groups.enumerated() {
      let source = NotificationSource(
        digest: poll.digest, place: place, places: groups.count, sequence: position,
        polledAt: Moment(milliseconds: completed.polledAtMs), createdAt: poll.recordedAt,
        replay: nil, url: nil, mode: .known(.live), hasCredentials: true, dueAt: world.now(),
        order: settings.delivery(of: instance.settings).order)
      try await batch.add(
        renderer.render(group.compactMap { byPosition[$0.position] }, source, of: instance))
      if batch.isFull { asked += try await batch.flush(to: repository, at: world.now()) }
    }
    return asked + (try await batch.flush(to: repository, at: world.now()))
  }
}
