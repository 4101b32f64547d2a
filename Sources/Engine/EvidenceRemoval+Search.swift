import Domain
import EventStore
import Events

extension EvidenceRemoval {
  /// Finds what is to be forgotten; nil where kinds are selected by age.
  ///
  /// - Throws: `Refusal` where there is no such object, and where a replay that asks for items or
  ///   bodies is under way.
  func things(of selection: EvidenceSelection) async throws -> ForgottenThings? {
    switch selection {
    case .aged(let kinds, _):
      if kinds.contains(.items) || kinds.contains(.bodies) { try await checkReplays() }
      return nil
    case .instance(let id):
      var things = ForgottenThings(instance: id)
      things.found = try await orphans()
      return things
    case .object(let id, let instance):
      return try await object(id, of: instance)
    case .person(let address): return try await person(address)
    }
  }

  private func checkReplays() async throws {
    let replay = try await reader.read { snapshot throws(JournalError) in
      try snapshot.askingReplay()
    }
    guard let replay else { return }
    throw Refusal(
      .conflict,
      "\(replay.text.replacing("/", with: " ")) still asks for deliveries of what is old; let it"
        + " end first, or stop it")
  }

  private func object(_ id: String, of instance: InstanceID?) async throws -> ForgottenThings {
    var things = ForgottenThings()
    var ids: Set<String> = [id]
    try await eachEvent { event in
      guard case .changeObserved(let body) = event, instance == nil || body.instance == instance,
        body.object == id || body.objectId == id || body.series == id
      else { return }
      things.objects.insert(ObjectKey(feed: body.feed, object: body.object))
      ids.insert(body.object)
    }
    let wanted = IDSearch(ids)
    things.found = try await payloads { wanted.isIn($0) }
    guard !things.objects.isEmpty || !things.found.isEmpty else {
      throw Refusal(.notFound(.object), "nothing is kept of an object \(id)")
    }
    // Another object may name this one, and stays with its notifications.
    try await eachEvent { event in
      switch event {
      case .changeObserved(let body): if let item = body.item { things.found.remove(item) }
      case .deliveryRequested(let body): things.found.remove(body.body)
      default:
        if let instance, let other = event.instance, other != instance {
          things.found.subtract(event.evidence.digests)
        }
      }
    }
    return things
  }

  private func person(_ address: String) async throws -> ForgottenThings {
    var things = ForgottenThings()
    let search = AddressSearch(address)
    things.found = try await payloads { search.isIn($0) }
    try await eachEvent { event in
      guard case .changeObserved(let body) = event, let item = body.item,
        things.found.contains(item)
      else { return }
      things.objects.insert(ObjectKey(feed: body.feed, object: body.object))
    }
    let masters = things.objects
    try await eachEvent { event in
      guard case .changeObserved(let body) = event, let series = body.series,
        masters.contains(ObjectKey(feed: body.feed, object: series))
      else { return }
      things.objects.insert(ObjectKey(feed: body.feed, object: body.object))
    }
    return things
  }

  /// Evidence that neither an event nor a page names: objects that a poll kept and found to be as
  /// they were.
  private func orphans() async throws -> Set<String> {
    var named: Set<String> = []
    try await eachEvent { event in named.formUnion(event.payloads) }
    let all = try await payloads { _ in true }
    var pieces: Set<String> = []
    for page in named {
      let found = try await reader.read { snapshot throws(JournalError) in
        try snapshot.pieces(of: page)
      }
      pieces.formUnion(found)
    }
    return all.subtracting(named).subtracting(pieces)
  }

  /// The digests of evidence whose bytes are those wanted, recipes as they are kept.
  private func payloads(
    _ isWanted: @Sendable (UnsafeRawBufferPointer) -> Bool
  ) async throws -> Set<String> {
    var wanted: Set<String> = []
    var after: Int64? = 0
    while let row = after {
      try Task.checkCancellation()
      let (last, found) = try await reader.read { snapshot throws(JournalError) in
        var found: [String] = []
        let last = try snapshot.evidence(after: row, limit: Limits.evidencePerPart) {
          name, content in
          if isWanted(content) { found.append(name) }
        }
        return (last, found)
      }
      wanted.formUnion(found)
      after = last
    }
    return wanted
  }

  /// Shows each event that this program knows.
  private func eachEvent(_ show: (Event) -> Void) async throws {
    var after: Int64 = 0
    while true {
      try Task.checkCancellation()
      let start = after
      let rows = try await reader.read { snapshot throws(JournalError) in
        try snapshot.events(after: start, limit: Limits.evidenceEventsPerPart)
      }
      guard let last = rows.last else { return }
      after = last.position
      for row in rows { if let event = try? row.event() { show(event) } }
    }
  }
}
