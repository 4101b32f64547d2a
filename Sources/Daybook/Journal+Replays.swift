import Domain
import Engine
import EventStore
public import Events

/// How past changes are sent again.
public enum ReplayMode: String, Sendable, CaseIterable {
  /// Whole notifications as they went: the recorded bytes, the recorded id.
  case exact
  /// The selected changes, rendered again by today’s rules, with new ids.
  case rebuilt
}

/// A selection of changes to be sent again, frozen to positions; nothing was sent.
public struct ReplayPlan: Sendable, Equatable {
  /// Where to, in full.
  public let url: String
  /// How it is to be sent.
  public let mode: ReplayMode
  /// True where what the URL took already, or gets without this, is left out.
  public let isMissing: Bool
  let selection: Engine.Replays.Selection
  /// The title of the first of the changes, and how many others there are, such as `Planning +2`;
  /// nil where its bytes hold none, or are gone.
  public let title: String?

  /// Bodies that would be sent.
  public var notifications: Int { selection.notifications }
  /// Changes in these notifications.
  public var changes: Int { selection.changes }
  /// Bytes of the bodies. Of `rebuilt` ones at most so many: their ids are not made yet, and most
  /// are as long as they can be.
  public var bytes: Int64 { selection.bytes }
  /// Notifications that the URL has taken before; of `rebuilt` ones, those whose changes it was
  /// told of. They are among those to be sent, unless what is missing alone is sent.
  public var alreadyDelivered: Int { selection.delivered }
  /// Notifications that are on their way to the URL, or have a change that is: it gets them without
  /// this. Like those that it took, they are left out where what is missing alone is sent.
  public var open: Int { selection.open }

  /// Selected notifications of `exact`, or changes of `rebuilt`, that are left out, because their
  /// bytes were removed.
  public var gone: Int { selection.gone }

  /// By the columns of `RowTable.replayPlans`.
  ///
  /// - Parameter rate: Sent a second at most, for the estimate.
  public func row(ratePerSecond rate: Int?) -> Row {
    let seconds = rate.map { Double(notifications) / Double($0) }
    return [
      "changes": .integer(Int64(changes)), "notifications": .integer(Int64(notifications)),
      "bytes": .integer(bytes), "url": .text(url),
      "alreadyDelivered": .integer(Int64(alreadyDelivered)), "gone": .integer(Int64(gone)),
      "estimate": seconds.map { .text("\(Int($0.rounded(.up)))s") } ?? .null,
      "title": Field(text: title), "open": .integer(Int64(open)),
    ]
  }
}

/// How a replay is to be sent.
public struct ReplayOptions: Sendable {
  /// Sent a second at most; nil: as fast as they are answered.
  public var ratePerSecond: Int?
  /// At most so many at once; nil: as many as deliveries.
  public var concurrency: Int?
  /// Sends callback credentials and extra headers also to an origin that is not the instance’s
  /// own.
  public var hasCredentials = false
  /// Recorded with the request.
  public var reason: String?
  /// Who asks, for the record; nil: nobody says.
  public var askedBy: String?
  /// The selection as a person typed it, for the record.
  public var text: String?

  /// At full speed, for no reason given.
  public init() {}
}

extension Journal {
  /// Sending past changes again, to a URL of one’s choice.
  public struct Replays: RowSource {
    /// Where its rows come from.
    public let journal: Journal
    /// Its columns.
    public var table: RowTable { .replays }

    /// Finds the deliveries that a replay of a selection would make, and sends nothing.
    ///
    /// - Parameters:
    ///   - one: A single position in place of a range: of a delivery, a change, or any event that
    ///     deliveries came of.
    ///   - url: Where to, checked as callbacks are.
    ///   - isMissing: Leaves out what the URL took already, live or by a replay, and what is on its
    ///     way there: of `exact` a notification, or all changes in it; of `rebuilt` each change.
    /// - Throws: `refused` for a URL that can never be allowed, a position or an instance that is
    ///   not there, and for `types` where they are not of `rebuilt`, or beside `statuses`.
    public func plan(
      _ part: Selection = Selection(), only one: Int64? = nil, to url: String,
      mode: ReplayMode = .exact, isMissing: Bool = false
    ) async throws(DaybookError) -> ReplayPlan {
      try await translated {
        let settings = journal.access.settings
        if let refusal = settings.engine.rules.refusal(ofCallbackURL: url) {
          throw Refusal(at: "to", refusal)
        }
        // Changes have no states: those of deliveries stand for the changes that they tell.
        let isOfDeliveries = mode == .exact || !part.statuses.isEmpty
        let query = try part.checked(for: isOfDeliveries ? .deliveries : .changes)
        try await journal.check(part)
        if let one { try await journal.checkPosition(one) }
        let reader = try await journal.reader()
        let selection =
          switch mode {
          case .exact:
            try await Engine.Replays.selectExact(
              query, only: one, for: url, isMissing: isMissing, from: reader)
          case .rebuilt:
            try await Engine.Replays.selectRebuilt(
              query, only: one, for: url, isMissing: isMissing, by: settings.connector,
              from: reader)
          }
        let title = try await journal.details(reader).title(of: selection, mode)
        return ReplayPlan(
          url: url, mode: mode, isMissing: isMissing, selection: selection, title: title)
      }
    }

