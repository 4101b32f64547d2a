import Domain
import EventStore
import Events

extension Poller {
  /// Does what is left once the last page was taken: learns what a listing by labels has shown,
  /// asks for what it showed without its state, and confirms that what a full listing missed is
  /// gone.
  ///
  /// - Returns: nil where the poll can be believed.
  nonisolated(nonsending) func reconcile(
    _ run: inout PollRun
  ) async throws(JournalError) -> Ending? {
    if let ending = try await reconcileListing(&run) { return ending }
    return try await tryMissing(&run)
  }

  private nonisolated(nonsending) func reconcileListing(
    _ run: inout PollRun
  ) async throws(JournalError) -> Ending? {
    let steps = run.strategy.steps
    if steps.contains(where: \.readsSeen) { try await keep(&run, isForced: true) }
    for step in steps {
      let ending: Ending?
      switch step {
      case .learnSeen:
        try await upsertSeen(&run)
        ending = nil
      case .askForDiffering: ending = try await askForDiffering(&run)
      case .confirmAbsences: ending = try await confirmAbsences(&run)
      case .confirmCollections: ending = try await confirmCollections(&run)
      }
      if let ending { return ending }
    }
    return nil
  }

  /// Learns a baseline that was listed label by label: only now are the labels of each complete.
  private nonisolated(nonsending) func upsertSeen(_ run: inout PollRun) async throws(JournalError) {
    var after = ""
    while true {
      let (pollID, start) = (run.pollID, after)
      let rows = try await repository.reader.read { snapshot throws(JournalError) in
        try snapshot.sighted(pollID: pollID, after: start, limit: 2_000)
      }
      guard let last = rows.last else { return }
      after = last.object
      run.learn(
        rows.map {
          .init(object: $0.object, revision: LabelSum.revision(nil, sum: $0.labels))
        },
        salt: world.bytes(16))
      try await keep(&run)
    }
  }

  /// Asks for each object that a listing showed and that is not known, or not with these labels.
  private nonisolated(nonsending) func askForDiffering(
    _ run: inout PollRun
  ) async throws(JournalError) -> Ending? {
    var reconciling = run.reconciling ?? PollRun.Reconciliation(step: .differing)
    guard reconciling.step == .differing else { return nil }
    run.reconciling = reconciling
    while true {
      let (feed, pollID, start) = (run.row.feed, run.pollID, reconciling.after)
      let rows = try await repository.reader.read { snapshot throws(JournalError) in
        try snapshot.differing(in: feed, pollID: pollID, after: start, limit: 500)
      }
      guard !rows.isEmpty else { return nil }
      for row in rows {
        let known = row.known.map { KnownObject(revision: $0) }
        let confirmed = try await confirm(row.object, known, &run)
        if case .ended(let ending) = confirmed { return ending }
        reconciling.pass(row.object)
        run.reconciling = reconciling
        if let ending = tooMuch(run) { return ending }
        try await keep(&run)
      }
    }
  }

  /// Confirms that collections that a list no longer shows have left it.
  private nonisolated(nonsending) func confirmCollections(
    _ run: inout PollRun
  ) async throws(JournalError) -> Ending? {
    for feed in try await repository.feeds(discoveredBy: run.row) {
      guard let id = feed.member, run.collections[id] == nil else { continue }
      let found = try await confirmed(id, &run)
      switch found {
      case .exists(let item, _): run.collections[id] = item
      case .gone:
        run.collections[id] = Item(id: id, revision: "gone", isGone: true, bytes: 0..<0)
      case .missed(let trouble):
        let ending = try await miss(AskedObject(id: id), trouble, &run)
        if let ending { return ending }
      case .ended(let ending): return ending
      }
    }
    return nil
  }

  /// Confirms that what a full listing missed is gone.
  ///
  /// - Returns: nil where the comparison can be believed.
  private nonisolated(nonsending) func confirmAbsences(
    _ run: inout PollRun
  ) async throws(JournalError) -> Ending? {
    if run.reconciling?.step != .absent {
      let (feed, pollID) = (run.row.feed, run.pollID)
      let (absent, known) = try await repository.reader.read { snapshot throws(JournalError) in
        (try snapshot.absentCount(in: feed, pollID: pollID), try snapshot.objectCount(of: feed))
      }
      if absent == 0 { return nil }
      let isMany = Feed.needsSecondListing(absent: absent, known: known)
      if isMany,
        let ending = try await listAgain(&run, absent: absent)
      {
        return ending
      }
      if run.changeSet.count + absent > Limits.pollChangesMax {
        return failed(
          run, "too-many-changes", "more than \(Limits.pollChangesMax) changes at once")
      }
      let before = run.reconciling.map { $0.before + $0.place } ?? 0
      run.reconciling = PollRun.Reconciliation(
        step: .absent, before: before, absent: absent, isMany: isMany)
      try await keep(&run, isForced: true)
    }
    return try await askForEach(&run)
  }

