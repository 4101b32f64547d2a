import Foundation
import Journal
import Testing

@Test func `make the fixture`() async throws {
  let folder = Folder()
  let log = try await plausible(folder)
  try await log.checkpoint()
  let rows = try await LogReader(folder.journal).read { reading throws(LogError) in
    try reading.events(after: 0, limit: 1_000)
  }
  let told = rows.map {
    "\($0.position) \($0.stream) \($0.version) \($0.type) \(hexadecimal($0.digest))\n"
  }
  let to = try #require(packageFolder()) + "/Tests/Fixtures/format-0"
  try told.joined().write(toFile: to + ".txt", atomically: true, encoding: .utf8)
  try? FileManager.default.removeItem(atPath: to + ".sqlite")
  try FileManager.default.copyItem(atPath: folder.journal, toPath: to + ".sqlite")
}
