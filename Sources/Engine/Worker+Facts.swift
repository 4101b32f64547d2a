import Domain
import EventStore
import Events

/// An instance as attempts need it; kept from one to the next for as long as its stream stands
/// still, and what is sealed for it.
struct KnownInstance: Sendable {
  let instance: Instance
  /// Position of its `instance.deleted`.
  let deletedAt: Int64?
  let sealed: [String: SealedSecret]
  let secrets: Secrets
  /// Masks its secrets in what receivers answer.
  let redaction: Redaction

  /// Whether a delivery is not made because its instance is deleted.
  func ends(_ requested: DeliveryRequested) -> Bool {
    instance.isDeleted && requested.endsWithInstance(deletedAt: deletedAt)
  }
}

extension DeliveryRequested {
  /// History outlives an instance: what a replay sends that was asked for after the end is made.
  func endsWithInstance(deletedAt: Int64?) -> Bool {
    guard let replay, let deletedAt else { return true }
    return deletedAt > replay
  }
}

/// All that the next step of one delivery depends on, as one view of the journal has it.
struct DeliveryFacts: Sendable {
  let loaded: Repository.LoadedDelivery
  let requested: DeliveryRequested
  let known: KnownInstance
  /// Where it goes; nil where its instance has no callback.
  let url: String?
  /// That URL's; nil without one.
  let callback: Callback?
  /// Of a replay: its state, and the version of its stream.
  let replay: (state: String, version: Int64)?
  /// Whether something that was made earlier is held and goes the same way.
  let isBehindHeld: Bool
  /// nil where they are not kept any more.
  let body: [UInt8]?

  /// Whether credentials go along.
  var isTrusted: Bool {
    Repository.isTrusted(url, hasCredentials: requested.hasCredentials, known.instance)
  }
}

extension Worker {
  /// What a delivery depends on; nil where there is nothing to do for it now.
  func facts(of stream: String) async throws(JournalError) -> DeliveryFacts? {
    let (known, now) = (knownInstances, world.now())
    let found = try await repository.reader.read { snapshot throws(JournalError) in
      try FoundDelivery(stream, in: snapshot, known, at: now)
    }
    guard let found else { return nil }
    let instance: KnownInstance
    switch found.instance {
    case .known(let same): instance = same
    case .changed(let changed):
      instance = opened(changed)
      // Those of a hundred thousand would take a hundred megabytes.
      if knownInstances.count >= Limits.knownInstancesMax { knownInstances = [:] }
      knownInstances[changed.instance.id] = instance
    }
    return DeliveryFacts(
      loaded: found.loaded, requested: found.requested, known: instance, url: found.url,
      callback: found.callback, replay: found.replay, isBehindHeld: found.isBehindHeld,
      body: found.body)
  }

  private func opened(_ found: FoundInstance) -> KnownInstance {
    let secrets = repository.opened(found.sealed, of: found.instance)
    return KnownInstance(
      instance: found.instance, deletedAt: found.deletedAt, sealed: found.sealed,
      secrets: secrets,
      redaction: Redaction(secrets))
  }
}

/// An instance as it stands in the journal.
private struct FoundInstance: Sendable {
  var instance: Instance
  var deletedAt: Int64?
  var sealed: [String: SealedSecret] = [:]

  init(_ id: Int64, in snapshot: JournalSnapshot) throws(JournalError) {
    instance = Instance(id: id)
    for row in try snapshot.events(of: instance.stream) {
      let event = try row.event()
      if case .instanceDeleted = event { deletedAt = deletedAt ?? row.position }
      instance.evolve(event)
    }
    sealed = try snapshot.secrets(of: instance.stream)
  }
}

/// A delivery that is due, with what else stands in the journal about it.
private struct FoundDelivery: Sendable {
  /// As it was known, or anew.
  enum State: Sendable {
    case known(KnownInstance)
    case changed(FoundInstance)

    var instance: Instance {
      switch self {
      case .known(let known): known.instance
      case .changed(let found): found.instance
      }
    }
  }

  let loaded: Repository.LoadedDelivery
  let requested: DeliveryRequested
  let instance: State
  let url: String?
  var callback: Callback?
  var replay: (state: String, version: Int64)?
  var isBehindHeld = false
  var body: [UInt8]?

  /// - Returns: nil where it is not due, or somebody is at it.
  init?(
    _ stream: String, in snapshot: JournalSnapshot, _ known: [Int64: KnownInstance], at now: Moment
  ) throws(JournalError) {
    guard try snapshot.isDue(stream, at: now) else { return nil }
    loaded = try Repository.LoadedDelivery(snapshot.events(of: stream))
    guard let requested = loaded.delivery.requested, loaded.delivery.isOpen,
      loaded.delivery.status != .attempting
    else { return nil }
    self.requested = requested
    let id = requested.instance
    if let same = known[id],
      try snapshot.version(of: same.instance.stream) == same.instance.version,
      try snapshot.secrets(of: same.instance.stream) == same.sealed
    {
      instance = .known(same)
    } else {
      instance = .changed(try FoundInstance(id, in: snapshot))
    }
    url = requested.url ?? instance.instance.settings?.callback
    if let url { callback = try Callback(url: url, in: snapshot) }
    if let replay = requested.replay {
      self.replay = (
        try snapshot.replay(replay)?.state ?? "", try snapshot.version(of: "replay/\(replay)")
      )
    }
    guard let url, callback?.isEnabled == true else { return }
    isBehindHeld = try snapshot.isBehindHeld(stream, to: url)
    do {
      body = try snapshot.payload(requested.body)
    } catch .noPayload, .alteredPayload {
      body = nil
    }
  }
}

extension Callback {
  /// Folded from its stream; enabled where nothing was ever said of it.
  init(url: String, in snapshot: JournalSnapshot) throws(JournalError) {
    self.init(url: url)
    for row in try snapshot.events(of: Callback.stream(url)) { evolve(try row.event()) }
  }
}
