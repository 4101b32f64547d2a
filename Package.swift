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
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")

/// The library: rules, storage, protocols, the engine. Needs SQLite and zlib alone.
let core: [Target] = [
  .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
  .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

  // Vocabulary: what can happen. No imports.
  .target(name: "Events", path: "Journal/Events", swiftSettings: strict),
  // JSON by its bytes: exact slices, order kept, numbers as they stand. No imports.
  .target(name: "RawJSON", swiftSettings: strict),
  // Rules: pure functions of values.
  .target(name: "Domain", dependencies: ["Events"], swiftSettings: strict),
  // Storage: the only code that speaks SQLite.
  .target(
    name: "EventStore", dependencies: ["CSQLite", "CZlib", "Events", "RawJSON", crypto],
    path: "Journal",
    exclude: ["Events", "README.md", "CATALOGUE.md"], sources: ["Store"],
    resources: [
      .embedInCode("Schema"), .embedInCode("Projections"), .embedInCode("Queries"),
    ],
    swiftSettings: strict),
  // Google Suite: builds requests, reads replies, performs nothing.
  .target(
    name: "Google", dependencies: ["Domain", "Events", "RawJSON", crypto], swiftSettings: strict),
  // One notification: body, headers, signatures.
  .target(
    name: "Webhook", dependencies: ["Domain", "Events", "RawJSON", crypto],
    swiftSettings: strict),
  // Steps, tasks and reactions in a world that comes in as a value.
  .target(
    name: "Engine", dependencies: ["Domain", "Events", "EventStore", "RawJSON", "Webhook"],
    swiftSettings: strict),
  // The library's door: open, create, step, run, query, replay.
  .target(
    name: "Daybook",
    dependencies: [
      "Domain", "Engine", "Events", "Google", "EventStore", "RawJSON", httpTypes, logging,
    ],
    swiftSettings: strict),
]

