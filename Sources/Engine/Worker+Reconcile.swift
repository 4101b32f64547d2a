import Domain
import EventStore
import Events

extension Worker {
  /// Does what is left once the last page was taken: learns what a listing by traits has shown,
  /// asks for what it showed without its state, and confirms that what a full listing missed is
  /// gone.
  ///
  /// - Returns: nil where the poll can be believed.
  func reconcile(
    _ session: inout PollRun, _ access: inout Access, of instance: Instance
  ) async throws(JournalError) -> Ending? {
    if let ending = try await reconcileListing(&session, &access, of: instance) { return ending }
    return try await tryMissing(&session, &access, of: instance)
  }

  private func reconcileListing(
    _ session: inout PollRun, _ access: inout Access, of instance: Instance
  ) async throws(JournalError) -> Ending? {
    switch (session.nature, session.feed.mode) {
    case (.layered, .baseline):
      try await keep(&session, isForced: true)
      try await upsertSeen(&session)
      return nil
    case (.layered, .comparison):
      try await keep(&session, isForced: true)
      if let ending = try await askForDiffering(&session, &access, of: instance) { return ending }
      return try await confirmAbsences(&session, &access, of: instance)
    case (.cursor, .comparison):
      try await keep(&session, isForced: true)
      return try await confirmAbsences(&session, &access, of: instance)
    case (.roster, .baseline), (.roster, .comparison):
      // Of a baseline after a reset, too: what left meanwhile is in no later listing.
      return try await confirmMembers(&session, &access, of: instance)
    default: return nil
    }
  }

  /// The manifests of a baseline that was listed trait by trait: only now are an object’s complete.
  private func upsertSeen(_ session: inout PollRun) async throws(JournalError) {
    var after = ""
    while true {
      let (pollID, start) = (session.pollID, after)
      let rows = try await repository.reader.read { snapshot throws(JournalError) in
        try snapshot.sighted(pollID: pollID, after: start, limit: 2_000)
      }
      guard let last = rows.last else { return }
      after = last.object
      session.learn(
        rows.map {
          .init(object: $0.object, revision: LabelSum.revision(nil, sum: $0.labels))
        },
        salt: world.bytes(16))
      try await keep(&session)
    }
  }

  /// Asks for each object that a listing showed and that is not known, or not with these traits.
  private func askForDiffering(
    _ session: inout PollRun, _ access: inout Access, of instance: Instance
  ) async throws(JournalError) -> Ending? {
    var reconciling = session.reconciling ?? PollRun.Reconciliation(step: .differing)
    guard reconciling.step == .differing else { return nil }
    session.reconciling = reconciling
    while true {
      let (feed, pollID, start) = (session.row.feed, session.pollID, reconciling.after)
      let rows = try await repository.reader.read { snapshot throws(JournalError) in
        try snapshot.differing(in: feed, pollID: pollID, after: start, limit: 500)
      }
      guard !rows.isEmpty else { return nil }
      for row in rows {
        let known = row.known.map { KnownObject(revision: $0) }
        let confirmed = try await confirm(row.object, known, &session, &access, of: instance)
        if case .ended(let ending) = confirmed { return ending }
        reconciling.pass(row.object)
        session.reconciling = reconciling
        if let ending = tooMuch(session) { return ending }
        try await keep(&session)
      }
    }
  }

  /// Confirms that collections that a roster no longer shows have left it.
  private func confirmMembers(
    _ session: inout PollRun, _ access: inout Access, of instance: Instance
  ) async throws(JournalError) -> Ending? {
    for feed in try await members(of: session.row) {
      guard let member = feed.member, session.members[member] == nil else { continue }
      let found = try await confirmed(member, &session, &access, of: instance)
      switch found {
      case .exists(let item, _): session.members[member] = item
      case .gone:
        session.members[member] = Item(id: member, revision: "gone", isGone: true, bytes: 0..<0)
      case .missed(let trouble):
        let ending = try await miss(AskedObject(id: member), trouble, &session)
        if let ending { return ending }
      case .ended(let ending): return ending
      }
    }
    return nil
  }

