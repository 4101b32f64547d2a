import Foundation
import Testing

/// Holds the dashboard and the alerts to the figures that the server has.
@Suite struct FiguresTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  /// The names of figures in a text; the buckets of a histogram bear its name.
  private static func figures(_ text: String) -> Set<String> {
    Set(text.matches(of: /daybook_[a-z_]+/).map { String($0.0).replacing("_bucket", with: "") })
  }

  @Test(arguments: ["docs/deploy/grafana.json", "docs/deploy.md"])
  func `every figure that is asked for is one that the server has`(_ path: String) throws {
    let served = Self.figures(try Self.text("Sources/Server/Metrics/MetricsRoutes.swift"))
    let asked = Self.figures(try Self.text(path))
    #expect(asked.count > 5)
    #expect(asked.subtracting(served).sorted() == [])
  }

  @Test func `the dashboard is JSON with panels`() throws {
    let bytes = Data(try Self.text("docs/deploy/grafana.json").utf8)
    let dashboard = try JSONSerialization.jsonObject(with: bytes) as? [String: Any]
    #expect((dashboard?["panels"] as? [Any])?.isEmpty == false)
  }
}
