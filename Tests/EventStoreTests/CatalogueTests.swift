import EventStore
import Events
import Foundation
import TestSupport
import Testing

/// A type of event as CATALOGUE.md tells of it: its fields, and which of them are optional.
private struct Entry: Equatable {
  var fields: [String] = []
  var optional: Set<String> = []
}

private func catalogue() throws -> (entries: [String: Entry], reserved: Set<String>) {
  let package = try #require(packageFolder())
  var entries: [String: Entry] = [:]
  var reserved: Set<String> = []
  var type: String?
  for line in try text(of: "\(package)/Journal/CATALOGUE.md").split(separator: "\n") {
    if line.hasPrefix("#") {
      type = line.hasPrefix("### `") ? String(line.dropFirst(5).dropLast()) : nil
      if line == "## Settings" { type = "settings" }
      if let type { entries[type] = Entry() }
    }
    let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    guard line.hasPrefix("| `"), cells.count >= 3 else { continue }
    let name = cells[0].trimmingCharacters(in: ["`"])
    guard let type else {
      reserved.insert(name)
      continue
    }
    entries[type]?.fields.append(name)
    if cells[1].hasSuffix("optional") { entries[type]?.optional.insert(name) }
  }
  return (entries, reserved)
}

/// The same as the sources have it: stored names by `CodingKeys`, optional where the property is or
/// where it is left out.
private func sources() throws -> [String: Entry] {
  let package = try #require(packageFolder())
  var entries: [String: Entry] = [:]
  for name in try contents(of: "\(package)/Journal/Events") {
    var type: String?
    var optional: Set<String> = []
    for line in try text(of: "\(package)/Journal/Events/\(name)").split(separator: "\n") {
      let words = line.split { " :=\"".contains($0) }.map(String.init)
      if line.contains("static let type = ") { (type, optional) = (words.last, []) }
      if line.hasPrefix("public struct InstanceSettings") { (type, optional) = ("settings", []) }
      if line.hasPrefix("  public var "), line.hasSuffix("?") { optional.insert(words[2]) }
      if line.contains("try fields.decodeIfPresent(") { optional.insert(words[0]) }
      guard line.hasPrefix("    case "), line.hasSuffix("\""), words.count == 3, let type else {
        continue
      }
      entries[type, default: Entry()].fields.append(words[2])
      if optional.contains(words[1]) { entries[type]?.optional.insert(words[2]) }
    }
  }
  return entries
}

