// swift-tools-version: 6.2
import PackageDescription

/// Strict in every target: Swift 6 mode, warnings are errors, imports say what they expose.
let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")

let package = Package(
  name: "Daybook",
  platforms: [.macOS(.v15)],
  products: [],
  dependencies: [
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2")
  ],
  targets: [
    .systemLibrary(
      name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),

    // Vocabulary: what can happen. No imports.
    .target(name: "Events", path: "Journal/Events", swiftSettings: strict),
    // JSON by its bytes: exact slices, order kept, numbers never converted.
    .target(name: "RawJSON", swiftSettings: strict),
    .testTarget(name: "RawJSONTests", dependencies: ["RawJSON"], swiftSettings: strict),
    // Rules: pure functions of values.
    .target(name: "Domain", dependencies: ["Events"], swiftSettings: strict),
    // Storage: the only code that speaks SQLite.
    .target(
      name: "Journal", dependencies: ["Events", "CSQLite", crypto], path: "Journal",
      exclude: ["Events", "README.md", "CATALOGUE.md"], sources: ["Log"],
      resources: [
        .embedInCode("Schema"), .embedInCode("Statements"), .embedInCode("Projections"),
      ],
      swiftSettings: strict),

    .testTarget(name: "JournalTests", dependencies: ["Journal", "Events"], swiftSettings: strict),
    // Google Suite: builds requests, reads replies, performs nothing.
    .target(name: "Google", dependencies: ["Domain", "Events", "RawJSON"], swiftSettings: strict),
    .testTarget(
      name: "GoogleTests", dependencies: ["Domain", "Events", "Google", "RawJSON"],
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
