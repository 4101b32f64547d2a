import Daybook
import Events
import Sandbox
import Testing

/// A part of a list, as its filters, its limit and its order leave it.
@Suite struct SelectionTests {
  private let folder: TestFolder
  private let world = MadeUpWorld()
  private let journal: Journal

  init() async throws {
    folder = try TestFolder()
    journal = try world.journal(in: folder, retryWaits: [.seconds(1)])
    let code = world.withSandbox { $0.code(at: $1) }
    let id = try await journal.instances.create(
      instanceJSON(code: code, base: MadeUpWorld.base)
    ).id
    for round in 0..<20 {
      world.pass(.seconds(60))
      try await journal.instances.disable(id, reason: "\(round)")
      try await journal.instances.enable(id, reason: "\(round)")
    }
  }

  private func positions(_ change: (inout Selection) -> Void) async throws -> [Int64] {
    var part = Selection()
    change(&part)
    return try await journal.events.rows(part).compactMap { $0["position"]?.integer }
  }

  @Test func `a limit leaves the newest rows in the order of the log`() async throws {
    let head = try await journal.head()
    #expect(try await positions { $0.limit = 3 } == [head - 2, head - 1, head])
    let reversed = try await positions { part in
      part.limit = 3
      part.isReversed = true
    }
    #expect(reversed == [head, head - 1, head - 2])
    #expect(try await positions { $0.limit = 0 } == [])
  }

  @Test func `from a beginning a limit counts on, and before an end it counts back`() async throws {
    let after = try await positions { part in
      part.limit = 3
      part.after = 5
    }
    #expect(after == [6, 7, 8])
    let reversed = try await positions { part in
      part.limit = 3
      part.after = 5
      part.isReversed = true
    }
    #expect(reversed == [8, 7, 6])
    let before = try await positions { part in
      part.limit = 3
      part.before = 10
    }
    #expect(before == [7, 8, 9])
    let both = try await positions { part in
      part.limit = 2
      part.after = 5
      part.before = 10
    }
    #expect(both == [6, 7])
  }

  @Test func `times bound a limit as positions do`() async throws {
    let times = try await journal.events.rows().map { $0["recordedAt"]?.moment }
    let minute = noon + .seconds(600)
    let since = try await positions { part in
      part.limit = 2
      part.since = minute
    }
    let first = try #require(times.firstIndex { $0 == minute }) + 1
    #expect(since == [Int64(first), Int64(first + 1)])
    let until = try await positions { part in
      part.limit = 2
      part.until = minute
    }
    #expect(until == [Int64(first - 2), Int64(first - 1)])
  }

  @Test func `pages by the last position leave nothing out`() async throws {
    let whole = try await positions { _ in }
    var paged: [Int64] = []
    while true {
      let after = paged.last ?? 0
      let page = try await positions { part in
        part.after = after
        part.limit = 7
      }
      if page.isEmpty { break }
      paged += page
    }
    #expect(paged == whole)
    var back: [Int64] = []
    while true {
      let before = back.first
      let page = try await positions { part in
        part.before = before
        part.limit = 7
      }
      if page.isEmpty { break }
      back = page + back
    }
    #expect(back == whole)
  }

  @Test func `the newest of a part are those, whatever it begins with, and are counted`()
    async throws
  {
    var part = Selection()
    part.types = ["instance.disabled"]
    part.after = 3
    let all = try await journal.events.rows(part)
    #expect(try await journal.events.newest(4, of: part) == Array(all.suffix(4)))
    #expect(try await journal.events.count(part, upTo: 100) == all.count)
    #expect(try await journal.events.count(part, upTo: 5) == 5)
    part.isReversed = true
    #expect(try await journal.events.newest(4, of: part) == all.suffix(4).reversed())
  }
}
