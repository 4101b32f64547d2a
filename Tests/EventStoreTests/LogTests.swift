import EventStore
import Events
import Foundation
import TestSupport
import Testing

/// A folder that goes with the test.
struct Folder: ~Copyable {
  let path: String

  init() {
    path =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("daybook-\(UUID().uuidString)").path
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var journal: String { path + "/test.journal" }

  func open() throws -> JournalWriter {
    try JournalWriter(journal, naming: naming, at: noon)
  }
}

let naming = [UInt8](0..<16)
let noon = Moment(milliseconds: 1_795_000_000_000)

func raised(_ kind: String) -> NewEvent {
  NewEvent(
    "notice/\(kind)",
    .noticeRaised(NoticeRaised(kind: StoredWord(stored: kind), subject: "journal", text: "A test."))
  )
}

/// The same to a stream that takes it again and again.
func refused(_ name: String) -> NewEvent {
  NewEvent(
    "authorization/\(name)",
    .authorizationRefused(AuthorizationRefused(instance: 1, reason: "a", text: "A test.")))
}

@Suite struct LogTests {
  @Test func `a new journal begins with its name at position 1`() async throws {
    let folder = Folder()
    _ = try folder.open()
    let reader = try JournalReader(folder.journal)
    let rows = try await reader.read { snapshot throws(JournalError) in
      try snapshot.events(after: 0, limit: 10)
    }
    #expect(rows.map(\.type) == ["journal.created"])
    #expect(rows[0].body == #"{"format":0,"journal":"000102030405060708090a0b0c0d0e0f"}"#)
  }

  @Test func `positions and versions have no gaps and time never steps back`() async throws {
    let folder = Folder()
    let log = try folder.open()
    for step in 0..<20 {
      let at = noon + .seconds(step % 2 == 0 ? step : -step)
      _ = try await log.append(AppendRequest([refused("a"), refused("b")], at: at))
    }
    let report = try await JournalReader(folder.journal).verify()
    #expect(report.problems == [])
    #expect(report.events == 41)
  }

  @Test func `a batch is written in its order, and a conflict concerns its own append`()
    async throws
  {
    let folder = Folder()
    let log = try folder.open()
    let results = await log.append([
      AppendRequest([refused("a")], expecting: ["authorization/a": 0], at: noon),
      AppendRequest([refused("a")], expecting: ["authorization/a": 0], at: noon),
      AppendRequest([refused("b"), refused("a")], expecting: ["authorization/a": 1], at: noon),
    ])
    #expect(try results[0].get().positions == [2])
    #expect(throws: JournalError.conflict(stream: "authorization/a", expected: 0, actual: 1)) {
      try results[1].get()
    }
    #expect(try results[2].get().positions == [3, 4])
    #expect(try await JournalReader(folder.journal).verify().events == 4)
  }

  @Test func `an append that spoils a batch leaves the others`() async throws {
    let folder = Folder()
    let log = try folder.open()
    let long = NewEvent(
      "authorization/a",
      .authorizationRefused(
        AuthorizationRefused(
          instance: 1, reason: "a", text: String(repeating: "x", count: 5 << 20))))
    let results = await log.append(
      [refused("b"), long, refused("c")].map { AppendRequest([$0], at: noon) })
    #expect(try results[0].get().positions == [2])
    #expect(throws: JournalError.self) { try results[1].get() }
    #expect(try results[2].get().positions == [3])
  }

  @Test func `an append at the wrong version conflicts and writes nothing`() async throws {
    let folder = Folder()
    let log = try folder.open()
    _ = try await log.append(
      AppendRequest([refused("a")], expecting: ["authorization/a": 0], at: noon))
    await #expect(throws: JournalError.conflict(stream: "authorization/a", expected: 0, actual: 1))
    {
      _ = try await log.append(
        AppendRequest([refused("a")], expecting: ["authorization/a": 0], at: noon))
    }
    #expect(try await log.currentHead().position == 2)
  }

  @Test func `a key that is used again answers the first position`() async throws {
    let folder = Folder()
    let log = try folder.open()
    let first = try await log.append(
      AppendRequest([refused("a"), refused("b")], key: "k", at: noon))
    let again = try await log.append(AppendRequest([refused("c")], key: "k", at: noon))
    #expect(again.first == first.first)
    #expect(again.isRepeated)
    #expect(try await log.currentHead().position == 3)
  }

  @Test func `appends that wait together each get their own answer`() async throws {
    let folder = Folder()
    let log = try folder.open()
    let positions = try await withThrowingTaskGroup(of: Int64?.self) { group in
      for number in 0..<64 {
        group.addTask {
          // Every fourth expects a version that is never there.
          let expected: [StreamName: Int64] =
            number % 4 == 0 ? ["authorization/n\(number)": 7] : [:]
          do {
            return try await log.append(
              AppendRequest([refused("n\(number)")], expecting: expected, at: noon)
            ).first
          } catch JournalError.conflict {
            return nil
          }
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(positions.compactMap { $0 }.sorted() == Array(2...49))
  }

  @Test func `two logs on one file share its positions`() async throws {
    let folder = Folder()
    let first = try folder.open()
    let second = try folder.open()
    for _ in 0..<10 {
      _ = try await first.append(AppendRequest([refused("a")], at: noon))
      _ = try await second.append(AppendRequest([refused("a")], at: noon))
    }
    let report = try await JournalReader(folder.journal).verify()
    #expect(report.problems == [])
    #expect(report.events == 21)
  }

  @Test func `rebuilt tables equal the incremental ones`() async throws {
    let folder = Folder()
    let log = try folder.open()
    for _ in 0..<700 { _ = try await log.append(AppendRequest([refused("a")], at: noon)) }
    _ = try await log.catchUp()
    _ = try await log.rebuild()
    let lag = try await JournalReader(folder.journal).read { snapshot throws(JournalError) in
      try snapshot.lag()
    }
    #expect(lag == 0)
  }

  @Test func `a foreign file is refused and left untouched`() throws {
    let folder = Folder()
    let text = Data("not a database, just some text that is long enough to be read".utf8)
    _ = FileManager.default.createFile(atPath: folder.journal, contents: text)
    #expect(throws: JournalError.self) { try folder.open() }
    #expect(FileManager.default.contents(atPath: folder.journal) == text)
  }
}
