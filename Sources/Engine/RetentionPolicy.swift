import Domain
import EventStore
import Events

/// Removes what the settings keep for a time alone, a little in each idle moment.
///
/// Lives inside the worker. Where nothing is old enough it costs one look at the next events, and
/// once a day the whole log is gone through again: what was still to be delivered may be done.
final class RetentionPolicy {
  private let repository: Repository
  private let removal: EvidenceRemoval
  private let world: World
  private var rules: [Rule]
  /// When all of the log is gone through again, by a clock that never jumps.
  private var beginsAgainAt: Duration?

  /// A kind, how long it is kept, and how far the log was gone through.
  private struct Rule {
    let use: PayloadUse
    let time: Duration
    var place = EvidenceRemoval.Place()
  }

  init(_ repository: Repository, world: World, settings: EngineSettings) {
    self.repository = repository
    self.world = world
    removal = EvidenceRemoval(repository, world: world)
    rules = settings.retention.sorted { $0.key.rawValue < $1.key.rawValue }
      .map { Rule(use: $0.key, time: $0.value) }
  }

  /// Does one step for each kind: at most some hundred events are looked at, and some hundred
  /// payloads removed.
  nonisolated(nonsending) func step() async throws {
    guard !rules.isEmpty else { return }
    let (lag, replay) = try await repository.reader.read { view throws(JournalError) in
      (try view.lag(), try view.askingReplay())
    }
    // Which notifications tell of a change, tables say that are to follow first; and what a replay
    // still asks for stays.
    guard lag == 0, replay == nil else { return }
    let uptime = world.uptime()
    if uptime >= beginsAgainAt ?? uptime {
      beginsAgainAt = uptime + Limits.retentionRound
      for index in rules.indices { rules[index].place = EvidenceRemoval.Place() }
    }
    for index in rules.indices {
      let rule = rules[index]
      let selection = EvidenceSelection.aged([rule.use], before: world.now() - rule.time)
      let order = ExpungeOrder(
        .policy, selection: "\(rule.use.rawValue) older than \(rule.time.unitText)")
      do {
        try await removal.step(selection, order, from: &rules[index].place)
      } catch JournalError.noArchive {
        // Which bytes archived events name is not known without their file; nothing else waits for
        // it.
      }
    }
  }
}
