// swift-tools-version: 6.2
import PackageDescription

/// Strict in every target: Swift 6 mode, warnings are errors, imports say what they expose.
let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
  name: "Daybook",
  platforms: [.macOS(.v15)],
  products: [],
  dependencies: [],
  targets: [
    // Vocabulary: what can happen. No imports.
    .target(name: "Events", path: "Journal/Events", swiftSettings: strict),
    // Rules: pure functions of values.
    .target(name: "Domain", dependencies: ["Events"], swiftSettings: strict),
    // The terminal: line editor, words, rendering.
    .systemLibrary(name: "CEdit", pkgConfig: "libedit", providers: [.apt(["libedit-dev"])]),
    .target(name: "REPL", dependencies: ["Events", "CEdit"], swiftSettings: strict),
    .testTarget(name: "REPLTests", dependencies: ["REPL", "Events"], swiftSettings: strict),
    .executableTarget(
      name: "LineEditorProbe", dependencies: ["REPL"], path: "Tests/LineEditorProbe",
      swiftSettings: strict),
    .testTarget(
      name: "TerminalTests", dependencies: ["LineEditorProbe", "REPL"], swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
