import Domain
import Engine
import EventStore
import Events
import Google
import GoogleFake
import Synchronization
import Testing

/// Short plays for what whole lives meet too seldom.
@Suite struct SceneTests {
  @Test(arguments: 1...100 as ClosedRange<UInt64>)
  func `nothing stays held for a callback that a person enables meanwhile`(seed: UInt64) async {
    let report = await Simulation.run(seed) { play in
      let url = Simulation.callbacks[0]
      let (process, repository) = try play.open(mayDie: false)
      let disabled = CallbackDisabled(url: url, reason: "a person asked")
      try await play.append([.callbackDisabled(disabled)], to: StreamName.callback(url), repository)
      for number in 1...6 { try await play.ask(number, repository) }
      let worker = play.worker(repository, process)
      let engine = Task(executorPreference: play.executor) {
        for _ in 1...6 { _ = try await worker.step([.deliver]) }
      }
      let person = Task(executorPreference: play.executor) {
        let (_, own) = try play.open(mayDie: false)
        try await play.enableCallbacks(own)
      }
      try await engine.value
      try await person.value
      let held = try await repository.reader.read { snapshot throws(JournalError) in
        try snapshot.held(for: url, limit: 10)
      }
      if !held.isEmpty { play.note("still held: \(held)") }
    }
    #expect(report.problems.isEmpty, "\(report.text)")
  }

  @Test func `a change of an object that a comparison missed once is announced`() async {
    let report = await Simulation.run(1) { play in
      let (process, repository) = try play.open(mayDie: false)
      let worker = play.worker(repository, process)
      play.world.state.withLock { state in
        state.google.fill("calendar1", with: 12, at: state.clock.trueNow)
      }
      _ = try await worker.poll(1)
      play.world.state.withLock { state in
        state.google.renameEvent("event5", in: "calendar1", at: state.clock.trueNow)
        state.google.expireCursors()
        state.google.fake.faults.add(
          .init(.omit(id: "event5"), times: 100, without: "syncToken", sparesUnknown: true))
      }
      let poll = try await worker.poll(1, isForced: true)
      if poll.changes != 1 { play.note("\(poll)") }
    }
    #expect(report.problems.isEmpty, "\(report.text)")
  }

  @Test func `a poll requested of a disabled instance does not wait on the agenda`() async {
    let report = await Simulation.run(1) { play in
      let (_, repository) = try play.open(mayDie: false)
      let instance = try await repository.instance(1)
      try await play.append(
        instance.disable(reason: "a person asked"), to: instance.stream, repository)
      let pollRequest = PollRequested(feed: 1, instance: 1, atMs: play.world.now.milliseconds)
      try await play.append([.pollRequested(pollRequest)], to: .feed(1), repository)
      let now = play.world.now
      let due = try await repository.reader.read { snapshot throws(JournalError) in
        try snapshot.due(at: now, limit: 10)
      }
      if due.contains(where: { $0.subject == .poll(feed: 1) }) { play.note("\(due)") }
    }
    #expect(report.problems.isEmpty, "\(report.text)")
  }

  @Test(arguments: 1...100 as ClosedRange<UInt64>)
  func `the last instance gives the grant back, or a notice says that it may be open`(
    seed: UInt64
  ) async {
    let report = await Simulation.run(seed) { play in
      play.world.state.withLock { state in
        state.isRough = true
        state.deathPermille = 200
        state.google.faultPermille = 300
      }
      let last = InstanceID(Int64(play.traits.feeds.count))
      for instance in InstanceID.all(through: last) {
        let isGranted = play.world.state.withLock { $0.google.isGranted }
        if !isGranted { play.note("instance \(instance) lost its grant with another") }
        try await play.delete(instance)
      }
      let (_, repository) = try play.open(mayDie: false)
      for instance in InstanceID.all(through: last) {
        let isOpen = try await repository.isNoticeOpen(
          .known(.grantOpen), StreamName.instance(instance))
        let isGranted = play.world.state.withLock { $0.google.isGranted }
        if !isOpen, instance < last || isGranted { play.note("no notice for \(instance)") }
      }
      let rows = try await play.rows(repository)
      for problem in try Invariants(play, repository, rows).noSecretIsInTheFile() {
        play.note(problem)
      }
    }
    #expect(report.problems.isEmpty, "\(report.text)")
  }

