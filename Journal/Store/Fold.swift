import Events
import RawJSON

/// One row of the log while it is folded. Its texts stand where SQLite or the append keeps them,
/// until the next row.
struct FoldedEvent {
  let position: Int64
  let stream: UnsafeRawBufferPointer
  let type: String
  let recordedAtMs: Int64
  let cause: Int64?
  let body: UnsafeRawBufferPointer
  /// The values in the body, until the next event is read.
  let fields: BodyFields
  /// The place of the type among all; nil: of a newer program.
  fileprivate let kind: Int?
}

/// Folds events into the disposable tables of one generation: statements prepared once for each
/// type, and the rows with a history that are in force.
///
/// A body is read once. Where a statement says `:body ->> 'feed'`, the value found there is bound
/// in its place, so that SQLite does not read the body again for each.
final class Fold {
  let generation: Int64
  private unowned let connection: Connection
  private let fields = BodyFields(Fold.named)
  private let configured = BodyFields()
  /// By the place of the type; nil: not prepared yet.
  private var decisions = [[FoldStep]?](repeating: nil, count: EventTypes.names.count)
  private var reports = [[FoldStep]?](repeating: nil, count: EventTypes.names.count)
  private var entry: FoldStep?
  /// By the place of the type, as a rebuild runs them.
  private var steps = [DecisionSteps?](repeating: nil, count: EventTypes.names.count)
  private var pending = PendingDecisions()
  /// Feeds whose last event was a completed poll that another follows: that one is on the agenda.
  private var scheduled: Set<Int64> = []
  private let deliveries: HistoryTable<DeliveryReport>
  private let cursors: HistoryTable<CursorReport>
  private let instances: HistoryTable<InstanceReport>
  private let callbacks: HistoryTable<CallbackReport>
  /// The last event folded into the report tables, where what is in memory is of then.
  private var reached: Int64 = -1

  /// The fields that statements read.
  private static let named: [String] = {
    let queries = [Projector.decisions, Projector.reports].flatMap { $0.values.joined() }
    return Set(queries + [.enterEvent]).flatMap { FoldStep.parametrized($0.text).fields }
  }()

  init(_ connection: Connection, generation: Int64) {
    self.connection = connection
    self.generation = generation
    deliveries = HistoryTable(generation: generation)
    cursors = HistoryTable(generation: generation)
    instances = HistoryTable(generation: generation)
    callbacks = HistoryTable(generation: generation)
  }

  /// How much of the log is folded in one go.
  struct Portion {
    var after: Int64
    /// Events at most.
    var events: Int
    /// Rows changed, after which no further event is begun: it is they that take the time.
    var rows = Int.max
    var isDeciding = false
    /// True to leave out statements that others of the same portion undo. Who checks what was
    /// folded runs them all.
    var skipsUndone = false
    /// The last event that goes into the report tables.
    var reportsTo = Int64.max
  }

  /// Folds a portion of the log; the caller has a transaction open.
  ///
  /// - Returns: The position reached, and how many events were folded.
  func fold(_ portion: Portion) throws(JournalError) -> (reached: Int64, events: Int) {
    if reached != portion.after { forget() }
    // What is in memory counts again when all of it is written.
    reached = -1
    pending = PendingDecisions()
    let before = connection.changes
    var position = portion.after
    var count = 0
    let query = try connection.statement(SQL.loadAfter)
    defer { query.reset() }
    try query.bind("after", .integer(portion.after))
    try query.bind("limit", .integer(Int64(portion.events)))
    while try query.step() {
      let event = try event(query)
      if portion.skipsUndone {
        if !pending.isEmpty, Projector.touchesAgenda.contains(event.type) { break }
        try decideLater(event)
      } else if portion.isDeciding {
        try decide(event)
      }
      if event.position <= portion.reportsTo { try report(event) }
      position = event.position
      count += 1
      // Rows with a history are written at the end; an event has two of them at most.
      let changed = Int(connection.changes &- before) + pending.count
      if changed + 2 * count >= portion.rows { break }
    }
    try writePending()
    try writeHistories()
    reached = position
    return (position, count)
  }

  private func writeHistories() throws(JournalError) {
    try instances.write(connection)
    try cursors.write(connection)
    try deliveries.write(connection)
    try callbacks.write(connection)
  }

  /// Forgets what is in memory: the tables are not what they were.
  func forget() {
    reached = -1
    scheduled = []
    deliveries.forget()
    cursors.forget()
    instances.forget()
    callbacks.forget()
  }

  private func event(_ row: Statement) throws(JournalError) -> FoldedEvent {
    try event(
      position: row.integer(0), stream: row.there(1), type: row.there(3),
      recordedAtMs: row.integer(5), cause: row.optionalInteger(6), body: row.there(8))
  }

