import Foundation

/// The project's own files, as these tests read them.
enum SourceTree {
  /// The folder of the package: this file is Tests/TidyTests/SourceTree.swift in it.
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Every file below the folders that hold the project's text, and the text files beside them.
  static let files: [SourceFile] = {
    let folders = ["Journal", "Sources", "Tests", "docs"].flatMap { list($0) }
    let top = [
      "Package.swift", "Makefile", "README.md", "CHANGELOG.md", ".ci/run", ".editorconfig",
      ".swift-format",
    ]
    return (folders + top).sorted().compactMap(SourceFile.init(path:))
  }()

  static let swift = files.filter { $0.path.hasSuffix(".swift") }

  /// What ships: everything in Swift but the tests and the manifest.
  static let shipped = swift.filter {
    $0.path.hasPrefix("Sources/") || $0.path.hasPrefix("Journal/")
  }

  /// The files below a folder, by their paths in the package.
  static func list(_ folder: String) -> [String] {
    let place = root.appending(path: folder)
    guard let walk = FileManager.default.enumerator(atPath: place.path) else { return [] }
    return walk.compactMap { $0 as? String }.map { "\(folder)/\($0)" }
      .filter { !$0.contains("/.") && !$0.contains("__pycache__") }
  }
}

/// One file and its lines.
struct SourceFile: Sendable {
  /// From the package's folder.
  let path: String
  let lines: [String]

  /// nil where there is no such file, or it is not text.
  init?(path: String) {
    guard
      let text = try? String(contentsOf: SourceTree.root.appending(path: path), encoding: .utf8)
    else { return nil }
    self.path = path
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  var name: String { path.split(separator: "/").last.map(String.init) ?? path }

  var text: String { lines.joined(separator: "\n") }

  /// `path:line`, the line counted from 1.
  func place(_ index: Int) -> String { "\(path):\(index + 1)" }

  /// The lines without what stands in comments, so that words may be explained there.
  var code: [String] {
    lines.map { line in
      line.firstRange(of: "//").map { String(line[..<$0.lowerBound]) } ?? line
    }
  }
}
