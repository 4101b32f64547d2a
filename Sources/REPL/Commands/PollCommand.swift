import ArgumentParser
import Daybook
import Events

struct PollCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "poll", abstract: "Polls, on its own or step by step.",
    subcommands: [Run.self, PollStep.self])

  struct Run: SessionCommand {
    static let configuration = CommandConfiguration(
      commandName: "run", abstract: "Polls once and returns when done.",
      discussion: """
        Without arguments what is due; with an instance, or an instance and a resource, that, due \
        or not. Where another process runs the journal, that one polls and this one waits.

        EXAMPLE
          daybook poll run 1 calendars/primary/changed-events
        """)

    static let isWork = true

    @OptionGroup var shared: SharedOptions
    @Argument(help: InstanceID.help) var id: InstanceID?
    @Argument(help: ResourceKey.help) var resource: ResourceKey?
    @Flag(help: "Everything, due or not.") var all = false
    @Flag(help: "Also while the provider asked to be left alone.") var force = false

    @Option(help: "Why; recorded with a request for each poll.")
    var reason: ReasonText?

    var writes: Bool { true }

    @MainActor func perform(_ session: Session) async throws {
      var target = all ? Journal.Polls.Target.all : .due
      if let id {
        target = .instance(try await session.instance(id), resource: resource?.text)
      }
      let polls = try session.writing().polls
      let gauge = ProgressGauge()
      let reports = try await session.showing("poll run", "feed", gauge) { [target] in
        try await polls.run(target, isForced: force, reason: reason.given) { gauge.set($0) }
      }
      try await session.show(
        RowTable.polls.names, of: .polls, reports.map { Record(Row($0)) })
      if Task.isCancelled {
        let progress = WorkProgress(done: Int64(reports.count), total: gauge.value.total)
        throw Failure.interrupted(progress, "feed", "`poll run` polls what is left of it")
      }
      let failed = reports.filter { $0.status == .failed }
      guard failed.isEmpty else {
        throw Failure.partly("\(failed.count) of \(counted(reports.count, "poll")) failed")
      }
    }
  }
}
