import Glibc
import RawJSON
import Synchronization
import TestSupport

/// A receiver of callbacks with the faults that a connection can have, drawn from a seed.
///
/// Counts every request that came whole. Of what it answers with 2xx, and of some of what it read
/// and never answered, it says that it was told; the rest it has forgotten.
final class FaultyReceiver: Sendable {
  /// What one attempt looks like from here.
  struct Post: Hashable {
    var path: String
    var id: String
    var attempt: Int
  }

  /// A request with what becomes of it.
  struct Arrival {
    var post: Post
    var told: JSON
    var manner: Manner
  }

  private let server: ScriptedServer
  private let ledger: Ledger

  /// - Parameter witness: Told of each request that came whole, in the order in which they came.
  init(seed: UInt64, witness: (@Sendable (Arrival) -> Void)? = nil) throws {
    let ledger = Ledger(seed: seed, witness: witness)
    self.ledger = ledger
    server = try ScriptedServer(connectionsMax: 1_000_000, keepsRequests: false) { request in
      ledger.answer(request)
    }
  }

  func url(_ path: String) -> String { server.url(path) }

  /// Whether anything goes wrong; else everything is taken.
  func setFaulty(_ isFaulty: Bool) { ledger.state.withLock { $0.isFaulty = isFaulty } }

  /// True while somebody is connected.
  var isBusy: Bool { server.openCount > 0 }

  /// How often each attempt came.
  var posts: [Post: Int] { ledger.state.withLock { $0.posts } }

  /// The kinds of fault that have struck.
  var struck: Set<FaultyReceiver.Manner> { ledger.state.withLock { $0.struck } }

  /// What was told since it was asked last, oldest first, as the sandbox's receiver lists it.
  func takeTold() -> [JSON] {
    ledger.state.withLock { state in
      defer { state.told = [] }
      return state.told
    }
  }
}

extension FaultyReceiver {
  /// What becomes of a request that was read.
  enum Manner: CaseIterable {
    case fine, body, slow, drip, closesAfter, closesUnread, stalledSuccess, cutSuccess,
      garbledSuccess, swallowed, reset, halfHead, silent, gone, goneStalled, tooMany,
      tooManyStalled, broken, unavailableStalled, moved, garbage

    /// Whether the one who sent can know that it arrived.
    var isSuccess: Bool {
      switch self {
      case .fine, .body, .slow, .drip, .closesAfter, .closesUnread, .stalledSuccess, .cutSuccess,
        .garbledSuccess:
        true
      default: false
      }
    }

    /// Whether it may have been taken although no answer came.
    var isUnanswered: Bool { [.swallowed, .reset, .halfHead, .silent].contains(self) }

    var steps: [ScriptedServer.Step] {
      let fine = "HTTP/1.1 204 No Content\r\n\r\n"
      switch self {
      case .fine, .slow: return [.send(fine)]
      case .body: return [.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")]
      case .drip: return [.drip("HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nok")]
      case .closesAfter: return [.send(fine), .close]
      case .closesUnread: return [.send(fine), .closeUnread]
      case .stalledSuccess: return [.send("HTTP/1.1 200 OK\r\n\r\nab"), .silence]
      case .cutSuccess: return [.send("HTTP/1.0 200 OK\r\nContent-Length: 9\r\n\r\nab"), .reset]
      case .garbledSuccess:
        return [.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), .close]
      case .swallowed: return [.close]
      case .reset: return [.reset]
      case .halfHead: return [.send("HTTP/1.1 20"), .close]
      case .silent: return [.silence]
      case .gone: return [.send("HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n")]
      case .goneStalled: return [.send("HTTP/1.1 410 Gone\r\n\r\nno"), .silence]
      case .tooMany:
        return [.send("HTTP/1.1 429 Slow\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n")]
      case .tooManyStalled:
        return [
          .send("HTTP/1.1 429 Slow\r\nRetry-After: 1\r\nContent-Length: 9\r\n\r\n"), .silence,
        ]
      case .broken: return [.send("HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno")]
      case .unavailableStalled: return [.send("HTTP/1.1 503 No\r\n\r\n"), .silence]
      case .moved:
        return [
          .send("HTTP/1.1 302 Moved\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n")
        ]
      case .garbage: return [.sendBytes([0, 0xFF, 0x16, 3, 1, 10, 13, 10]), .close]
      }
    }
  }
}

/// What the connections’ threads write.
private final class Ledger: Sendable {
  struct State {
    var chance: SeededChance
    var isFaulty = true
    var posts: [FaultyReceiver.Post: Int] = [:]
    var struck: Set<FaultyReceiver.Manner> = []
    var told: [JSON] = []

    mutating func manner() -> FaultyReceiver.Manner {
      guard isFaulty, chance.happens(permille: 500) else { return .fine }
      let manner = chance.pick(FaultyReceiver.Manner.allCases) ?? .fine
      // Each holds everything up until a person helps.
      let isGone = manner == .gone || manner == .goneStalled
      return isGone && chance.happens(permille: 800) ? .fine : manner
    }
  }

  let state: Mutex<State>
  private let witness: (@Sendable (FaultyReceiver.Arrival) -> Void)?

  init(seed: UInt64, witness: (@Sendable (FaultyReceiver.Arrival) -> Void)?) {
    self.witness = witness
    state = Mutex(State(chance: SeededChance(seed: seed)))
  }

  func answer(_ request: ScriptedServer.Received) -> [ScriptedServer.Step] {
    let parts = request.text.split(separator: "\r\n\r\n", maxSplits: 1)
    let lines = parts.first?.split(separator: "\r\n") ?? []
    let path = lines.first?.split(separator: " ").dropFirst().first.map(String.init) ?? ""
    let headers: [JSON] = lines.dropFirst().compactMap { line in
      guard let colon = line.firstIndex(of: ":") else { return nil }
      let value = line[line.index(after: colon)...].drop { $0 == " " }
      return .array([.string(String(line[..<colon])), .string(String(value))])
    }
    let told: JSON = [
      "headers": .array(headers), "body": .string(parts.count == 2 ? String(parts[1]) : ""),
    ]
    let post = FaultyReceiver.Post(
      path: path, id: webhookID(told) ?? "",
      attempt: Int(header("daybook-attempt", of: told) ?? "") ?? 0)
    let manner = state.withLock { state in
      let manner = state.manner()
      state.posts[post, default: 0] += 1
      state.struck.insert(manner)
      let isTaken = manner.isUnanswered && state.chance.happens(permille: 500)
      if let witness {
        witness(FaultyReceiver.Arrival(post: post, told: told, manner: manner))
      } else if manner.isSuccess || isTaken, path == "/hook" {
        state.told.append(told)
      }
      return manner
    }
    if manner == .slow { usleep(300_000) }
    return manner.steps
  }
}
