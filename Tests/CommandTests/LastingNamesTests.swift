import Foundation
import Glibc
import Testing

/// What a power cut would leave: a file whose name was not brought to the disk is gone.
@Suite struct LastingNamesTests {
  @Test func `the names of a journal and its key last before anything is sealed`() async throws {
    try await withStage { stage in
      let watch = try await Watch(stage)
      let (ended, calls) = try await watch.create()
      try #require(ended.status == 0, "\(ended.errors)")
      let sealed = try #require(calls.last("sync", "daybook.journal-wal", before: "flock"))
      let linked = try #require(calls.first("link", "daybook.journal.key"))
      let written = try #require(calls.last("sync", "daybook.journal.key.new"))
      #expect(written < linked)
      let journal = try #require(calls.first("create", "daybook.journal"))
      let log = try #require(calls.first("create", "daybook.journal-wal"))
      for made in [linked, journal, log] {
        let named = try #require(calls.first("sync", ".", after: made))
        #expect(named < sealed, "\(calls)")
      }
    }
  }

  @Test func `a key whose maker was killed is brought to the disk by whoever uses it`() async throws
  {
    try await withStage { stage in
      let watch = try await Watch(stage)
      let (_, calls) = try await watch.create()
      let linked = try #require(calls.first("link", "daybook.journal.key"))
      try watch.empty()
      let place = calls[...linked].filter(\.isChange).count
      let killed = try await watch.create(kill: place, isLate: true)
      #expect(killed.ended.status == 128 + SIGKILL)
      #expect(try watch.names.contains("daybook.journal.key"))
      let (ended, after) = try await watch.create()
      try #require(ended.status == 0, "\(ended.errors)")
      let sealed = try #require(after.first("write", "daybook.journal-wal"))
      let synced = try #require(after.first("sync", "daybook.journal.key"))
      let named = try #require(after.first("sync", ".", after: synced))
      #expect(named < sealed, "\(after)")
    }
  }

  @Test func `a mark lasts, and so do the folders that it needs`() async throws {
    try await withStage { stage in
      let watch = try await Watch(stage)
      #expect(try await watch.create().ended.status == 0)
      let state = watch.folder + "/state"
      let (ended, calls) = try await watch.watched(
        ["mark", "here", "1"], environment: ["XDG_STATE_HOME": state])
      try #require(ended.status == 0, "\(ended.errors)")
      let file = try #require(calls.first { $0.file.contains("marks-") }?.file)
      let folder = try #require(calls.first("mkdir", "state/daybook"))
      #expect(calls.first("sync", "state", after: folder) != nil)
      let written = try #require(calls.first("write", file))
      #expect(calls.first("sync", file, after: written) != nil)
      #expect(calls.first("sync", "state/daybook", after: written) != nil)
    }
  }
}

extension [Call] {
  /// The last such call before the last one of another name.
  fileprivate func last(_ name: String, _ file: String, before other: String) -> Int? {
    guard let end = lastIndex(where: { $0.name == other }) else { return nil }
    // The checkpoint at the end takes the lock as well, and gives it back.
    let commit = self[..<end].lastIndex { $0.name == other } ?? end
    return self[..<commit].lastIndex(of: Call(name, file))
  }
}
