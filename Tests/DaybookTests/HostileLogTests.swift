import EventStore
import Events
import Foundation
import RawJSON
import TestSupport
import Testing

@testable import Daybook

/// A log whose digests follow, and whose numbers no engine wrote.
@Suite struct HostileLogTests {
  private let folder: TestFolder
  private let world = MadeUpWorld()

  init() throws { folder = try TestFolder() }

  private func journal(_ name: String) throws -> Journal {
    var options = JournalOptions()
    options.access = .whenNeeded
    options.googleURL = MadeUpWorld.base
    options.callbacks = try CallbackRules(allowing: ["127.0.0.1"])
    return try Journal("\(folder.path)/\(name)", options, in: world.outside)
  }

  /// The lines of a log in which every type of event occurs.
  private func lines() async throws -> [LogBundle.Line] {
    let fixture = try #require(packageFolder()) + "/Tests/Fixtures/format-0-probes.sqlite"
    let path = "\(folder.path)/every.journal"
    try FileManager.default.copyItem(atPath: fixture, toPath: path)
    let source = try journal("every.journal")
    let bytes = Collected()
    _ = try await source.export { await bytes.add($0) }
    await source.close()
    return await bytes.all.split(separator: 10).compactMap { LogBundle.Line(Array($0)) }
  }

  private actor Collected {
    var all: [UInt8] = []
    func add(_ bytes: [UInt8]) { all += bytes }
  }

  /// Writes the log with one body altered, digests and manifest made anew.
  private func write(
    _ lines: [LogBundle.Line], _ name: String, altering position: Int64 = 0, to body: String = "",
    without payloads: Set<String> = []
  ) throws -> String {
    let path = "\(folder.path)/\(name)"
    try FileManager.default.removeIfThere(path)
    var bytes: [UInt8] = []
    var manifest = LogBundle.Manifest(head: 0, digest: "")
    var digest: [UInt8]?
    for line in lines {
      switch line {
      case .header(let header): bytes += LogBundle.line(header)
      case .payload(let payload):
        if payloads.contains(hexadecimal(payload.digest)) { continue }
        manifest.payloads += 1
        bytes += LogBundle.line(payload)
      case .event(var row):
        if row.position == position { row.body = body }
        row.digest = row.digest(after: digest)
        digest = row.digest
        manifest.events += 1
        manifest.head = row.position
        bytes += LogBundle.line(row)
      case .manifest: break
      }
    }
    manifest.digest = hexadecimal(digest ?? [])
    manifest.sha256 = Payload.plainDigest(of: bytes)
    try Data(bytes + LogBundle.line(manifest)).write(to: URL(filePath: path))
    return path
  }

  private static let refused: [JSON] = [
    .number("-1"), .number("\(Int64.max)"), .number("\(Int64.min)"), .number("1e300"),
    .string("1"),
  ]
  private static let taken: [JSON] = [
    .number("0"), .number("1000"), .number("\(1 << 48)"), .number("1000000000000"),
  ]

  /// The values that a number is tried with: of those that may be taken one at a time, as what is
  /// taken is worked with; all of them with `DAYBOOK_NUMBERS=all`, which takes minutes.
  private func values(_ place: Int) -> [JSON] {
    let isWhole = ProcessInfo.processInfo.environment["DAYBOOK_NUMBERS"] == "all"
    return Self.refused + (isWhole ? Self.taken : [Self.taken[place % Self.taken.count]])
  }

  /// Everything that is asked of a journal; each answer may be an error, and none takes for ever.
  private func use(_ journal: Journal, _ what: String) async throws {
    _ = try? await journal.rebuildDifferences()
    _ = try? await journal.rebuild()
    _ = try? await journal.verify()
    for source in [
      journal.events as any RowSource, journal.changes, journal.deliveries, journal.notices,
      journal.cursors, journal.callbacks, journal.replays, journal.instances,
    ] {
      _ = try? await source.rows()
    }
    _ = try? await journal.deliveries.deliver()
    var steps = 0
    while (try? await journal.step()) ?? nil != nil, steps < 300 { steps += 1 }
    #expect(steps < 300, "\(what)")
    await journal.close()
  }