@Suite struct CatalogueTests {
  @Test func `the catalogue has every type and every field of the code`() throws {
    let (entries, reserved) = try catalogue()
    #expect(Set(entries.keys) == Set(Event.readers.keys).union(["settings"]))
    #expect(reserved == [])
    for (type, entry) in try sources() { #expect(entries[type] == entry, "\(type)") }
    #expect(try sources().count == entries.count)
  }

  @Test func `bodies are written as the catalogue says`() async throws {
    let entries = try catalogue().entries
    let folder = Folder()
    _ = try await plausible(folder)
    let rows = try await JournalReader(folder.journal).read { snapshot throws(JournalError) in
      try snapshot.events(after: 0, limit: 1_000)
    }
    for row in rows {
      let entry = try #require(entries[row.type])
      let body = try JSONSerialization.jsonObject(with: Data(row.body.utf8)) as? [String: Any]
      let names = Set(try #require(body).keys)
      #expect(names.isSubset(of: entry.fields), "\(row.type)")
      #expect(names.isSuperset(of: Set(entry.fields).subtracting(entry.optional)), "\(row.type)")
      #expect(Event.readers[row.type] != nil)
    }
  }

  @Test func `the examples of the README run in the shell`() async throws {
    let package = try #require(packageFolder())
    let blocks = try text(of: "\(package)/Journal/README.md").components(separatedBy: "```")
    let examples = blocks.filter { $0.hasPrefix("sql\n") }.map { $0.dropFirst(4) }
    #expect(examples.count == 7)
    let folder = Folder()
    _ = try await plausible(folder)
    for example in examples {
      let output = try run(
        "sqlite3", folder.journal, "\n" + example, in: URL(filePath: folder.path))
      #expect(!output.isEmpty || example.hasPrefix("VACUUM"), "\(example)")
    }
    #expect(try await JournalReader(folder.path + "/copy.journal").verify().problems == [])
  }

  @Test func `the README's digest is the code's, recomputed by Python`() async throws {
    let package = try #require(packageFolder())
    let folder = Folder()
    let log = try await plausible(folder)
    _ = try await log.append(AppendRequest([refused("ä")], key: "schlüssel", at: noon))
    guard let output = try? run("python3", "\(package)/Tests/Python/chain.py", folder.journal)
    else {
      // Without Python there is nothing to compare with.
      #expect(throws: CommandFailure.self) { try run("python3", "-c", "import sqlite3") }
      return
    }
    let head = try await log.currentHead()
    #expect(
      String(decoding: output, as: UTF8.self)
        == "\(head.position):\(hexadecimal(head.digest))\n")
  }

  /// Journals by the programs that wrote them, the oldest first:
  ///
  ///     format-0            the first of this format; it lacks the body of its one delivery
  ///     format-0-quiet      poll.completed of revision 2 leaves out what a poll usually has
  ///     format-0-held       delivery.held of revision 2 names the kind of what it waits for
  @Test(arguments: ["format-0", "format-0-quiet", "format-0-held"])
  func `a journal of an older program opens as it was written`(name: String) async throws {
    let package = try #require(packageFolder())
    let folder = Folder()
    try FileManager.default.copyItem(
      atPath: "\(package)/Tests/Fixtures/\(name).sqlite", toPath: folder.journal)
    let reader = try JournalReader(folder.journal, mode: .readOnly)
    let problems = try await reader.verify().problems
    #expect(problems.count == (name == "format-0" ? 1 : 0))
    #expect(problems.allSatisfy { $0.hasSuffix("are not kept") })
    let rows = try await reader.read { snapshot throws(JournalError) in
      try snapshot.events(after: 0, limit: 1_000)
    }
    let told = rows.map {
      "\($0.position) \($0.stream) \($0.version) \($0.type) \(hexadecimal($0.digest))\n"
    }
    #expect(told.joined() == (try text(of: "\(package)/Tests/Fixtures/\(name).txt")))
    for row in rows { _ = try row.event() }
    // Its tables are of an older revision: who may not write reads a copy.
    #expect(try await reader.rows(ReportQuery(.deliveries)).count == 7)
    // Who may opens it at once, and makes them anew before anything is appended.
    let log = try folder.open()
    let head = Int64(rows.count)
    let refusal = JournalError.rebuilding(path: folder.journal, reached: 0, head: head)
    await #expect(throws: refusal) {
      _ = try await log.append(AppendRequest([refused("a")], at: noon))
    }
    let older = try await JournalReader(folder.journal).read { snapshot throws(JournalError) in
      try snapshot.olderTables()
    }
    #expect(older == OlderTables(reached: head, rebuilt: 0, head: head))
    #expect(try await log.rebuildOlder())
    #expect(
      try await log.append(AppendRequest([refused("a")], at: noon)).first == Int64(rows.count + 1))
    try await log.catchUp()
    try await log.checkProjections()
    #expect(try await JournalReader(folder.journal).checkRebuild() == [])
  }

  /// `DAYBOOK_WRITE_FIXTURE=NAME` adds what this program writes to the fixtures.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["DAYBOOK_WRITE_FIXTURE"] != nil))
  func `a fixture is written`() async throws {
    let name = try #require(ProcessInfo.processInfo.environment["DAYBOOK_WRITE_FIXTURE"])
    let path = "\(try #require(packageFolder()))/Tests/Fixtures/\(name)"
    let folder = Folder()
    let log = try await plausible(folder)
    var quiet = QuietLog(log, instance: 8)
    try await quiet.write()
    try await log.catchUp()
    _ = try run("sqlite3", folder.journal, "VACUUM INTO '\(path).sqlite'")
    let rows = try await JournalReader(folder.journal).read { snapshot throws(JournalError) in
      try snapshot.events(after: 0, limit: 1_000)
    }
    let told = rows.map {
      "\($0.position) \($0.stream) \($0.version) \($0.type) \(hexadecimal($0.digest))\n"
    }
    try Data(told.joined().utf8).write(to: URL(filePath: "\(path).txt"))
  }
}
