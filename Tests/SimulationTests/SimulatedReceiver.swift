import Domain
import Events

/// The made-up receiver of all callbacks: keeps what came, and answers as chance has it.
struct SimulatedReceiver {
  /// One notification as it arrived.
  struct Arrival {
    let notification: NotificationID
    let attempt: Int
    let sequence: Int64
    let replay: ReplayID?
    let url: String
    let body: [UInt8]
    /// The sender was told that it was taken.
    let isAnswered: Bool
  }

  static let signatureKey = "signature-key-61b0c3"
  static let username = "hook-user-8812"
  static let password = "hook-password-7Qz"

  private(set) var arrivals: [Arrival] = []
  /// How many of a thousand answers go wrong.
  var faultPermille = 0
  private var random: SeededRandom

  init(random: SeededRandom) { self.random = random }

  mutating func answer(_ request: Request) -> Outcome {
    guard random.happens(permille: faultPermille) else {
      take(request, isAnswered: true)
      return .reply(Reply(status: random.happens(permille: 500) ? 204 : 200))
    }
    switch random.number(0...9) {
    case 0: return .reply(Reply(status: 500, body: Array("no".utf8)))
    case 1:
      let wait = Header("Retry-After", String(random.number(1...600)))
      return .reply(Reply(status: 503, headers: [wait]))
    case 2: return .reply(Reply(status: 410))
    case 3: return .reply(Reply(status: 404))
    case 4: return .failed(NetworkFailure(.reset, "reset before it was read"))
    case 5, 6:
      take(request)
      return .failed(NetworkFailure(.reset, "reset after it was read"))
    case 7:
      take(request)
      return .reply(Reply(status: 500))
    case 8: return .failed(NetworkFailure(.refused, "nobody listens"))
    default:
      // The network doubles it.
      take(request, isAnswered: true)
      take(request, isAnswered: true)
      return .reply(Reply(status: 200))
    }
  }

  private mutating func take(_ request: Request, isAnswered: Bool = false) {
    func header(_ name: String) -> String { request.headers.first { $0.name == name }?.value ?? "" }
    arrivals.append(
      Arrival(
        notification: NotificationID(stored: header("webhook-id")),
        attempt: Int(header("Daybook-Attempt")) ?? 0,
        sequence: Int64(header("Daybook-Sequence")) ?? 0,
        replay: Int64(header("Daybook-Replay")).map { ReplayID($0) },
        url: request.url, body: request.body, isAnswered: isAnswered))
  }
}
