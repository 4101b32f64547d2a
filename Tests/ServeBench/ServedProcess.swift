import Foundation
import Glibc

/// A server in a process of its own, by the address that it prints.
final class ServedProcess {
  let port: Int
  private let process = Process()

  init(_ path: String, _ words: [String], environment: [String: String]) throws {
    guard FileManager.default.isExecutableFile(atPath: path) else {
      throw ServeBenchFailure("there is no \(path); `make build` makes it")
    }
    process.executableURL = URL(filePath: path)
    process.arguments = words
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let output = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    try process.run()
    var line = Data()
    while !line.contains(10) {
      let more = output.fileHandleForReading.availableData
      guard !more.isEmpty else { throw ServeBenchFailure("\(path) did not start") }
      line += more
    }
    let text = String(decoding: line.prefix { $0 != 10 }, as: UTF8.self)
    port = text.split(separator: ":").last.flatMap { Int($0) } ?? 0
  }

  /// A request of the owner’s, up to the end of its head.
  func request(_ method: String, _ path: String, more: String = "") -> [UInt8] {
    Array(
      ("\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n"
        + "Authorization: User user, Organization organization\r\n\(more)\r\n").utf8)
  }

  /// Its memory now, in KiB. Source: proc(5), /proc/pid/statm.
  var residentKiB: Int {
    let path = "/proc/\(process.processIdentifier)/statm"
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    return pages * sysconf(Int32(_SC_PAGESIZE)) / 1_024
  }

  func stop() { kill(process.processIdentifier, SIGTERM) }

  /// The processor time of all its threads so far, in seconds. Source: proc(5), /proc/pid/stat.
  var processorTime: Double {
    let path = "/proc/\(process.processIdentifier)/stat"
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    // The name may hold blanks, and ends with the last bracket.
    let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
    guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else {
      return 0
    }
    return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }
}

/// What a round came to.
struct Figures {
  let rate: Double
  let microseconds: Double
  /// The time within which 99 of 100 answers came, in milliseconds.
  let slowest: Double
}

/// Clients that each ask again as soon as they are answered, over connections that stay open.
struct Load {
  let options: ServeBenchOptions

  init(_ options: ServeBenchOptions) { self.options = options }

  func run(_ server: ServedProcess, _ path: String) throws -> Figures {
    let request = server.request("GET", path)
    var clients = try (0..<options.clients).map { _ in try Client(port: server.port) }
    defer { clients.forEach { close($0.descriptor) } }
    let processor = server.processorTime
    let begun = now()
    var times: [Double] = []
    for place in clients.indices { clients[place].ask(request) }
    var waiting = clients.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
    while now() - begun < options.seconds {
      guard Glibc.poll(&waiting, nfds_t(waiting.count), 5_000) > 0 else {
        throw ServeBenchFailure("\(path): no answer for five seconds")
      }
      for place in waiting.indices where waiting[place].revents != 0 {
        guard let time = try clients[place].answer(to: path) else { continue }
        times.append(time)
        clients[place].ask(request)
      }
    }
    let seconds = now() - begun
    let spent = server.processorTime - processor
    times.sort()
    guard !times.isEmpty else { throw ServeBenchFailure("\(path): no answer") }
    return Figures(
      rate: Double(times.count) / seconds,
      microseconds: spent / Double(times.count) * 1_000_000,
      slowest: times[times.count * 99 / 100] * 1_000)
  }
}

/// One connection, with the answer that it waits for.
struct Client {
  let descriptor: Int32
  private var begun = 0.0
  private var bytes: [UInt8] = []

  init(port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    let connected = withUnsafePointer(to: &address) { place in
      place.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else { throw ServeBenchFailure("nobody listens on port \(port)") }
  }

  mutating func ask(_ request: [UInt8]) {
    begun = now()
    bytes = []
    _ = send(descriptor, request, request.count, Int32(MSG_NOSIGNAL))
  }

  /// - Returns: How long it took; nil where more of it is to come.
  mutating func answer(to path: String) throws -> Double? {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    guard count > 0 else { throw ServeBenchFailure("\(path): the connection was closed") }
    bytes += buffer[..<count]
    guard isWhole else { return nil }
    guard bytes.starts(with: "HTTP/1.1 200".utf8) else {
      throw ServeBenchFailure("\(path): \(String(decoding: bytes, as: UTF8.self).prefix(200))")
    }
    return now() - begun
  }

  /// A field of the answer’s head; nil where it is not there.
  func field(_ name: String) -> String? {
    let end = Array("\r\n\r\n".utf8)
    let head = bytes.firstRange(of: end).map { bytes[..<$0.lowerBound] } ?? []
    return String(decoding: head, as: UTF8.self).split(separator: "\r\n")
      .map { $0.split(separator: ":", maxSplits: 1) }
      .first { $0.count == 2 && $0[0].lowercased() == name }
      .map { $0[1].trimmingCharacters(in: .whitespaces) }
  }

  /// By its length, or by the chunk that ends it.
  private var isWhole: Bool {
    let end = Array("\r\n\r\n".utf8)
    guard let place = bytes.firstRange(of: end)?.upperBound else { return false }
    let head = String(decoding: bytes[..<place], as: UTF8.self).lowercased()
    if head.contains("transfer-encoding: chunked") {
      return bytes.suffix(5).elementsEqual("0\r\n\r\n".utf8)
    }
    let length = head.firstRange(of: "content-length: ").map { head[$0.upperBound...] }
    return bytes.count - place >= length.flatMap { Int($0.prefix { $0.isNumber }) } ?? 0
  }
}

private let start = ContinuousClock.now

/// Seconds since the start.
private func now() -> Double {
  let (seconds, rest) = (ContinuousClock.now - start).components
  return Double(seconds) + Double(rest) / 1_000_000_000_000_000_000
}