  private nonisolated(nonsending) func listAgain(
    _ run: inout PollRun, absent: Int
  ) async throws(JournalError) -> Ending? {
    let first = run
    run.listAgain()
    while let ask = run.ask {
      switch try await fetch(ask, &run) {
      case .page(let page, let body):
        _ = try await run.take(
          page, body: body, from: repository.reader, salt: { [world] in world.bytes(16) })
      case .ended(let ending): return ending
      }
      try await keep(&run)
    }
    try await keep(&run, isForced: true)
    let (feed, pollID) = (run.row.feed, run.pollID)
    let again = try await repository.reader.read { snapshot throws(JournalError) in
      try snapshot.absentCount(in: feed, pollID: pollID + 1)
    }
    // Equal in number and none of the first in the second: the same objects.
    try await repository.writer.joinListings(pollID: pollID)
    let either = try await repository.reader.read { snapshot throws(JournalError) in
      try snapshot.absentCount(in: feed, pollID: pollID)
    }
    let isSame = again == absent && either == absent
    // The cursor of the first listing is the one that its differences belong to.
    run.goOn(from: first)
    guard isSame else {
      return failed(
        run, "listing-unreliable",
        "\(absent) objects were absent from one full listing and not from the next")
    }
    return nil
  }

  private nonisolated(nonsending) func askForEach(
    _ run: inout PollRun
  ) async throws(JournalError) -> Ending? {
    guard var reconciling = run.reconciling else { return nil }
    // Of a very large absence that two listings agree on, a sample is asked for.
    let stride = max(1, reconciling.absent / Limits.absencesConfirmedMax)
    let (feed, pollID) = (run.row.feed, run.pollID)
    while true {
      let start = reconciling.after
      let missing = try await repository.reader.read { snapshot throws(JournalError) in
        try snapshot.absent(in: feed, pollID: pollID, after: start, limit: 500)
      }
      guard !missing.isEmpty else { return nil }
      for (object, known) in missing {
        if reconciling.place % stride != 0 {
          run.takeAbsent(object, known: known)
        } else {
          switch try await confirm(object, known, &run) {
          case .gone, .passed: break
          case .exists where !reconciling.isMany: break
          case .exists:
            return failed(
              run, "listing-unreliable",
              "\(reconciling.absent) objects were absent from two full listings, and one of them"
                + " exists")
          case .ended(let ending): return ending
          }
        }
        reconciling.pass(object)
        run.reconciling = reconciling
        try await keep(&run)
      }
    }
  }

  private enum Confirmed {
    case gone, exists
    /// It cannot be had, and is tried again by a later poll.
    case passed
    case ended(Ending)
  }

  /// Asks for one object, and takes what it is like.
  private nonisolated(nonsending) func confirm(
    _ object: String, _ known: KnownObject?, _ run: inout PollRun
  ) async throws(JournalError) -> Confirmed {
    switch try await confirmed(object, &run) {
    case .exists(let item, let body):
      run.takeFound(item, known: known, body: body, salt: world.bytes(16))
      return .exists
    case .gone(let item, let body):
      // Made and gone between two polls, where it was not known.
      guard let known else { return .gone }
      let shown = item.map { ($0, Array(body[$0.bytes]), world.bytes(16)) }
      run.takeAbsent(object, known: known, shown: shown)
      return .gone
    case .missed(let trouble):
      let ending = try await miss(AskedObject(id: object), trouble, &run)
      return ending.map { .ended($0) } ?? .passed
    case .ended(let ending): return .ended(ending)
    }
  }

  enum Found {
    case exists(Item, [UInt8])
    case gone(Item?, [UInt8])
    case missed(Trouble)
    case ended(Ending)
  }

  /// Asks for an object by itself, and reads whether it is there.
  nonisolated(nonsending) func confirmed(
    _ object: String, _ run: inout PollRun
  ) async throws(JournalError) -> Found {
    let (connector, collection) = (connector, run.collection)
    let asked = try await answer(&run) { token in
      connector.confirmation(of: object, in: collection, token: token)
    } read: { reply in
      connector.readConfirmation(reply, of: object, in: collection)
    } unauthorized: { confirmation in
      if case .unauthorized(let reason) = confirmation { reason } else { nil }
    }
    switch asked {
    case .ended(let ending): return .ended(ending)
    case .failed(let failure): return .missed(.failed(failure))
    case .answered(let confirmation, let reply):
      switch confirmation {
      case .exists(let item):
        run.give(1)
        run.had(object, isGone: false)
        return .exists(item, reply.body)
      case .gone(let item):
        run.give(1)
        run.had(object, isGone: true)
        return .gone(item, reply.body)
      case .unauthorized(let reason):
        let refusal = ProviderRefusal(status: reply.status, reason: "authError", text: reason)
        return .ended(try await refused(refusal, reply, run))
      case .refused(let refusal): return .missed(.refused(refusal, reply))
      }
    }
  }
}
