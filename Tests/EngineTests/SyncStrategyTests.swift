import Domain
import Testing

@testable import Engine

@Suite struct SyncStrategyTests {
  private static let modes: [PollMode] = [.baseline, .changes(since: "c"), .comparison]

  @Test(
    arguments: [
      (CollectionNature.cursor, "learnt", "compared", "compared and seen, confirmAbsences"),
      (.layered, "seen, learnSeen", "compared", "seen, askForDiffering, confirmAbsences"),
      (
        .roster, "collections, confirmCollections", "collections", "collections, confirmCollections"
      ),
      (.dated, "learnt", "compared", "compared"),
    ])
  func `pages are used and followed up as the table has it`(
    nature: CollectionNature, baseline: String, changes: String, comparison: String
  ) {
    let said = Self.modes.map { mode in
      let strategy = SyncStrategy(nature, mode)
      let use =
        switch strategy.use {
        case .collections: "collections"
        case .seen: "seen"
        case .learnt: "learnt"
        case .compared(let isSeen): isSeen ? "compared and seen" : "compared"
        }
      return ([use] + strategy.steps.map { "\($0)" }).joined(separator: ", ")
    }
    #expect(said == [baseline, changes, comparison])
  }

  @Test func `only a listing by labels shows ids alone, and only its changes come one by one`() {
    for nature in [CollectionNature.cursor, .layered, .roster, .dated] {
      for mode in Self.modes {
        let strategy = SyncStrategy(nature, mode)
        let isOfChanges = if case .changes = mode { true } else { false }
        #expect(strategy.showsStates == (nature != .layered || isOfChanges))
        #expect(strategy.readsOneByOne == (nature == .layered && isOfChanges))
        #expect(strategy.canGoOn == (nature != .dated))
      }
    }
  }
}