  @Test(.timeLimit(.minutes(20)))
  func `a number that no engine wrote is refused with its line, or the journal works with it`()
    async throws
  {
    let lines = try await lines()
    var seen: Set<String> = []
    var types: Set<String> = []
    var (refused, taken) = (0, 0)
    for case .event(let row) in lines {
      types.insert(row.type)
      let body = try JSON.parse(Array(row.body.utf8))
      for path in body.numbers where seen.insert("\(row.type) \(path.last ?? "")").inserted {
        for value in values(seen.count) {
          let what = "\(row.type) \(path.joined(separator: ".")) \(value)"
          let altered = String(decoding: body.setting(path[...], to: value).bytes(), as: UTF8.self)
          let file = try write(lines, "log.jsonl", altering: row.position, to: altered)
          let copy = try journal("copy.journal")
          do {
            _ = try await copy.importLog(from: file)
            taken += 1
            try await use(copy, what)
          } catch {
            refused += 1
            #expect("\(error)".contains(", line "), "\(what): \(error)")
          }
          for name in try FileManager.default.contentsOfDirectory(atPath: folder.path)
          where name.hasPrefix("copy.journal") {
            try FileManager.default.removeItem(atPath: "\(folder.path)/\(name)")
          }
        }
      }
    }
    #expect(types.count > 40 && seen.count > 100, "\(types.count) types, \(seen.count) numbers")
    #expect(refused > 400 && taken > 20, "\(refused) refused, \(taken) taken")
  }
}

extension HostileLogTests {
  private func message(_ work: () async throws -> Void) async -> String {
    do {
      try await work()
      return ""
    } catch {
      return "\(error)"
    }
  }

  private func isWhole(_ path: String) -> Bool {
    (try? run("python3", "\(packageFolder() ?? "")/docs/check_export.py", path)) != nil
  }

  @Test func `a log is refused whose bytes are missing, unless an event tells they were removed`()
    async throws
  {
    let lines = try await lines()
    let whole = try write(lines, "whole.jsonl")
    #expect(isWhole(whole))
    var named: [String: Int64] = [:]
    for case .event(let row) in lines {
      for digest in try row.event().payloads { named[digest] = row.position }
    }
    let (digest, position) = try #require(named.min { $0.value < $1.value })
    let file = try write(lines, "lost.jsonl", without: [digest])
    #expect(!isWhole(file))
    let copy = try journal("copy.journal")
    let why = await message { _ = try await copy.importLog(from: file) }
    #expect(why.contains("event \(position) names the bytes with digest \(digest)"), "\(why)")
    // Nor does it take what continues a log, for a whole export would not bring them later.
    let cut = Array(
      lines.prefix { line in
        if case .event(let row) = line { return row.position < 2 }
        return true
      })
    _ = try await copy.importLog(from: try write(cut, "cut.jsonl"))
    let again = await message { _ = try await copy.importLog(from: file) }
    #expect(again.contains("names the bytes with digest \(digest)"), "\(again)")
    #expect(try await copy.head() == 1)
    // A later event tells of it.
    let body = JSON.object(
      .init([
        ("asked_by", "prune"), ("bytes", 3), ("responses", .array([.string(digest)])),
        ("selection", "a test"),
      ]))
    let rows = lines.compactMap { line in
      if case .event(let row) = line { return row }
      return nil
    }
    var telling = try #require(rows.last { $0.stream == .journal })
    telling.version += 1
    telling.position = Int64(rows.count) + 1
    telling.recordedAt = rows[rows.count - 1].recordedAt
    (telling.type, telling.cause, telling.key) = (PayloadExpunged.type, nil, nil)
    telling.body = String(decoding: body.bytes(), as: UTF8.self)
    let removed = try write(lines + [.event(telling)], "removed.jsonl", without: [digest])
    #expect(isWhole(removed))
    let other = try journal("removed.journal")
    #expect(try await other.importLog(from: removed).head == telling.position)
    #expect(try await other.verify().problems == [])
  }

