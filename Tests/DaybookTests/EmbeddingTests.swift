import Daybook
import DaybookLive
import Events
import FoundationEssentials
import Sandbox
import Testing

/// The page for embedders, compiled and run: real clock, real sockets on loopback.
@Suite struct EmbeddingTests {
  @Test func `docs/embedding.md shows the example that is compiled here`() throws {
    let here = URL(filePath: #filePath).deletingLastPathComponent()
    let source = try String(
      contentsOf: here.appending(path: "EmbeddingExample.swift"), encoding: .utf8)
    let page = try String(
      contentsOf: here.appending(path: "../../docs/embedding.md"), encoding: .utf8)
    #expect(page.contains("```swift\n\(source)```\n"))
    #expect(source.split(separator: "\n", omittingEmptySubsequences: false).count <= 31)
  }

  @Test func `the example watches, delivers and replays over real sockets`() async throws {
    let server = SandboxServer(now: { noon })
    let base = "http://127.0.0.1:\(try await server.start())"
    let folder = try TestFolder()
    let code = server.withWorld { $0.code(at: noon) }
    let seen = try await watch(
      in: "\(folder.path)/daybook.journal", instance: instanceJSON(code: code, base: base),
      archive: "\(base)/receiver/archive", google: base
    ) {
      server.withWorld { world in
        for title in ["Planning", "Review"] { world.enter(title, at: noon) }
      }
    }
    #expect(seen.count == 2)
    #expect(seen.allSatisfy { $0.hasPrefix("CREATED ") })
    let counts = server.withWorld { $0.receiver.counts.mapValues(\.deliveries) }
    #expect(counts == ["/receiver/hook": 1, "/receiver/archive": 1])
    try await server.stop()
  }

  @Test func `a list of allowed callbacks that cannot be read is refused`() {
    #expect(throws: Refusal.self) { try CallbackRules(allowing: ["10.0.0.0/99"]) }
  }
}