  private func event(
    position: Int64, stream: UnsafeRawBufferPointer, type: UnsafeRawBufferPointer,
    recordedAtMs: Int64, cause: Int64?, body: UnsafeRawBufferPointer
  ) throws(JournalError) -> FoldedEvent {
    let kind = EventTypes.place(of: type)
    let name = kind.map { EventTypes.names[$0] } ?? String(decoding: type, as: UTF8.self)
    guard fields.read(body) else { throw .unreadable(position: position, type: name) }
    return FoldedEvent(
      position: position, stream: stream, type: name, recordedAtMs: recordedAtMs, cause: cause,
      body: body, fields: fields, kind: kind)
  }

  /// Folds an event that is being appended into the tables that decide.
  func decide(_ row: RecordedEvent, _ link: Chain.Link) throws(JournalError) {
    let result: Result<Void, JournalError> = link.bytes.withUnsafeBytes { bytes in
      Result { () throws(JournalError) in
        try decide(
          event(
            position: row.position, stream: UnsafeRawBufferPointer(rebasing: bytes[link.stream]),
            type: UnsafeRawBufferPointer(rebasing: bytes[link.type]),
            recordedAtMs: row.recordedAt.milliseconds, cause: row.cause,
            body: UnsafeRawBufferPointer(rebasing: bytes[link.body])))
      }
    }
    try result.get()
  }

  private func decide(_ event: FoldedEvent) throws(JournalError) {
    guard let kind = event.kind else { return }
    if decisions[kind] == nil { decisions[kind] = try steps(Projector.decisions[event.type]) }
    try run(decisions[kind] ?? [], event)
  }

  private func steps(_ queries: [SQL]?) throws(JournalError) -> [FoldStep] {
    var steps: [FoldStep] = []
    for query in queries ?? [] { steps.append(try step(query)) }
    return steps
  }

  /// Folds an event into the tables that decide, but for what the rest of the portion may undo.
  private func decideLater(_ event: FoldedEvent) throws(JournalError) {
    guard let kind = event.kind else { return }
    let steps = try decisionSteps(kind)
    if steps.touchesFeeds {
      let feed = fields.integer(.feed)
      try completePolls(of: feed, before: event)
      if let feed { scheduled.remove(feed) } else { scheduled = [] }
    }
    try run(steps.now, event)
    if !steps.ofPoll.isEmpty { try decidePoll(event, steps.ofPoll) }
    if !steps.plan.isEmpty, steps.plan.contains(where: { $0.isNeeded(event) }) {
      pending.add(poll: event.position)
    }
    if let end = steps.end, end.isNeeded(event) {
      let poll = fields.integer(.replay) == nil ? event.cause : nil
      if pending.close(poll: poll) { try end.run(event) }
    }
    if !steps.ofDelivery.isEmpty {
      let stream = String(decoding: event.stream, as: UTF8.self)
      if !steps.closes {
        pending.add(event.position, to: stream, isNew: steps.opens)
      } else if pending.close(stream) {
        try run(steps.ofDelivery, event)
      }
    }
    if steps.movesLane, let lane = event.lane { pending.move(lane: lane) }
  }

  /// A completed poll of a feed on a schedule waits for the next one, which writes over it.
  private func decidePoll(_ event: FoldedEvent, _ steps: [FoldStep]) throws(JournalError) {
    let feed = fields.integer(.feed)
    let poll = PendingDecisions.Poll(event)
    guard let feed, let poll, scheduled.contains(feed) else {
      try completePolls(of: feed, before: event)
      try run(steps, event)
      // It is on the agenda now, unless the feed is not polled at all.
      if let feed, poll == nil { scheduled.remove(feed) }
      if let feed, poll != nil { scheduled.insert(feed) }
      return
    }
    if let last = pending.lastPoll(of: feed), !last.isUndone(by: poll) {
      try completePolls(of: feed, before: event)
    }
    pending.put(poll, of: feed)
  }

  /// Folds the completed poll that waits of a feed, or those of all feeds.
  private func completePolls(
    of feed: Int64?, before event: FoldedEvent
  ) throws(JournalError) {
    let positions = pending.takePolls(of: feed)
    if positions.isEmpty { return }
    for position in positions { try runAgain(position) { $0.ofPoll } }
    // The values of the event at hand again.
    _ = fields.read(event.body)
  }

  /// Folds what nothing in the portion has undone.
  private func writePending() throws(JournalError) {
    for position in pending.takePolls(of: nil) { try runAgain(position) { $0.ofPoll } }
    for position in pending.ofDeliveries { try runAgain(position) { $0.ofDelivery } }
    for position in pending.ofNotifications { try runAgain(position) { $0.plan } }
    for lane in pending.lanes.sorted() {
      let statement = try connection.projection(SQL.setLane, generation)
      statement.bind(1, lane)
      try statement.runBound()
    }
    pending = PendingDecisions()
  }

  private func runAgain(
    _ position: Int64, _ chosen: (DecisionSteps) -> [FoldStep]
  ) throws(JournalError) {
    let query = try connection.statement(SQL.loadEvent)
    defer { query.reset() }
    try query.bind("position", .integer(position))
    guard try query.step() else { return }
    let event = try event(query)
    guard let kind = event.kind else { return }
    try run(chosen(decisionSteps(kind)), event)
  }

