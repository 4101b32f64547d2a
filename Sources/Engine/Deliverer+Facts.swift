import Domain
import EventStore
import Events
import Webhook

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
  /// How its own deliveries are made.
  let delivery: DeliverySettings
  /// The operator’s own headers, as far as they can be read.
  let extraHeaders: [Header]
  private let isUnreadable: Bool
  private let isUnreadableTrusted: Bool

  init(
    _ instance: Instance, deletedAt: Int64?, sealed: [String: SealedSecret], _ secrets: Secrets,
    _ delivery: DeliverySettings
  ) {
    self.instance = instance
    self.delivery = delivery
    self.deletedAt = deletedAt
    self.sealed = sealed
    self.secrets = secrets
    redaction = Redaction(secrets)
    // What cannot be read as headers was refused when it was configured.
    let extra = secrets["event.notification.callback.headers"]
    extraHeaders = extra.flatMap { try? Headers.extra($0) } ?? []
    isUnreadable = secrets.isUnreadable(isTrusted: false)
    isUnreadableTrusted = secrets.isUnreadable(isTrusted: true)
  }

  /// True where something that an attempt is sent under cannot be had.
  ///
  /// - Parameter isTrusted: Whether credentials go along.
  func isUnreadable(isTrusted: Bool) -> Bool {
    isTrusted ? isUnreadableTrusted : isUnreadable
  }

  /// True where a delivery is not made because its instance is deleted.
  func ends(_ requested: DeliveryRequested) -> Bool {
    instance.isDeleted && requested.endsWithInstance(deletedAt: deletedAt)
  }
}

extension DeliveryRequested {
  /// History outlives an instance: what a replay sends that was asked for after the end is made.
  func endsWithInstance(deletedAt: Int64?) -> Bool {
    guard let replay, let deletedAt else { return true }
    return deletedAt > replay.position
  }
}

/// All that the next step of one delivery depends on, as one view of the journal has it.
struct DeliveryFacts: Sendable {
  let stream: StreamName
  let loaded: Repository.LoadedDelivery
  let requested: DeliveryRequested
  let known: KnownInstance
  /// Where it goes; nil where its instance has no callback.
  let url: String?
  /// That URL's; nil without one.
  let callback: Callback?
  /// State and version of the replay that it is of; nil: of none.
  let replay: (state: String, version: Int64)?
  /// Version of the lineage while a restored journal may not send; nil: it may.
  let heldLineage: Int64?
  /// True where something that was made earlier is held and goes the same way.
  let isBehindHeld: Bool
  /// One of these that it may not overtake; nil: none.
  let heldAhead: HeldAhead?
  /// nil where they are not kept any more.
  let body: [UInt8]?

  /// True where what it may not overtake waits for a person, after a failure.
  var isBehindQueued: Bool { heldAhead?.kind.known == .failureQueued }

  /// How it is made: by the settings of its instance, unless a replay sends it elsewhere.
  func settings(_ program: EngineSettings) -> DeliverySettings {
    requested.replay == nil ? known.delivery : program.delivery(of: nil)
  }

  /// True where credentials go along.
  var isTrusted: Bool {
    Repository.isTrusted(url, hasCredentials: requested.hasCredentials, known.instance)
  }
}

extension Deliverer {
  /// Reads what deliveries depend on, as one view of the journal has it; nil for those for which
  /// there is nothing to do now.
  nonisolated(nonsending) func facts(
    of streams: [StreamName]
  ) async throws(JournalError) -> [DeliveryFacts?] {
    let (known, now) = (knownInstances, world.now())
    let (found, instances) = try await repository.reader.read {
      snapshot throws(JournalError) -> ([FoundDelivery?], [InstanceID: FactsReader.State]) in
      var facts = FactsReader(snapshot, known, at: now)
      var found: [FoundDelivery?] = []
      for stream in streams { found.append(try facts.delivery(stream)) }
      return (found, facts.instances)
    }
    for case (_, .changed(let changed)) in instances {
      // Those of a hundred thousand would take a hundred megabytes.
      if knownInstances.count >= Limits.knownInstancesMax { knownInstances = [:] }
      let opened = opened(changed)
      knownInstances[changed.instance.id] = opened
      admission?.control.set(
        AdmissionControl.Way(opened.instance, opened.delivery), of: opened.instance.id.number)
    }
    return found.map { found in
      guard let found, let state = instances[found.requested.instance] else { return nil }
      let known =
        switch state {
        case .known(let same): same
        case .changed(let changed):
          // More than are kept may have been looked at just now.
          knownInstances[changed.instance.id] ?? opened(changed)
        }
      return DeliveryFacts(
        stream: found.stream, loaded: found.loaded, requested: found.requested, known: known,
        url: found.url, callback: found.callback, replay: found.replay,
        heldLineage: found.heldLineage, isBehindHeld: found.isBehindHeld,
        heldAhead: found.heldAhead, body: found.body)
    }
  }

