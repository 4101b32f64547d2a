package import Events

/// Deliveries that wait for the same thing, of one instance, and of one replay or of none: what
/// lets one of them go on lets all of them.
package struct HeldGroup: Sendable, Hashable {
  /// The thing they wait for: a URL, or the stream of a replay or an instance.
  package var target: String
  /// The kind of that.
  package var kind: StoredWord<HoldKind>
  package var instance: InstanceID
  /// 0 where they are of none.
  package var replay: ReplayID

  /// The callback that they wait for; nil where it is something else.
  package var callback: String? {
    switch kind.known {
    case .callbackDisabled: target
    case .failureQueued: String(target.dropFirst("callback/".utf8.count))
    case .replayStopped, .secretsUnreadable, .restored, nil: nil
    }
  }
}

/// A delivery that is held and goes before another.
package struct HeldAhead: Sendable {
  package var stream: StreamName
  package var version: Int64
  /// The thing that it waits for, and the kind of that.
  package var target: String
  package var kind: StoredWord<HoldKind>
}

/// A delivery that is held.
package struct HeldDelivery: Sendable, Hashable {
  package var stream: StreamName
  /// The position of the event that asked for it.
  package var since: Int64
}

extension JournalSnapshot {
  /// Everything that is held, a group at a time: one probe of an index each, however many
  /// deliveries a group has.
  ///
  /// - Parameters:
  ///   - last: Only those after it, in the order of the index; nil: from the first.
  ///   - limit: Groups at most.
  package func heldGroups(
    after last: HeldGroup? = nil, limit: Int = .max
  ) throws(JournalError) -> [HeldGroup] {
    var groups: [HeldGroup] = []
    var place = last.map { ($0.target, $0.instance, $0.replay) } ?? ("", InstanceID(0), ReplayID(0))
    while groups.count < limit {
      let query = try query(
        SQL.nextHeldGroup,
        [
          "url": .text(place.0), "instance": .id(place.1), "replay": .id(place.2),
        ])
      defer { query.reset() }
      guard try query.step() else { return groups }
      place = (query.text(0), InstanceID(query.integer(1)), ReplayID(query.integer(2)))
      groups.append(
        HeldGroup(
          target: place.0, kind: StoredWord(stored: query.text(3)), instance: place.1,
          replay: place.2))
    }
    return groups
  }

  /// Deliveries that wait for one thing, in the order in which they were made.
  ///
  /// - Parameters:
  ///   - group: Only those of it; nil: all.
  ///   - position: Only those that were asked for after it.
  package func held(
    for target: String, in group: HeldGroup? = nil, after position: Int64 = 0, limit: Int
  ) throws(JournalError) -> [HeldDelivery] {
    let query: Statement
    if let group {
      query = try self.query(
        SQL.heldDeliveriesOfGroup,
        [
          "url": .text(target), "instance": .id(group.instance),
          "replay": .id(group.replay), "after": .integer(position),
          "limit": .integer(Int64(limit)),
        ])
    } else {
      query = try self.query(
        SQL.heldDeliveries,
        [
          "url": .text(target), "after": .integer(position), "limit": .integer(Int64(limit)),
        ])
    }
    defer { query.reset() }
    var found: [HeldDelivery] = []
    while try query.step() {
      found.append(HeldDelivery(stream: StreamName(stored: query.text(0)), since: query.integer(1)))
    }
    return found
  }

  /// How many deliveries wait for one thing.
  package func countHeld(for target: String) throws(JournalError) -> Int {
    Int(try column(SQL.countHeld, ["url": .text(target)]) { $0.integer(0) }.first ?? 0)
  }

  /// Looks for something older that is held and goes the same way as a delivery, and for something
  /// older of its instance that is queued after a failure.
  ///
  /// - Parameter url: Where it would go.
  package func olderHeld(
    _ stream: StreamName, to url: String
  ) throws(JournalError) -> (isHeld: Bool, isQueued: Bool) {
    let query = try query(
      SQL.countOlderHeld, ["subject": .text(stream.text), "url": .text(url)])
    defer { query.reset() }
    guard try query.step() else { return (false, false) }
    return (query.integer(0) > 0, query.integer(1) > 0)
  }

  /// A delivery that is held and goes just before another, which may not overtake it; nil: none.
  package func heldAhead(of stream: StreamName) throws(JournalError) -> HeldAhead? {
    let query = try query(SQL.heldAhead, ["subject": .text(stream.text)])
    defer { query.reset() }
    guard try query.step() else { return nil }
    let ahead = StreamName(stored: query.text(0))
    return HeldAhead(
      stream: ahead, version: try version(of: ahead), target: query.text(1),
      kind: StoredWord(stored: query.text(2)))
  }

  /// Deliveries of an instance that are not under way, by their streams.
  package func openDeliveries(
    of instance: InstanceID, after stream: StreamName, limit: Int
  ) throws(JournalError) -> [StreamName] {
    try streams(
      SQL.openDeliveriesOfInstance,
      [
        "instance": .id(instance), "after": .text(stream.text),
        "limit": .integer(Int64(limit)),
      ])
  }

  /// The rest of a replay's deliveries, as the agenda has it.
  ///
  /// - Parameter now: What failed before and is due by then waits as well.
  package func rest(ofReplay replay: ReplayID, at now: Moment) throws(JournalError) -> ReplayRest {
    let query = try query(
      SQL.replayRest,
      ["replay": .id(replay), "now_ms": .integer(now.milliseconds)])
    defer { query.reset() }
    guard try query.step() else { return ReplayRest(held: 0, isWaiting: false) }
    return ReplayRest(held: Int(query.integer(0)), isWaiting: query.integer(1) != 0)
  }

  /// The streams that sealed secrets belong to.
  package func secretOwners() throws(JournalError) -> [StreamName] {
    try streams(SQL.listSecretOwners, [:])
  }

  /// When the last delivery of a replay is due that had no turn yet; nil where none is planned.
  package func lastPlanned(ofReplay replay: ReplayID) throws(JournalError) -> Moment? {
    let query = try query(SQL.lastPlannedOfReplay, ["replay": .id(replay)])
    defer { query.reset() }
    guard try query.step() else { return nil }
    return query.optionalInteger(0).map { Moment(milliseconds: $0) }
  }
}