  @Test func `a grant is given back though its notice was closed meanwhile`() async {
    let report = await Simulation.run(1) { play in
      let (process, repository) = try play.open(mayDie: false)
      var seen = play.world.seen(by: process)
      let perform = seen.perform
      seen.perform = { request in
        if request.url.hasSuffix("/revoke") {
          let closed = NoticeClosed(
            kind: .known(.grantOpen), subject: StreamName.instance(1), reason: "a person closed it",
            instance: 1)
          let stream = StreamName.notice(closed.kind, about: closed.subject)
          try? await play.append([.noticeClosed(closed)], to: stream, repository)
        }
        return await perform(request)
      }
      let instances = Instances(
        repository, connector: GoogleSuite(baseURL: SimulatedGoogle.base), world: seen,
        settings: EngineSettings())
      for instance in InstanceID.all(through: InstanceID(Int64(play.traits.feeds.count))).reversed()
      {
        let end = try await instances.delete(
          instance, reason: "a person asked", keepsGrant: instance > 1)
        if instance == 1, end != .revoked { play.note("\(end)") }
      }
    }
    #expect(report.problems.isEmpty, "\(report.text)")
  }

  @Test func `a restart after a step back records no step again`() async {
    let report = await Simulation.run(1) { play in
      for step in [7_200, -7_200, 0, 0] {
        play.world.state.withLock { $0.clock.jump(by: .seconds(step)) }
        let (process, repository) = try play.open(mayDie: false)
        _ = try await play.worker(repository, process).step([])
        let pollRequest = PollRequested(feed: 1, instance: 1, atMs: play.world.now.milliseconds)
        try await play.append([.pollRequested(pollRequest)], to: .feed(1), repository)
      }
      let (_, repository) = try play.open(mayDie: false)
      let steps = try await play.rows(repository).filter { $0.type == ClockStepped.type }
      if steps.count != 1 { play.note("\(steps.count) steps") }
    }
    #expect(report.problems.isEmpty, "\(report.text)")
  }
}

extension Simulation {
  /// Deletes an instance, however often the process dies before that.
  fileprivate func delete(_ instance: InstanceID) async throws {
    let (_, own) = try open(mayDie: false)
    while try await !own.instance(instance).isDeleted {
      let (process, repository) = try open()
      let instances = Instances(
        repository, connector: GoogleSuite(baseURL: SimulatedGoogle.base),
        world: world.seen(by: process), settings: EngineSettings())
      // What it died of is of no interest: whether it is deleted is.
      _ = try? await instances.delete(instance, reason: "a person asked")
    }
  }

  /// Asks for a delivery as the changes of a poll would.
  fileprivate func ask(_ number: Int, _ repository: Repository) async throws {
    let salt = [UInt8](repeating: UInt8(number), count: 16)
    let payload = Payload(Array("{}".utf8), kind: .evidence, salt: salt)
    let id = NotificationID(UInt64(number))
    let requested = DeliveryRequested(
      delivery: DeliveryID(of: id), notification: id, eventId: "event", instance: 1, feed: 1,
      resource: "calendars/calendar1/changed-events", action: .created, changes: [], sequence: 1,
      body: payload.name, bytes: 2, mode: .known(.live), hasCredentials: true, place: 0, places: 1,
      dueAtMs: world.now.milliseconds)
    _ = try await repository.writer.append(
      AppendRequest(
        [NewEvent(.delivery(DeliveryID(of: id)), .deliveryRequested(requested))],
        payloads: [payload],
        at: world.now))
  }
}