  private func opened(_ found: FoundInstance) -> KnownInstance {
    KnownInstance(
      found.instance, deletedAt: found.deletedAt, sealed: found.sealed,
      repository.opened(found.sealed, of: found.instance),
      settings.delivery(of: found.instance.settings))
  }
}

/// An instance as it stands in the journal.
private struct FoundInstance: Sendable {
  var instance: Instance
  var deletedAt: Int64?
  var sealed: [String: SealedSecret] = [:]

  init(_ id: InstanceID, in snapshot: JournalSnapshot) throws(JournalError) {
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
  let stream: StreamName
  let loaded: Repository.LoadedDelivery
  let requested: DeliveryRequested
  let url: String?
  var callback: Callback?
  var replay: (state: String, version: Int64)?
  var heldLineage: Int64?
  var isBehindHeld = false
  var heldAhead: HeldAhead?
  var body: [UInt8]?
}

/// Reads what several deliveries depend on; what they share, once.
private struct FactsReader {
  /// An instance as it was known, or anew.
  enum State: Sendable {
    case known(KnownInstance)
    case changed(FoundInstance)

    var instance: Instance {
      switch self {
      case .known(let known): known.instance
      case .changed(let found): found.instance
      }
    }

    var deletedAt: Int64? {
      switch self {
      case .known(let known): known.deletedAt
      case .changed(let found): found.deletedAt
      }
    }
  }

  private let snapshot: JournalSnapshot
  private let known: [InstanceID: KnownInstance]
  private let now: Moment
  private(set) var instances: [InstanceID: State] = [:]
  private var callbacks: [String: Callback] = [:]
  private var replays: [ReplayID: (state: String, version: Int64)] = [:]
  /// nil: not read yet.
  private var heldLineage: Int64??

  init(_ snapshot: JournalSnapshot, _ known: [InstanceID: KnownInstance], at now: Moment) {
    self.snapshot = snapshot
    self.known = known
    self.now = now
  }

  /// - Returns: nil where it is not due, or somebody is at it.
  mutating func delivery(_ stream: StreamName) throws(JournalError) -> FoundDelivery? {
    guard try snapshot.isDue(stream, at: now) else { return nil }
    let loaded = try Repository.LoadedDelivery(snapshot.events(of: stream))
    guard let requested = loaded.delivery.requested, loaded.delivery.isOpen,
      loaded.delivery.status != .attempting
    else { return nil }
    let instance = try self.instance(requested.instance)
    let url = requested.url ?? instance.settings?.callback
    var found = FoundDelivery(stream: stream, loaded: loaded, requested: requested, url: url)
    found.heldLineage = try lineage()
    // Nothing of it is sent, so nothing else is read for it.
    if found.heldLineage != nil { return found }
    if let url { found.callback = try callback(url) }
    if let replay = requested.replay { found.replay = try self.replay(replay) }
    guard let url, found.callback?.isEnabled == true, try !ends(requested) else { return found }
    let older = try snapshot.olderHeld(stream, to: url)
    found.isBehindHeld = older.isHeld
    if older.isHeld || older.isQueued { found.heldAhead = try snapshot.heldAhead(of: stream) }
    do {
      found.body = try snapshot.payload(requested.body)
    } catch .noPayload, .alteredPayload {
      found.body = nil
    }
    return found
  }

  /// True where a delivery is not made because its instance is deleted: what it would send is not
  /// read.
  private mutating func ends(_ requested: DeliveryRequested) throws(JournalError) -> Bool {
    guard try instance(requested.instance).isDeleted else { return false }
    return requested.endsWithInstance(deletedAt: instances[requested.instance]?.deletedAt)
  }

  /// The same for all of one view.
  private mutating func lineage() throws(JournalError) -> Int64? {
    if let known = heldLineage { return known }
    let read = try snapshot.heldLineage()
    heldLineage = .some(read)
    return read
  }

  private mutating func instance(_ id: InstanceID) throws(JournalError) -> Instance {
    if let state = instances[id] { return state.instance }
    let state: State
    if let same = known[id],
      try snapshot.version(of: same.instance.stream) == same.instance.version,
      try snapshot.secrets(of: same.instance.stream) == same.sealed
    {
      state = .known(same)
    } else {
      state = .changed(try FoundInstance(id, in: snapshot))
    }
    instances[id] = state
    return state.instance
  }

  private mutating func callback(_ url: String) throws(JournalError) -> Callback {
    if let known = callbacks[url] { return known }
    let callback = try Callback(url: url, in: snapshot)
    callbacks[url] = callback
    return callback
  }

  private mutating func replay(
    _ id: ReplayID
  ) throws(JournalError) -> (state: String, version: Int64) {
    if let known = replays[id] { return known }
    let replay = (
      state: try snapshot.replay(id)?.state ?? "", version: try snapshot.version(of: .replay(id))
    )
    replays[id] = replay
    return replay
  }
}

extension Callback {
  /// Folded from its stream; enabled where nothing was ever said of it.
  init(url: String, in snapshot: JournalSnapshot) throws(JournalError) {
    self.init(url: url)
    for row in try snapshot.events(of: StreamName.callback(url)) { evolve(try row.event()) }
  }
}