  private func run(_ steps: [FoldStep], _ event: FoldedEvent) throws(JournalError) {
    for step in steps where step.isNeeded(event) { try step.run(event) }
  }

  private func decisionSteps(_ kind: Int) throws(JournalError) -> DecisionSteps {
    if let known = steps[kind] { return known }
    var made = DecisionSteps()
    for query in Projector.decisions[EventTypes.names[kind]] ?? [] {
      made.add(query, try step(query), of: EventTypes.names[kind])
    }
    steps[kind] = made
    return made
  }

  private func step(_ query: SQL) throws(JournalError) -> FoldStep {
    let text = FoldStep.parametrized(query.text).text
    let statement = try connection.projection(text, generation)
    return FoldStep(statement, fields, when: Projector.conditions[query])
  }
}

extension Fold {
  private func report(_ event: FoldedEvent) throws(JournalError) {
    if entry == nil { entry = try step(SQL.enterEvent) }
    var feed = fields.integer(.feed)
    if feed == nil, let delivery = fields.text(.delivery) {
      feed = try deliveries.current(delivery, connection)?.feed
    }
    try entry?.run(event, feed: feed)
    if let cause = event.cause { try enter(effect: event.position, of: cause) }
    guard let kind = event.kind else { return }
    try followRows(event)
    if reports[kind] == nil { reports[kind] = try steps(Projector.reports[event.type]) }
    guard let steps = reports[kind], !steps.isEmpty else { return }
    if event.type == "clock.stepped" {
      // All rows in force move: those in memory as well.
      try writeHistories()
      forget()
    }
    for step in steps where step.isNeeded(event) { try step.run(event) }
  }

  private func enter(effect: Int64, of cause: Int64) throws(JournalError) {
    let statement = try connection.projection(SQL.enterEffect, generation)
    statement.bind(1, cause)
    statement.bind(2, effect)
    try statement.runBound()
  }

  /// Ends and begins the rows with a history that an event changes.
  private func followRows(_ event: FoldedEvent) throws(JournalError) {
    switch Projector.histories[event.type] {
    case .instances: try followInstance(event)
    case .cursors: try followCursor(event)
    case .deliveries: try followDelivery(event)
    case .callbacks:
      guard let row = CallbackReport(event) else { return }
      _ = try callbacks.current(row.url, connection)
      callbacks.end(row.url, at: event.position)
      callbacks.begin(row)
    case nil: return
    }
  }

  private func followInstance(_ event: FoldedEvent) throws(JournalError) {
    // Without settings there is nothing in them.
    let settings = fields[.settings]
    if settings.kind != .object || !configured.read(settings.bytes) { configured.empty() }
    if event.type == "instance.created" {
      if let row = InstanceReport(created: event, configured) { instances.begin(row) }
    } else if let instance = fields.integer(.instance) {
      try instances.replace(instance, at: event.position, connection) { row in
        row.follow(event, configured)
      }
    }
  }

  private func followCursor(_ event: FoldedEvent) throws(JournalError) {
    if event.type == "feed.opened" {
      if let row = CursorReport(opened: event) { cursors.begin(row) }
    } else if let feed = fields.integer(.feed) {
      if try cursors.amend(feed, connection, with: { $0.note(event) }) { return }
      try cursors.replace(feed, at: event.position, connection) { $0.follow(event) }
    }
  }

  private func followDelivery(_ event: FoldedEvent) throws(JournalError) {
    guard event.type == "delivery.requested" else {
      guard let delivery = fields.text(.delivery) else { return }
      return try deliveries.replace(delivery, at: event.position, connection) { $0.follow(event) }
    }
    var callback: String?
    if fields[.url].kind != .text, let instance = fields.integer(.instance) {
      callback = try instances.current(instance, connection)?.callback
    }
    let changes = fields.numbers(.changes)
    // Each change that it tells is a parent.
    for change in changes ?? [] { try enter(effect: event.position, of: change) }
    let row = DeliveryReport(
      requested: event, changes: changes.map { Int64($0.count) }, callback: callback)
    if let row { deliveries.begin(row) }
  }
}

extension FoldedEvent {
  /// True for the stream of a delivery that a replay asked for.
  var isOfReplay: Bool { replayMark != nil }

  /// Where the number of the replay begins in the stream of one of its deliveries; else nil.
  var replayMark: Int? {
    let mark: StaticString = "/replay/"
    let wanted = UnsafeRawBufferPointer(start: mark.utf8Start, count: mark.utf8CodeUnitCount)
    guard stream.count > wanted.count else { return nil }
    for start in 0...(stream.count - wanted.count) where stream[start] == wanted[0] {
      let piece = UnsafeRawBufferPointer(rebasing: stream[start..<start + wanted.count])
      if same(piece, wanted) { return start + wanted.count }
    }
    return nil
  }
}
