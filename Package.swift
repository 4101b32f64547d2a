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
    // The live world: clock, chance, HTTP by libcurl on a thread of its own.
    .systemLibrary(
      name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .target(
      name: "DaybookLive", dependencies: ["CCurl", "Domain", "Events"], swiftSettings: strict),
    // Tests.
    .target(name: "TestSupport", path: "Tests/Support", swiftSettings: strict),
    .testTarget(name: "DomainTests", dependencies: ["Domain"], swiftSettings: strict),
    .testTarget(
      name: "DaybookLiveTests",
      dependencies: ["CCurl", "DaybookLive", "Domain", "Events", "TestSupport"],
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