  // 100 GB would take longer.
  @Test(.timeLimit(.minutes(10)))
  func `a recipe makes no more bytes than it says`() async throws {
    let lines = try await lines()
    let inner = Payload(
      [UInt8](repeating: 32, count: 1 << 20), kind: .evidence,
      salt: [UInt8](repeating: 1, count: 16))
    let recipe =
      "["
      + Array(repeating: "{\"payload\":\"\(inner.name)\"}", count: 100_000)
      .joined(separator: ",") + "]"
    var hostile = lines
    hostile.insert(
      contentsOf: [
        .payload(
          stored(inner.digest, "bytes", inner.bytesKept, [UInt8](repeating: 32, count: 1 << 20))),
        .payload(stored([UInt8](repeating: 7, count: 32), "recipe", 100, Array(recipe.utf8))),
      ], at: 2)
    let file = try write(hostile, "recipe.jsonl")
    let why = await message { _ = try await journal("copy.journal").importLog(from: file) }
    #expect(why.contains(", line 4: the bytes of payload 0707"), "\(why)")
  }

  private func stored(
    _ digest: [UInt8], _ form: String, _ length: Int, _ content: [UInt8]
  ) -> StoredPayload {
    StoredPayload(
      digest: digest, salt: [UInt8](repeating: 1, count: 16), kind: "evidence", form: form,
      length: Int64(length), content: content)
  }

  @Test func `an event that the tables refuse is named with its line`() async throws {
    var lines = try await lines()
    let place = try #require(
      lines.firstIndex { line in
        if case .event(let row) = line { return row.position == 5 }
        return false
      })
    guard case .event(var row) = lines[place] else { return }
    row.version = 9
    lines[place] = .event(row)
    let file = try write(lines, "version.jsonl")
    let why = await message { _ = try await journal("copy.journal").importLog(from: file) }
    #expect(why.contains(", line \(place + 1): "), "\(why)")
    let left = try contents(of: folder.path).filter { $0.hasPrefix("copy.journal") }
    #expect(left.allSatisfy { $0.hasSuffix(".engine") }, "\(left)")
  }

  @Test func `what stands at the path or under the draft's name is found first, and stays`()
    async throws
  {
    let file = try write(try await lines(), "log.jsonl")
    let path = "\(folder.path)/copy.journal"
    try Data().write(to: URL(filePath: path))
    // Nothing of the file is read.
    let none = await message {
      _ = try await journal("copy.journal").importLog(from: "\(folder.path)/none.jsonl")
    }
    #expect(none.contains("a file is there that is no journal"), "\(none)")
    try FileManager.default.removeItem(atPath: path)
    try Data("mine".utf8).write(to: URL(filePath: path + ".import"))
    let why = await message { _ = try await journal("copy.journal").importLog(from: file) }
    #expect(why.contains("somebody's is there"), "\(why)")
    #expect(try text(of: path + ".import") == "mine")
  }

  @Test func `while a journal is made at a path, another import to it is refused`() async throws {
    let file = try write(try await lines(), "log.jsonl")
    let path = "\(folder.path)/next.journal"
    let lock = try #require(try EngineLock(path, process: 1))
    let why = await message { _ = try await journal("next.journal").importLog(from: file) }
    #expect(why.contains("or makes it"), "\(why)")
    lock.release()
    #expect(try await journal("next.journal").importLog(from: file).events > 50)
  }
}

extension JSON {
  /// The paths of all numbers but those of the operator.
  fileprivate var numbers: [[String]] {
    switch self {
    case .number: [[]]
    case .array(let elements):
      elements.enumerated().flatMap { place, element in element.numbers.map { ["\(place)"] + $0 } }
    case .object(let members):
      members.filter { $0.name != "configuration" }
        .flatMap { member in member.value.numbers.map { [member.name] + $0 } }
    default: []
    }
  }

  fileprivate func setting(_ path: ArraySlice<String>, to value: JSON) -> JSON {
    guard let first = path.first else { return value }
    switch self {
    case .array(var elements):
      let place = Int(first) ?? 0
      elements[place] = elements[place].setting(path.dropFirst(), to: value)
      return .array(elements)
    case .object(var members):
      members[first] = members[first]?.setting(path.dropFirst(), to: value)
      return .object(members)
    default: return self
    }
  }
}

extension FileManager {
  fileprivate func removeIfThere(_ path: String) throws {
    if fileExists(atPath: path) { try removeItem(atPath: path) }
  }
}
