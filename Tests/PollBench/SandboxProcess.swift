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
    let world = Engine.World.live(rules: AddressRules())
    func text(_ key: String, _ path: String, _ body: String, _ type: String) async throws -> String
    {
      let request = Request(
        .post, url + path, headers: [Header("Content-Type", type)], body: Array(body.utf8),
        reach: .provider,
        bounds: ExchangeBounds(
          connect: .seconds(5), total: .seconds(10), keptBytesMax: 1 << 20,
          readBytesMax: 1 << 20, mayCut: false))
      guard case .reply(let reply) = await world.perform(request),
        let object = try? JSONSerialization.jsonObject(with: Data(reply.body)) as? [String: Any],
        let text = object[key] as? String
      else { throw PollBenchFailure(text: "the sandbox gave no \(key)") }
      return text
    }
    let code = try await text("code", "/sandbox/codes", "{}", "application/json")
    let encoded =
      code.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? code
    return try await text(
      "refresh_token", "/token",
      "grant_type=authorization_code&code=\(encoded)&client_id=sandbox-client"
        + "&client_secret=sandbox-secret&redirect_uri=http%3A%2F%2F127.0.0.1%2F",
      "application/x-www-form-urlencoded")
  }
}

/// What the command line asks for.
struct PollBenchOptions {
  var instances = 10_000
  var seconds = 120
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
      case "--daybook": daybook = value
      case "--dir": folder = value
      default: throw PollBenchFailure(text: "there is no \(flag)")
      }
    }
  }

  func desk(google: String) async throws -> OpenedJournal {
    let rules = AddressRules()
    return try OpenedJournal(
      folder + "/polls.journal",
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
