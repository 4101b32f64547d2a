import Daybook
import DaybookLive
import Domain
import Engine
import Foundation
import Glibc

/// Why the measurement cannot be made.
struct PollBenchFailure: Error, CustomStringConvertible {
  let text: String

  var description: String { text }
}

/// The sandbox as users start it.
final class SandboxProcess {
  let url: String
  private let process: Process
  private let world = Engine.World.live(rules: AddressRules())

  init(_ daybook: String) throws {
    guard FileManager.default.isExecutableFile(atPath: daybook) else {
      throw PollBenchFailure(text: "there is no \(daybook); `make build` makes it")
    }
    process = Process()
    process.executableURL = URL(filePath: daybook)
    process.arguments = ["sandbox", "--port", "0"]
    let output = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    try process.run()
    var line = Data()
    while !line.contains(10) {
      let more = output.fileHandleForReading.availableData
      guard !more.isEmpty else { throw PollBenchFailure(text: "the sandbox did not start") }
      line += more
    }
    url = String(decoding: line.prefix { $0 != 10 }, as: UTF8.self)
  }

  func stop() {
    kill(process.processIdentifier, SIGTERM)
  }

  /// A refresh token that all instances share; each of them gets an access token of its own.
  func refreshToken() async throws -> String {
    let code = try await text("code", "/sandbox/codes", "{}", "application/json")
    let encoded =
      code.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? code
    return try await text(
      "refresh_token", "/token",
      "grant_type=authorization_code&code=\(encoded)&client_id=sandbox-client"
        + "&client_secret=sandbox-secret&redirect_uri=http%3A%2F%2F127.0.0.1%2F",
      "application/x-www-form-urlencoded")
  }

  /// Puts so many new events into the calendar that all feeds watch.
  func makeEvents(_ count: Int) async throws {
    _ = try await post(
      "/sandbox/calendars/primary/generate", #"{"count": \#(count), "title": "Meeting"}"#,
      "application/json")
  }

  private func text(
    _ key: String, _ path: String, _ body: String, _ type: String
  ) async throws -> String {
    guard let text = try await post(path, body, type)[key] as? String else {
      throw PollBenchFailure(text: "the sandbox gave no \(key)")
    }
    return text
  }

  private func post(_ path: String, _ body: String, _ type: String) async throws -> [String: Any] {
    let request = Request(
      .post, url + path, headers: [Header("Content-Type", type)], body: Array(body.utf8),
      reach: .provider,
      bounds: ExchangeBounds(
        connect: .seconds(5), total: .seconds(10), keptBytesMax: 1 << 20,
        readBytesMax: 1 << 20, mayCut: false))
    guard case .reply(let reply) = await world.perform(request), reply.status == 200,
      let object = try? JSONSerialization.jsonObject(with: Data(reply.body)) as? [String: Any]
    else { throw PollBenchFailure(text: "the sandbox refused \(path)") }
    return object
  }
}

/// What the command line asks for.
struct PollBenchOptions {
  var instances = 10_000
  var seconds = 120
  /// How many polls that find nothing are measured one after the other.
  var pollsMax = 50_000
  var only: [String] = []
  var daybook = ".build/release/daybook"
  var folder = ".build/bench/polls"

  init(_ arguments: some Sequence<String>) throws {
    var words = Array(arguments).makeIterator()
    while let flag = words.next() {
      guard let value = words.next() else {
        throw PollBenchFailure(text: "\(flag) wants a value")
      }
      switch flag {
      case "--instances": instances = max(1, Int(value) ?? instances)
      case "--seconds": seconds = max(1, Int(value) ?? seconds)
      case "--polls": pollsMax = max(1, Int(value) ?? pollsMax)
      case "--only": only.append(value)
      case "--daybook": daybook = value
      case "--dir": folder = value
      default: throw PollBenchFailure(text: "there is no \(flag)")
      }
    }
  }

  func includes(_ name: String) -> Bool { only.isEmpty || only.contains(name) }

  func desk(google: String, name: String) async throws -> OpenedJournal {
    let rules = AddressRules()
    return try OpenedJournal(
      folder + "/\(name).journal",
      OpenedJournal.Options(
        googleURL: google,
        engine: EngineSettings(rules: rules, version: "bench", process: Int64(getpid()))),
      world: .live(rules: rules))
  }
}

/// Bytes of a journal and its write-ahead log.
func size(of path: String) -> Int {
  [path, path + "-wal"].reduce(0) { sum, path in
    sum + ((try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0)
  }
}

/// Seconds of this process, all threads, in user and system mode.
func cpu() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Resident memory of this process, KiB.
func memory() -> Int {
  let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
  let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
  return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
}