/// What speaks to the outside: network, terminal.
let doors: [Target] = [
  .systemLibrary(
    name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
  // The live world: clock, chance, HTTP by libcurl on a thread of its own.
  .target(
    name: "DaybookLive", dependencies: ["CCurl", "Daybook", "Domain", "Engine", "Events", crypto],
    swiftSettings: strict),
]

/// The HTTP API: a door beside the terminal, and the only place that names the server library.
let server: [Target] = [
  .target(
    name: "Server",
    dependencies: [
      "Daybook", "DaybookLive", "Events", "RawJSON", httpTypes, logging,
      .product(name: "AsyncAlgorithms", package: "swift-async-algorithms"),
      .product(name: "Hummingbird", package: "hummingbird"),
      .product(name: "HummingbirdCore", package: "hummingbird"),
      .product(name: "NIOCore", package: "swift-nio"),
      .product(name: "NIOHTTP1", package: "swift-nio"),
      .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
      .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
      .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
    ],
    swiftSettings: strict)
]

/// The terminal: grammar, rendering, line editor; and the executable.
let terminal: [Target] = [
  .systemLibrary(name: "CEdit", pkgConfig: "libedit", providers: [.apt(["libedit-dev"])]),
  .target(
    name: "REPL",
    dependencies: [
      "CEdit", "Daybook", "DaybookLive", "Events", "RawJSON", logging,
      .product(name: "ArgumentParser", package: "swift-argument-parser"),
    ],
    swiftSettings: strict),
  .executableTarget(
    name: "Command",
    dependencies: [
      "Daybook", "DaybookLive", "Events", "GoogleFake", "RawJSON", "REPL", "Sandbox", "Server",
      .product(name: "ArgumentParser", package: "swift-argument-parser"),
    ],
    swiftSettings: strict),
]

let sandbox: [Target] = [
  // GoogleFake over real HTTP on loopback, its control, and a receiver of callbacks.
  .target(
    name: "Sandbox",
    dependencies: [
      "Domain", "Events", "GoogleFake", .product(name: "NIOCore", package: "swift-nio"),
      .product(name: "NIOPosix", package: "swift-nio"),
      .product(name: "NIOHTTP1", package: "swift-nio"),
    ],
    swiftSettings: strict)
]

/// What tests and measures the library; needs no more than it does.
let coreTests: [Target] = [
  // The stand-in for Google as a value: a request and a moment in, an answer out.
  .target(
    name: "GoogleFake", dependencies: ["Domain", "Events", crypto], swiftSettings: strict),
  .testTarget(
    name: "GoogleFakeTests", dependencies: ["Domain", "Events", "GoogleFake", "TestSupport"],
    swiftSettings: strict),
  .target(
    name: "TestSupport", dependencies: ["Events"], path: "Tests/Support", swiftSettings: strict),
  .testTarget(name: "RawJSONTests", dependencies: ["RawJSON"], swiftSettings: strict),
  .testTarget(
    name: "DomainTests", dependencies: ["Domain", "Events", "TestSupport"], swiftSettings: strict),
  .testTarget(
    name: "EventStoreTests", dependencies: ["CSQLite", "Events", "EventStore", "TestSupport"],
    swiftSettings: strict),
  .testTarget(
    name: "GoogleTests", dependencies: ["Domain", "Events", "Google", "RawJSON"],
    swiftSettings: strict),
  .testTarget(
    name: "WebhookTests", dependencies: ["Domain", "Events", "RawJSON", "Webhook"],
    swiftSettings: strict),
  .testTarget(
    name: "EngineTests",
    dependencies: [
      "Domain", "Engine", "Events", "Google", "EventStore", "RawJSON", "TestSupport",
    ], swiftSettings: strict),
  // The whole in a made-up world, drawn from a seed.
  .testTarget(
    name: "SimulationTests",
    dependencies: [
      "CSQLite", "Domain", "Engine", "Events", "Google", "GoogleFake", "EventStore", "RawJSON",
    ],
    swiftSettings: strict),
  // Reads the sources: what the compiler does not refuse, this does.
  .testTarget(name: "TidyTests", swiftSettings: strict),
  // A process that is started to be measured, for the targets of `make bench`.
  .target(name: "BenchSupport", path: "Tests/BenchSupport", swiftSettings: strict),
  // Measures the log beside plain C: `make bench`.
  .executableTarget(
    name: "Bench", dependencies: ["BenchSupport", "Events", "EventStore"], path: "Tests/Bench",
    swiftSettings: strict),
]

let tests: [Target] = [
  // Measures whether many instances keep their schedule: `make bench`.
  .executableTarget(
    name: "PollBench",
    dependencies: [
      "BenchSupport", "Daybook", "DaybookLive", "Domain", "Engine", "Events", "EventStore",
    ],
    path: "Tests/PollBench", swiftSettings: strict),
  // Measures what an attempt costs, whatever waits: `make bench`.
  .executableTarget(
    name: "DeliverBench",
    dependencies: [
      "BenchSupport", "Daybook", "DaybookLive", "Domain", "Engine", "Events", "EventStore",
    ],
    path: "Tests/DeliverBench", swiftSettings: strict),
  // Measures what an answer costs, beside the server library alone: `make bench`.
  .executableTarget(
    name: "ServeBench",
    dependencies: [httpTypes, .product(name: "Hummingbird", package: "hummingbird")],
    path: "Tests/ServeBench", swiftSettings: strict),
  .testTarget(
    name: "SandboxTests",
    dependencies: [
      "Domain", "Events", "GoogleFake", "Sandbox", "TestSupport",
      .product(name: "NIOCore", package: "swift-nio"),
      .product(name: "NIOPosix", package: "swift-nio"),
    ], swiftSettings: strict),
  // Routes over real sockets on loopback.
  .testTarget(
    name: "ServerTests",
    dependencies: [
      "Daybook", "DaybookLive", "Domain", "Engine", "Events", "EventStore", "GoogleFake", "RawJSON",
      "Sandbox", "Server", "TestSupport", httpTypes, logging,
    ],
    swiftSettings: strict),
  // Spawns the executable: build it first, which `swift test` does.
  .testTarget(
    name: "CommandTests", dependencies: ["CSQLite", "RawJSON", "TestSupport"],
    exclude: ["killswitch.c", "powercut.c", "watch.c"], swiftSettings: strict),
  .testTarget(
    name: "REPLTests",
    dependencies: [
      "Daybook", "Events", "RawJSON", "REPL",
      .product(name: "ArgumentParser", package: "swift-argument-parser"),
    ], swiftSettings: strict),
  .testTarget(
    name: "DaybookTests",
    dependencies: [
      "Daybook", "DaybookLive", "Domain", "Engine", "Events", "EventStore", "GoogleFake", "RawJSON",
      "Sandbox", "TestSupport", httpTypes, logging,
    ],
    swiftSettings: strict),
  // Holds the pages of docs/ to the program, and runs the transcript in them.
  .testTarget(
    name: "DocsTests",
    dependencies: [
      "REPL", "Server", .product(name: "ArgumentParser", package: "swift-argument-parser"),
    ],
    swiftSettings: strict),
  .executableTarget(
    name: "LineEditorProbe", dependencies: ["REPL"], path: "Tests/LineEditorProbe",
    swiftSettings: strict),
  .testTarget(
    name: "TerminalTests", dependencies: ["LineEditorProbe", "REPL", "TestSupport"],
    swiftSettings: strict),
  .testTarget(
    name: "DaybookLiveTests",
    dependencies: ["CCurl", "DaybookLive", "Domain", "Events", "TestSupport"],
    swiftSettings: strict),
]

/// `DAYBOOK_CORE=1` leaves the library and its tests: SQLite and zlib are all that they need.
let isCoreAlone = Context.environment["DAYBOOK_CORE"] == "1"

let doorProducts: [Product] = [
  .library(name: "DaybookLive", targets: ["DaybookLive"]),
  .executable(name: "daybook", targets: ["Command"]),
]

let doorPackages: [Package.Dependency] = [
  .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
  .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
  // Without its readers of configuration and the whole of Foundation, which nothing here needs.
  .package(
    url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
  .package(url: "https://github.com/apple/swift-async-algorithms", from: "1.1.4"),
  .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
  .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
]

let corePackages: [Package.Dependency] = [
  .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
  .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
  .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
]

let package = Package(
  name: "Daybook",
  platforms: [.macOS(.v15)],
  products: [.library(name: "Daybook", targets: ["Daybook", "Events"])]
    + (isCoreAlone ? [] : doorProducts),
  dependencies: corePackages + (isCoreAlone ? [] : doorPackages),
  targets: core + coreTests + (isCoreAlone ? [] : doors + sandbox + server + terminal + tests),
  swiftLanguageModes: [.v6]
)
