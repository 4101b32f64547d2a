import Domain
import EventStore
import Events

/// Bounds the tasks at once: it knows those under way, and whether there is room for more.
///
/// Whose tasks are slow must not take all the room. An instance is polled once at a time; and of
/// the attempts nobody holds more than thrice what is left, so that some room is always left for
/// others. Source of that rule: Choudhury and Hahne, “Dynamic queue length thresholds for
/// shared-memory packet switches”, 1998.
///
/// A lane that nobody answers any more is asked once at a time while another one is answered: its
/// attempts would take the turns of those that arrive.
struct AdmissionControl: Sendable {
  /// Attempts at once.
  let attemptsMax: Int
  /// The attempts at once that a replay asked for.
  var ceilings: [ReplayID: Int] = [:]
  /// The rates that replays asked for.
  var rates: [ReplayID: RateLimit] = [:]
  /// The next attempts of replays with a rate, where these are ahead of it or keep it.
  private var turns: [ReplayID: Turn] = [:]
  /// How the deliveries of instances are to be made, by lane; within that nil: they go nowhere.
  var ways: [Int64: Way?] = [:]
  /// Attempts under way to callbacks, and where each goes.
  var underWay: [String: Int] = [:]
  var urls: [DueTask.Subject: String] = [:]
  /// The next attempts to callbacks with a rate.
  var callbackTurns: [String: Turn] = [:]
  var breakers: [String: Breaker] = [:]
  /// Callbacks whose breaker was open by the journal when it was looked last.
  var recordedOpen: Set<String> = []
  /// The attempts that open breakers have let through.
  var probes: [String: DueTask.Subject] = [:]
  /// The time by a clock that never jumps, as of the last look at what is due.
  private(set) var uptime = Duration.zero
  private var subjects: Set<DueTask.Subject> = []
  private var polled: Set<InstanceID> = []
  /// Instances whose notifications are being asked for: poll after poll, so that none is asked for
  /// before one that tells of something older.
  private var notified: Set<InstanceID> = []
  /// How often in a row a poll was looked at in vain of which there is nothing to be asked for.
  private var fruitless: [DueTask.Subject: Int] = [:]
  private var polls = 0
  /// Polls that ask nobody, because they wait for a quota.
  private var pausedPolls = 0
  /// Attempts under way, by lane and in all.
  private var attempts: [Int64: Int] = [:]
  private var attemptsInAll = 0
  /// Attempts in a row that nobody answered, by lane.
  private var unanswered: [Int64: Int] = [:]
  /// Lanes whose last attempt was answered.
  private var answering: Set<Int64> = []
  /// The lane that was answered last.
  private var answered: Int64?

  init(attemptsMax: Int) { self.attemptsMax = attemptsMax }

  /// True where as many attempts as may be are under way.
  var isFullOfAttempts: Bool { attemptsInAll >= attemptsMax }

  /// Attempts of a lane that are under way.
  func attempts(of lane: Int64) -> Int { attempts[lane, default: 0] }

  /// Takes a task in, where there is room for it.
  ///
  /// - Returns: `later` where this one has to wait, `laneIsFull` where every one of its lane has,
  ///   `full` where every one of its kind has.
  mutating func admit(_ task: DueTask) -> DueTask.Choice {
    let choice = choice(task)
    if choice == .take { enter(task) }
    return choice
  }

  private func choice(_ task: DueTask) -> DueTask.Choice {
    switch task.kind {
    case .poll:
      guard polls < Limits.pollsInFlight else { return .full }
      if polled.contains(task.instance) { return .later }
    case .deliver:
      let free = attemptsMax - attemptsInAll
      guard free > 0 else { return .full }
      let held = attempts[task.lane, default: 0]
      guard held < 3 * free else { return .laneIsFull }
      if held > 0, isDead(task.lane) { return .laneIsFull }
      if isUntried(task.lane, held) { return .laneIsFull }
      if let way = way(of: task), !takesMore(way) { return .laneIsFull }
      guard let replay = task.replay else { break }
      if let most = ceilings[replay], held >= most { return .laneIsFull }
      if !task.isTried, let turn = turns[replay], turn.earliest > uptime { return .laneIsFull }
    case .notify:
      if notified.contains(task.instance) || isFruitless(task) { return .later }
    case .replay: break
    }
    return subjects.contains(task.subject) ? .later : .take
  }

  /// True where others are answered and this one is not.
  private func isDead(_ lane: Int64) -> Bool {
    guard let answered, answered != lane else { return false }
    return unanswered[lane, default: 0] >= Limits.unansweredMax
  }

