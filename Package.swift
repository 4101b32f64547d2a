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
  dependencies: [
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
  ],
  targets: [
    // Vocabulary: what can happen. No imports.
    .target(name: "Events", path: "Journal/Events", swiftSettings: strict),
    // Rules: pure functions of values.
    .target(name: "Domain", dependencies: ["Events"], swiftSettings: strict),
    // Doors. The stand-in for Google and the receiver: pure models behind one small HTTP server.
    .target(
      name: "Sandbox",
      dependencies: [
        "Domain", "Events",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "SandboxTests",
      dependencies: [
        "Domain", "Events", "Sandbox",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ],
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