  /// Confirms that what a full listing missed is gone.
  ///
  /// - Returns: nil where the comparison can be believed.
  private func confirmAbsences(
    _ session: inout PollRun, _ access: inout Access, of instance: Instance
  ) async throws(JournalError) -> Ending? {
    if session.reconciling?.step != .absent {
      let (feed, pollID) = (session.row.feed, session.pollID)
      let (absent, known) = try await repository.reader.read { snapshot throws(JournalError) in
        (try snapshot.absentCount(in: feed, pollID: pollID), try snapshot.objectCount(of: feed))
      }
      if absent == 0 { return nil }
      let isMany = Feed.needsSecondListing(absent: absent, known: known)
      if isMany,
        let ending = try await listAgain(&session, &access, of: instance, absent: absent)
      {
        return ending
      }
      if session.changeSet.count + absent > Limits.pollChangesMax {
        return failed(
          session, "too-many-changes", "more than \(Limits.pollChangesMax) changes at once")
      }
      let before = session.reconciling.map { $0.before + $0.place } ?? 0
      session.reconciling = PollRun.Reconciliation(
        step: .absent, before: before, absent: absent, isMany: isMany)
      try await keep(&session, isForced: true)
    }
    return try await askForEach(&session, &access, of: instance)
  }

  private func listAgain(
    _ session: inout PollRun, _ access: inout Access, of instance: Instance, absent: Int
  ) async throws(JournalError) -> Ending? {
    let first = session
    session.listAgain()
    while let ask = session.ask {
      switch try await fetch(ask, &session, &access, of: instance) {
      case .page(let page, let body):
        _ = try await session.take(
          page, body: body, from: repository.reader, salt: { [world] in world.bytes(16) })
      case .ended(let ending): return ending
      }
      try await keep(&session)
    }
    try await keep(&session, isForced: true)
    let (feed, pollID) = (session.row.feed, session.pollID)
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
    session.goOn(from: first)
    guard isSame else {
      return failed(
        session, "listing-unreliable",
        "\(absent) objects were absent from one full listing and not from the next")
    }
    return nil
  }

  private func askForEach(
    _ session: inout PollRun, _ access: inout Access, of instance: Instance
  ) async throws(JournalError) -> Ending? {
    guard var reconciling = session.reconciling else { return nil }
    // Of a very large absence that two listings agree on, a sample is asked for.
    let stride = max(1, reconciling.absent / Limits.absencesConfirmedMax)
    let (feed, pollID) = (session.row.feed, session.pollID)
    while true {
      let start = reconciling.after
      let missing = try await repository.reader.read { snapshot throws(JournalError) in
        try snapshot.absent(in: feed, pollID: pollID, after: start, limit: 500)
      }
      guard !missing.isEmpty else { return nil }
      for (object, known) in missing {
        if reconciling.place % stride != 0 {
          session.takeAbsent(object, known: known)
        } else {
          switch try await confirm(object, known, &session, &access, of: instance) {
          case .gone, .passed: break
          case .exists where !reconciling.isMany: break
          case .exists:
            return failed(
              session, "listing-unreliable",
              "\(reconciling.absent) objects were absent from two full listings, and one of them"
                + " exists")
          case .ended(let ending): return ending
          }
        }
        reconciling.pass(object)
        session.reconciling = reconciling
        try await keep(&session)
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
  private func confirm(
    _ object: String, _ known: KnownObject?, _ session: inout PollRun,
    _ access: inout Access, of instance: Instance
  ) async throws(JournalError) -> Confirmed {
    switch try await confirmed(object, &session, &access, of: instance) {
    case .exists(let item, let body):
      session.takeFound(item, known: known, body: body, salt: world.bytes(16))
      return .exists
    case .gone(let item, let body):
      // Made and gone between two polls, where it was not known.
      guard let known else { return .gone }
      let shown = item.map { ($0, Array(body[$0.bytes]), world.bytes(16)) }
      session.takeAbsent(object, known: known, shown: shown)
      return .gone
    case .missed(let trouble):
      let ending = try await miss(AskedObject(id: object), trouble, &session)
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

  /// What an object is like, asked for by itself.
  func confirmed(
    _ object: String, _ session: inout PollRun, _ access: inout Access,
    of instance: Instance
  ) async throws(JournalError) -> Found {
    let (connector, collection) = (connector, session.collection)
    let asked = try await answer(&session, &access, of: instance) { token in
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
        session.give(1)
        session.had(object, isGone: false)
        return .exists(item, reply.body)
      case .gone(let item):
        session.give(1)
        session.had(object, isGone: true)
        return .gone(item, reply.body)
      case .unauthorized(let reason):
        let refusal = ProviderRefusal(status: reply.status, reason: "authError", text: reason)
        return .ended(try await refused(refusal, reply, session))
      case .refused(let refusal): return .missed(.refused(refusal, reply))
      }
    }
  }
}
