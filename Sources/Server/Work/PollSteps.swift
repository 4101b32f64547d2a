import Daybook
import Events
import HTTPTypes
import RawJSON

/// Polls that somebody carries forward by hand over HTTP: in memory, so many at once, and so long
/// alone.
///
/// What is left is recorded as whoever leaves the prompt leaves it: what was seen is kept, and the
/// cursor stays.
actor PollSteps {
  /// One of them between two requests.
  struct Step: Sendable {
    var poll: PollByHand
    let instance: Int64
    var touchedAt: Moment
  }

  private let journal: Journal
  private let world: World
  private let name: @Sendable () -> String
  private var steps: [String: Step] = [:]
  /// Steps of which something is under way: they are not in `steps` meanwhile.
  private var busy: [String: Int64] = [:]
  private var isStopped = false

  /// - Parameter name: Makes names that nobody guesses.
  init(_ journal: Journal, in world: World, name: @escaping @Sendable () -> String) {
    self.journal = journal
    self.world = world
    self.name = name
  }

  /// Begins a poll.
  func begin(
    _ instance: Int64, _ resource: String, _ caller: Caller
  ) async throws -> (id: String, step: Step) {
    let id = name()
    // Counted while it begins.
    try reserve(id, instance, caller)
    defer { busy[id] = nil }
    let poll = try await journal.polls.byHand(instance, resource)
    let step = Step(poll: poll, instance: instance, touchedAt: world.now())
    try keep(step, id)
    return (id, step)
  }

  private func reserve(_ id: String, _ instance: Int64, _ caller: Caller) throws(Trouble) {
    if isStopped { throw Trouble(.serviceUnavailable, "stopping", "the server stops") }
    let ofOne =
      steps.values.count { $0.instance == instance } + busy.values.count { $0 == instance }
    let isFull = steps.count + busy.count >= ServerLimits.stepsMax
    guard !isFull, caller.isOwner || ofOne < ServerLimits.stepsShare else {
      var trouble = Trouble(
        .tooManyRequests, "tooMany",
        "\(isFull ? ServerLimits.stepsMax : ServerLimits.stepsShare) polls by hand are open\(isFull ? "" : " of this token’s");"
          + " accept or discard one")
      trouble.headers[.retryAfter] = "60"
      throw trouble
    }
    busy[id] = instance
  }

  private func keep(_ step: Step, _ id: String) throws(Trouble) {
    // Nothing was seen yet, so there is nothing to record.
    if isStopped { throw Trouble(.serviceUnavailable, "stopping", "the server stops") }
    steps[id] = step
  }

  /// Does something with a step, alone; it stays unless the work says that it is over.
  ///
  /// - Throws: `Refusal` where there is none of that name, or somebody is at it.
  func with<Answer: Sendable>(
    _ id: String, _ caller: Caller,
    _ work: @Sendable (inout PollByHand) async throws -> (answer: Answer, isOver: Bool)
  ) async throws -> Answer {
    if let instance = busy[id], caller.maySee(instance) {
      throw Refusal(.conflict, "something is under way with the step \(id)")
    }
    guard var step = steps[id], caller.maySee(step.instance) else {
      throw Trouble(
        .notFound, "notFound", "there is no step \(id); it may have been left alone too long")
    }
    steps[id] = nil
    busy[id] = step.instance
    defer { busy[id] = nil }
    do {
      let (answer, isOver) = try await work(&step.poll)
      if !isOver { await putBack(step, id) }
      return answer
    } catch {
      await putBack(step, id)
      throw error
    }
  }

  private func putBack(_ step: Step, _ id: String) async {
    var step = step
    step.touchedAt = world.now()
    if isStopped { return await leave(step, id, because: PollSteps.stopped) }
    steps[id] = step
  }

  private static let stopped = "left: the server stopped"

  /// Leaves what was left alone, until the task is cancelled; then everything.
  func run() async {
    while !Task.isCancelled {
      await world.sleep(.seconds(5))
      await leave(untouchedSince: world.now() - ServerLimits.stepTime)
    }
    isStopped = true
    let left = steps
    steps = [:]
    // Recorded all the same: this task is cancelled, and that one is not.
    await Task {
      for (id, step) in left { await leave(step, id, because: PollSteps.stopped) }
    }.value
  }

  /// Leaves what nobody has touched since then.
  func leave(untouchedSince moment: Moment) async {
    for (id, step) in steps where step.touchedAt <= moment {
      steps[id] = nil
      let minutes = ServerLimits.stepTime.wholeMilliseconds / 60_000
      await leave(step, id, because: "left alone for \(minutes) minutes")
    }
  }

  private func leave(_ step: Step, _ id: String, because reason: String) async {
    do {
      _ = try await step.poll.discard(reason: reason)
    } catch {
      // The disk failed: what was seen is lost with this process, and the cursor is where it was.
    }
  }
}
