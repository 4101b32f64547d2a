import Foundation
import Glibc
import RawJSON
import TestSupport
import Testing

/// `serve` as a process: what it prints, what it leaves, how it ends.
@Suite(.serialized)
struct ServeTests {
  static let secrets = ["DAYBOOK_USER_SECRET": "user-secret", "DAYBOOK_ORGANIZATION_SECRET": "org"]
  static let owner = [("Authorization", "User user-secret, Organization org")]

  /// Serves while a test does its work.
  ///
  /// - Returns: How it ended, once it was asked to.
  @discardableResult
  static func serve(
    _ stage: Stage, _ words: [String] = [], environment: [String: String] = secrets,
    ending signal: Int32 = SIGTERM, _ work: (_ port: Int, Program) async throws -> Void
  ) async throws -> Finished {
    let program = try stage.start(
      ["serve", "--port", "0"] + words, environment: environment, seconds: 300)
    defer { program.signal(SIGKILL) }
    try await wait("the server's address") {
      program.printed.contains("http://") || !program.isRunning
    }
    let line = program.printed.split(separator: "\n").last { $0.hasPrefix("http://") }
    let port = line?.split(separator: ":").last.flatMap { Int($0) }
    try await work(try #require(port, "\(program.complained)"), program)
    program.signal(signal)
    return try await program.end()
  }

  @Test func `secrets are printed by the first one alone, and stand nowhere`() async throws {
    try await withStage { stage in
      var made: [String] = []
      let first = try await Self.serve(stage, environment: [:]) { port, program in
        let lines = program.printed.split(separator: "\n").map(String.init)
        made = lines.compactMap { line in
          line.contains("_SECRET=")
            ? line.split(separator: "=", maxSplits: 1).last.map(String.init) : nil
        }
        try #require(made.count == 2 && lines.count == 3, "\(lines)")
        let headers = [("Authorization", "User \(made[0]), Organization \(made[1])")]
        let reply = try await request(port, "GET", "/daybook/v1/events", headers: headers)
        #expect(reply.status == 200)
        let process = try String(
          contentsOfFile: "/proc/\(program.process)/cmdline", encoding: .utf8)
        #expect(!process.contains(made[0]))
      }
      #expect(first.status == 0)
      #expect(!first.errors.contains(made[0]))
      let second = try await Self.serve(stage, environment: [:]) { port, program in
        #expect(!program.printed.contains("SECRET"))
        let headers = [("Authorization", "User \(made[0]), Organization \(made[1])")]
        let reply = try await request(port, "GET", "/daybook/v1/events", headers: headers)
        #expect(reply.status == 200)
      }
      #expect(second.status == 0)
      for (name, bytes) in try stage.contents() {
        for secret in made { #expect(bytes.firstRange(of: Data(secret.utf8)) == nil, "\(name)") }
      }
      let rotated = try await stage.rows("secret", "rotate", "user")
      let fresh = try #require(rotated.first?["value"]?.text)
      try await Self.serve(stage, environment: [:]) { port, _ in
        for (user, status) in [(made[0], 401), (fresh, 200)] {
          let headers = [("Authorization", "User \(user), Organization \(made[1])")]
          let reply = try await request(port, "GET", "/daybook/v1/events", headers: headers)
          #expect(reply.status == status)
        }
      }
      try await stage.done("verify")
    }
  }

  @Test func `one process works, and the others ask it`() async throws {
    try await withStage { stage in
      try await stage.prepare()
      try await Self.serve(stage) { port, program in
        for words in [["serve", "--port", "0"], ["run"]] {
          let other = try await stage.start(words, environment: Self.secrets).end()
          #expect(other.status == 1)
          #expect(
            other.errors.contains("process \(program.process) is already running"),
            "\(other.errors)")
          #expect(other.text.isEmpty)
        }
        _ = try await stage.createEvent("Planning")
        let polled = try await stage.rows("poll", "run", "1", Stage.resource)
        #expect(polled.first?["changes"]?.integer == 1)
        try await wait("the notification") { try await stage.received().count == 1 }
        let path = "/daybook/v1/deliveries?status=succeeded"
        try await wait("the outcome") {
          let reply = try await request(port, "GET", path, headers: Self.owner)
          return try JSON.parse(reply.body).elements?.count == 1
        }
      }
    }
  }

  @Test func `a port that is taken, and one outside without secrets, are said`() async throws {
    try await withStage { stage in
      _ = try await Self.serve(stage) { port, _ in
        let journal = ["DAYBOOK_JOURNAL": stage.folder + "/other.journal"]
        let taken = try await stage.start(
          ["serve", "--port", "\(port)"], environment: Self.secrets.merging(journal) { $1 }
        ).end()
        #expect(taken.status == 1)
        #expect(taken.complaint?.contains("port \(port) on 127.0.0.1 cannot be had") == true)
        let open = try await stage.start(
          ["serve", "--host", "0.0.0.0", "--port", "0"], environment: journal
        ).end()
        #expect(open.status == 1)
        #expect(open.complaint?.contains("--host: 0.0.0.0 can be reached from outside") == true)
      }
    }
  }

  @Test func `lines of the log are JSON with the request's id, and without its query`() async throws
  {
    try await withStage { stage in
      let environment = Self.secrets.merging(["DAYBOOK_LOG": "info"]) { $1 }
      var id: String?
      let ended = try await Self.serve(
        stage, ["--log-format", "json"], environment: environment
      ) { port, _ in
        let path = "/daybook/v1/events?object=hidden-in-the-query"
        let reply = try await request(port, "GET", path, headers: Self.owner)
        id = reply.headers["elements-request-id"]
      }
      let lines = try ended.errors.split(separator: "\n").map { try JSON.parse(Array($0.utf8)) }
      let line = try #require(lines.first { $0["request"]?.text == id })
      #expect(line["path"]?.text == "/daybook/v1/events")
      #expect(line["status"]?.text == "200")
      #expect(line["level"]?.text == "info")
      #expect(!ended.errors.contains("hidden") && !ended.errors.contains("user-secret"))
    }
  }

  @Test(arguments: [(SIGTERM, 0), (SIGINT, 130)] as [(Int32, Int32)])
  func `stopping ends what is under way and nobody waits for who is silent`(
    signal: Int32, status: Int32
  ) async throws {
    try await withStage { stage in
      try await stage.prepare()
      _ = try await stage.createEvent("Planning")
      try await stage.tell(
        "POST", "/sandbox/receiver",
        #"{"path":"/receiver/hook","answers":[{"status":204,"delayMs":1500,"times":9}]}"#)
      var silent: [RawClient] = []
      let ended = try await Self.serve(stage, ending: signal) { port, _ in
        silent = try (0..<20).map { _ in try RawClient(port: port) }
        for (place, client) in silent.enumerated() where place % 2 == 0 {
          client.send("GET /daybook/v1/health HTTP/1.1\r\nHost: 127")
        }
        try await stage.done("poll", "run", "1", Stage.resource)
        try await wait("the post") { try await stage.received().count == 1 }
      }
      withExtendedLifetime(silent) {}
      #expect(ended.status == status, "\(ended.errors)")
      let types = try await stage.rows("events").compactMap { $0["type"]?.text }
      #expect(types.contains("delivery.succeeded"))
      #expect(!types.contains("delivery.unknown"))
      #expect(types.last == "run.stopped")
    }
  }
}

/// States that systemd is told of.
@Suite struct SystemdNoticeTests {
  @Test func `readiness, life and the end are told to who asks`() async throws {
    try await withStage { stage in
      let path = stage.folder + "/notify"
      let socket = try DatagramSocket(path: path)
      var environment = ServeTests.secrets
      environment["NOTIFY_SOCKET"] = path
      environment["WATCHDOG_USEC"] = "200000"
      try await ServeTests.serve(stage, environment: environment) { _, _ in
        var heard: Set<String> = []
        try await wait("readiness and life") {
          if let message = socket.next() { heard.insert(message) }
          return heard == ["READY=1", "WATCHDOG=1"]
        }
      }
    }
  }

  @Test func `the end is told to who reads late, and who never reads holds nothing up`()
    async throws
  {
    try await withStage { stage in
      for reads in [true, false] {
        let path = stage.folder + "/notify-\(reads)"
        let socket = try DatagramSocket(path: path)
        var environment = ServeTests.secrets
        environment["NOTIFY_SOCKET"] = path
        // Life is told so often that a few moments fill what the system keeps.
        environment["WATCHDOG_USEC"] = "20000"
        let (heard, noted) = AsyncStream<String>.makeStream()
        let listening = Task {
          try await wait("the end") {
            while reads, let message = socket.next() { noted.yield(message) }
            return Task.isCancelled
          }
        }
        let ended = try await ServeTests.serve(stage, environment: environment) { _, _ in
          try await wait("as much as the system keeps") { reads || socket.isFull(path) }
        }
        listening.cancel()
        _ = await listening.result
        if reads { while let message = socket.next() { noted.yield(message) } }
        noted.finish()
        var last: String?
        for await message in heard where message != "WATCHDOG=1" { last = message }
        #expect(last == (reads ? "STOPPING=1" : nil))
        #expect(ended.status == 0)
      }
    }
  }
}

/// A socket that messages are sent to by its path.
private final class DatagramSocket: Sendable {
  private let descriptor: Int32

  init(path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let bound = withUnsafePointer(to: &address) { place in
      place.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(bound == 0, "\(path) cannot be bound")
  }

  deinit { close(descriptor) }

  /// True where it takes no more messages until some are read.
  func isFull(_ path: String) -> Bool {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let sender = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    defer { close(sender) }
    let sent = withUnsafePointer(to: &address) { place in
      place.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        sendto(
          sender, "?", 1, Int32(MSG_DONTWAIT), $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    return sent < 0 && errno == EAGAIN
  }

  /// The message that has come next; nil where none has.
  func next() -> String? {
    var buffer = [UInt8](repeating: 0, count: 256)
    let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
    return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
  }
}
