import Testing

/// Which target may import what; the arrows of the module map point only downward, and the doors
/// stand on the door: what serves people and networks has the library's own front alone.
@Suite struct ModuleMapTests {
  private struct Module {
    let name: String
    let folder: String
    /// Targets of this package.
    let own: Set<String>
    /// The toolchain's modules and those of other packages.
    let foreign: Set<String>

    init(_ name: String, in folder: String? = nil, own: Set<String>, foreign: Set<String> = []) {
      self.name = name
      self.folder = folder ?? "Sources/\(name)"
      self.own = own
      self.foreign = foreign
    }
  }

  private static let system: Set = ["Dispatch", "FoundationEssentials", "Glibc", "Synchronization"]

  /// From the bottom to the top: each imports only what stands above it in this list.
  private static let modules = [
    Module("CSQLite", own: []),
    Module("CZlib", own: []),
    Module("CCurl", own: []),
    Module("CEdit", own: []),
    Module("Events", in: "Journal/Events", own: []),
    Module("RawJSON", own: []),
    Module(
      "Domain", own: ["Events"],
      foreign: ["FoundationEssentials", "FoundationInternationalization"]),
    Module(
      "EventStore", in: "Journal/Store", own: ["CSQLite", "CZlib", "Events", "RawJSON"],
      foreign: ["Crypto", "Dispatch", "FoundationEssentials", "Glibc", "Synchronization"]),
    Module(
      "Google", own: ["Domain", "Events", "RawJSON"], foreign: ["Crypto", "FoundationEssentials"]),
    Module(
      "Webhook", own: ["Domain", "Events", "RawJSON"], foreign: ["Crypto", "FoundationEssentials"]),
    Module(
      "Engine", own: ["Domain", "Events", "EventStore", "RawJSON", "Webhook"],
      foreign: ["FoundationEssentials", "Synchronization"]),
    Module(
      "Daybook", own: ["Domain", "Engine", "Events", "Google", "EventStore", "RawJSON"],
      foreign: ["Crypto", "HTTPTypes", "Logging"]),
    Module(
      "DaybookLive", own: ["CCurl", "Daybook", "Domain", "Engine", "Events"],
      foreign: system.union(["Crypto"])),
    Module(
      "GoogleFake", own: ["Domain", "Events"], foreign: ["Crypto", "FoundationEssentials"]),
    Module(
      "Sandbox", own: ["Domain", "Events", "GoogleFake"],
      foreign: system.union(["NIOCore", "NIOHTTP1", "NIOPosix"])),
    Module(
      "REPL",
      own: ["CEdit", "Daybook", "DaybookLive", "Events", "RawJSON"],
      foreign: system.union(["ArgumentParser", "Logging"])),
    Module(
      "Server",
      own: ["Daybook", "DaybookLive", "Events", "RawJSON"],
      foreign: system.union([
        "AsyncAlgorithms", "HTTPTypes", "Hummingbird", "HummingbirdCore", "Logging", "NIOCore",
        "NIOHTTP1", "NIOHTTPTypes", "NIOHTTPTypesHTTP1", "ServiceLifecycle",
      ])),
    Module(
      "Command",
      own: [
        "CCurl", "Daybook", "DaybookLive", "Events", "GoogleFake", "RawJSON", "REPL", "Sandbox",
        "Server",
      ],
      foreign: system.union(["ArgumentParser", "Foundation"])),
  ]

  @Test func `no target imports another than the module map allows it`() {
    for module in Self.modules {
      for file in SourceTree.shipped where file.path.hasPrefix(module.folder + "/") {
        for (index, name) in Self.imports(of: file) {
          let isAllowed = module.own.contains(name) || module.foreign.contains(name)
          if !isAllowed { Issue.record("\(file.place(index)): \(module.name) imports \(name)") }
        }
      }
    }
  }

  @Test func `every arrow of the module map points downward`() {
    var below: Set<String> = []
    for module in Self.modules {
      #expect(module.own.isSubset(of: below), "\(module.name) reaches upward")
      below.insert(module.name)
    }
  }

  @Test func `every source file belongs to a target of the module map`() {
    for file in SourceTree.shipped {
      let isKnown = Self.modules.contains { file.path.hasPrefix($0.folder + "/") }
      if !isKnown { Issue.record("\(file.path): ModuleMapTests does not know its target") }
    }
  }

  private static func imports(of file: SourceFile) -> [(Int, String)] {
    file.code.enumerated().compactMap { index, line in
      let words = line.split { $0 == " " || $0 == "." }
      guard let place = words.firstIndex(of: "import"), place + 1 < words.count,
        words[..<place].allSatisfy({ $0.hasPrefix("@") || $0 == "package" || $0 == "public" })
      else { return nil }
      // `import struct Foundation.URL` names the kind first.
      let kinds = ["struct", "class", "enum", "protocol", "func", "let", "var", "typealias"]
      let isOfKind = kinds.contains(String(words[place + 1])) && place + 2 < words.count
      return (index, String(words[isOfKind ? place + 2 : place + 1]))
    }
  }
}