    /// Asks for what was planned to be sent; `finish` does it, or whoever runs the journal.
    ///
    /// Callback credentials and extra headers go only to the origin of the instance’s own callback.
    ///
    /// - Returns: The id of the replay: the position of its `replay.requested`.
    /// - Throws: `refused` where nothing was selected.
    public func request(
      _ plan: ReplayPlan, _ options: ReplayOptions = ReplayOptions()
    ) async throws(DaybookError) -> Int64 {
      try await translated {
        var selection = plan.selection
        selection.text = options.text
        let order = Engine.Replays.Order(
          url: plan.url, mode: plan.mode == .exact ? .exact : .rebuilt, rate: options.ratePerSecond,
          concurrency: options.concurrency, hasCredentials: options.hasCredentials,
          reason: options.reason, askedBy: options.askedBy)
        return try await journal.working().replays.request(selection, order).number
      }
    }

    /// Works until a replay has nothing left to do; where another process runs the journal, waits
    /// for it. What failed is retried as any delivery is: this does not wait for it.
    ///
    /// - Parameter progress: Told the notifications that have come to an end, of all of it.
    public func finish(
      _ replay: Int64, progress: WorkProgress.Report? = nil
    ) async throws(DaybookError) {
      try await translated {
        try await journal.working().finishReplay(ReplayID(replay), progress: progress)
      }
    }

    /// Plans, requests and finishes a replay.
    ///
    /// - Returns: How far it is then, by the columns of the list.
    @discardableResult
    public func send(
      _ part: Selection = Selection(), to url: String, mode: ReplayMode = .exact,
      isMissing: Bool = false, _ options: ReplayOptions = ReplayOptions()
    ) async throws(DaybookError) -> Row {
      let plan = try await plan(part, to: url, mode: mode, isMissing: isMissing)
      let replay = try await request(plan, options)
      try await finish(replay)
      return try await row(replay)
    }

    /// How far a replay is.
    ///
    /// - Throws: `refused` where there is none of that id.
    public func row(_ replay: Int64) async throws(DaybookError) -> Row {
      var part = Selection()
      part.after = replay > .min ? replay - 1 : replay
      let row = try await rows(part, limit: 1).first
      guard let row, row["replay"]?.integer == replay else {
        throw .refused(Refusal(.notFound(.replay), "there is no replay \(replay)"))
      }
      return row
    }

    /// How many deliveries of a replay are held now; of the past that is not known, and 0.
    public func heldCount(of replay: Int64) async throws(DaybookError) -> Int {
      if journal.asOf != nil { return 0 }
      let now = journal.access.world.now()
      return try await translated {
        try await journal.reader().read { snapshot throws(JournalError) in
          try snapshot.rest(ofReplay: ReplayID(replay), at: now).held
        }
      }
    }

    /// Counts the changes that a selection names by itself, beside which `exact` sends others.
    ///
    /// - Parameter one: A single position in place of a range.
    /// - Returns: nil where it names something else, such as deliveries.
    public func namedChanges(
      _ part: Selection, only one: Int64? = nil
    ) async throws(DaybookError) -> Int? {
      if let one {
        return try await translated {
          let event = try await journal.reader().read { snapshot throws(JournalError) in
            try snapshot.event(at: one)
          }
          return event?.type == ChangeObserved.type ? 1 : nil
        }
      }
      if !part.statuses.isEmpty { return nil }
      var (count, part) = (0, part)
      // From the oldest on: a limit alone means the newest.
      part.after = part.after ?? 0
      part.isReversed = false
      while true {
        let rows = try await journal.changes.rows(part, limit: 1_000)
        guard let last = rows.last?["position"]?.integer else { return count }
        count += rows.count
        part.after = last
      }
    }

    /// Replays that could go on and that nobody works on, since whoever did has ended.
    public func unattended() async throws(DaybookError) -> [Int64] {
      guard journal.asOf == nil, EngineLock.runner(journal.path) == nil else { return [] }
      var part = Selection()
      part.isReversed = true
      let running = try await rows(part, limit: 1_000).filter { $0["state"]?.string == "running" }
      let replays = running.compactMap { $0["replay"]?.integer }.sorted()
      let now = journal.access.world.now()
      return try await translated {
        try await journal.reader().read { snapshot throws(JournalError) in
          var waiting: [Int64] = []
          for id in replays {
            guard let row = try snapshot.replay(ReplayID(id)) else { continue }
            let rest = try snapshot.rest(ofReplay: ReplayID(id), at: now)
            if row.requested < row.notifications || rest.isWaiting { waiting.append(id) }
          }
          return waiting
        }
      }
    }

    /// Stops a replay; what was not sent is held when its turn comes.
    ///
    /// - Throws: `refused` where there is none that is running.
    public func stop(_ replay: Int64, reason: String? = nil) async throws(DaybookError) {
      try await translated {
        try await journal.working().replays.stop(ReplayID(replay), reason: reason)
      }
    }

    /// Lets a replay go on, after a stop or a crash; one that is completed stays so.
    ///
    /// - Throws: `refused` where there is none.
    public func resume(_ replay: Int64, reason: String? = nil) async throws(DaybookError) {
      try await translated {
        let (opened, replay) = (try await journal.working(), ReplayID(replay))
        let row = try await opened.repository.reader.read { snapshot throws(JournalError) in
          try snapshot.replay(replay)
        }
        if row?.state == "completed" { return }
        try await opened.replays.resume(replay, reason: reason)
      }
    }
  }
}