  /// True where a lane has as many attempts under way as it takes to find out whether anybody
  /// answers, and others have some as well: who never answers must not take their room until its
  /// attempts have run into their time limits.
  private func isUntried(_ lane: Int64, _ held: Int) -> Bool {
    held >= max(Limits.untriedAttempts, attemptsMax / 16) && attemptsInAll > held
      && !answering.contains(lane)
  }

  /// Takes in whether a receiver answered an attempt, whatever it said.
  mutating func note(isAnswered: Bool, _ lane: Int64) {
    if isAnswered {
      if answering.count >= Limits.lanesUnansweredMax { answering = [] }
      answering.insert(lane)
      answered = lane
      unanswered[lane] = nil
    } else {
      answering.remove(lane)
      if unanswered.count >= Limits.lanesUnansweredMax { unanswered = [:] }
      unanswered[lane, default: 0] += 1
    }
  }

  /// Takes in how many deliveries a task has asked for.
  ///
  /// In a log of an engine the last one ends the task. In one that somebody has written, or cut
  /// between a poll and its changes, it would be looked at for ever.
  mutating func note(asked: Int, _ subject: DueTask.Subject) {
    if asked > 0 {
      fruitless[subject] = nil
    } else {
      if fruitless.count >= Limits.lanesUnansweredMax { fruitless = [:] }
      fruitless[subject, default: 0] += 1
    }
  }

  private func isFruitless(_ task: DueTask) -> Bool {
    fruitless[task.subject, default: 0] >= Limits.fruitlessMax
  }

  private mutating func enter(_ task: DueTask) {
    subjects.insert(task.subject)
    switch task.kind {
    case .poll:
      polls += 1
      polled.insert(task.instance)
    case .deliver:
      attempts[task.lane, default: 0] += 1
      attemptsInAll += 1
      if let way = way(of: task) { enter(task, way) }
      if !task.isTried, let replay = task.replay, let rate = rates[replay], rate.isBound {
        let gap = rate.wait(1)
        turns[replay] = Turn(at: max(turns[replay]?.at ?? uptime, uptime) + gap, gap: gap)
      }
    case .notify: notified.insert(task.instance)
    case .replay: break
    }
  }

  /// Makes room again once a task has ended.
  mutating func leave(_ task: DueTask) {
    subjects.remove(task.subject)
    switch task.kind {
    case .poll:
      polls -= 1
      polled.remove(task.instance)
    case .deliver:
      attempts[task.lane, default: 1] -= 1
      attemptsInAll -= 1
      leaveCallback(task)
      if attempts[task.lane] == 0 {
        attempts[task.lane] = nil
        // It is read again where more comes of the replay.
        if let replay = task.replay { forget(replay) }
      }
    case .notify: notified.remove(task.instance)
    case .replay: break
    }
  }

  /// Lets go of what a replay asked for, but not of how far it is ahead of its rate.
  mutating func forget(_ replay: ReplayID) {
    ceilings[replay] = nil
    rates[replay] = nil
  }

  /// The next attempt of a replay as its rate would have it, however late those are that wait:
  /// after a break many may be due at once. Retries come beside the rate.
  struct Turn: Sendable {
    /// When it keeps the rate.
    let at: Duration
    let gap: Duration

    /// When it may begin: as early as the one before it was late, a little at most.
    var earliest: Duration { at - max(gap, Limits.replayLatenessMax) }
  }

  /// Takes in the time, by a clock that never jumps.
  mutating func pass(to uptime: Duration) {
    self.uptime = uptime
    if !turns.isEmpty { turns = turns.filter { $0.value.at > uptime } }
    if !callbackTurns.isEmpty { callbackTurns = callbackTurns.filter { $0.value.at > uptime } }
  }

  /// When the next attempt may begin of a replay or a callback that is ahead of its rate; nil: none
  /// is.
  var nextTurn: Duration? {
    (turns.values.map(\.earliest) + callbackTurns.values.map(\.earliest)).filter { $0 > uptime }
      .min()
  }

  /// Lets another poll begin while one waits.
  ///
  /// - Returns: Whether it did; then `resumePoll()` follows.
  mutating func pausePoll() -> Bool {
    guard polls > 0, pausedPolls < Limits.pollsPausedMax else { return false }
    polls -= 1
    pausedPolls += 1
    return true
  }

  /// The poll goes on, though there may be more than usual for a while.
  mutating func resumePoll() {
    pausedPolls -= 1
    polls += 1
  }
}

/// The bounds on tasks at once as the worker and its parts share them; lives inside the worker.
final class Admission {
  var control: AdmissionControl

  init(attemptsMax: Int) { control = AdmissionControl(attemptsMax: attemptsMax) }
}
