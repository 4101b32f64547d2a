import Domain
import Engine
import EventStore
import Events
import GoogleFake
import Synchronization
import Testing

/// What a poll leaves of the pages that it read.
@Suite struct EvidenceSceneTests {
  @Test func `a page that held nothing leaves its digest alone`() async {
    let report = await Simulation.run(1) { play in
      let (process, repository) = try play.open(mayDie: false)
      let worker = play.worker(repository, process)
      play.world.state.withLock { state in
        state.google.fake.switches.pageItemsMax = nil
        state.google.fill("calendar1", with: 1, at: state.clock.trueNow)
      }
      _ = try await worker.poll(1)
      _ = try await worker.poll(1, isForced: true)
      play.world.state.withLock { state in
        state.google.renameEvent("event1", in: "calendar1", at: state.clock.trueNow)
      }
      _ = try await worker.poll(1, isForced: true)
      let rows = try await repository.reader.read { snapshot throws(JournalError) in
        try snapshot.events(after: 0, limit: 1_000)
      }
      var left: [[Int]] = []
      for row in rows {
        guard case .pollCompleted(let poll) = try row.event() else { continue }
        left.append([poll.evidence.count, poll.unkept?.count ?? 0])
        let digests = poll.unkept ?? []
        if !digests.allSatisfy({ $0.utf8.count == 64 }) { play.note("\(digests)") }
      }
      if left != [[0, 0], [0, 1], [1, 0]] { play.note("\(left)") }
    }
    #expect(report.problems.isEmpty, "\(report.text)")
  }
}
