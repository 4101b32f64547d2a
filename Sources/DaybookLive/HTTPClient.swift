import CCurl
package import Domain

/// Performs exchanges by libcurl, on one thread of its own, over connections that are kept alive.
///
/// Follows no redirect; knows no proxy, cookie or password file; speaks HTTP/1.1 over TCP or TLS.
/// Every address is judged before the first packet, and again on the connection that is used, so
/// that neither a name nor a pooled connection can lead a callback to where it may not go.
///
/// Copies share the thread. It ends with `shutDown()`, or when the last copy is gone.
package struct HTTPClient: Sendable {
  private let lifeline: Lifeline

  /// Starts the thread.
  ///
  /// - Parameters:
  ///   - rules: Where callbacks may connect.
  ///   - files: Authorities to trust beside the system’s, and the certificate that is shown.
  ///   - connectionsMax: Exchanges under way at a time; more wait, and their time does not run.
  package init(rules: AddressRules, files: TLSFiles = TLSFiles(), connectionsMax: Int = 128) {
    precondition(connectionsMax > 0, "\(connectionsMax) connections can carry nothing")
    lifeline = Lifeline(
      HTTPSettings(rules: rules, files: files, connectionsMax: connectionsMax))
  }

  /// One exchange; whatever comes of it is a value.
  ///
  /// Cancelling the task does not end it: what was begun comes to its end within its bounds, so
  /// that nothing is sent whose outcome is lost. `cut()` ends it at once.
  package func perform(_ request: Request) async -> Outcome {
    await perform(request, names: [])
  }

  /// With names that resolve as given, `name:port:address,address`, in place of a look-up.
  func perform(_ request: Request, names: [String]) async -> Outcome {
    await withCheckedContinuation { continuation in
      let receiver = HTTPReceiver { outcomes in
        for (_, outcome) in outcomes { continuation.resume(returning: outcome) }
      }
      lifeline.queue.submit([HTTPJob(request: request, names: names, receiver: receiver)])
    }
  }

  /// Many exchanges, without waiting: `receive` is told of each once, by its place among them, from
  /// the client’s thread, which it must not hold up.
  package func perform(
    _ requests: [Request],
    _ receive: @escaping @Sendable ([(place: Int, outcome: Outcome)]) -> Void
  ) {
    let receiver = HTTPReceiver(receive)
    lifeline.queue.submit(
      requests.enumerated().map { HTTPJob(request: $1, place: $0, receiver: receiver) })
  }

  /// Ends every exchange under way with `.cancelled`, but for those whose status has come; what is
  /// asked for afterwards is carried out.
  package func cut() {
    lifeline.queue.cut()
  }

  /// The version of libcurl that runs, such as `7.88.1`.
  package static var libcurlVersion: String {
    guard let text = ccurl_version().pointee.version else { return "unknown" }
    return String(cString: text)
  }

  /// Ends every exchange with `.cancelled`, those to come as well, and the thread.
  package func shutDown() {
    lifeline.queue.close()
  }
}

/// Rules and bounds that hold for every exchange of a client.
struct HTTPSettings: Sendable {
  let rules: AddressRules
  let files: TLSFiles
  let connectionsMax: Int
}

/// Lives as long as any copy of the client; the thread holds only the queue.
private final class Lifeline: Sendable {
  let queue = HTTPQueue()

  init(_ settings: HTTPSettings) {
    startHTTPThread(queue, settings)
  }

  deinit {
    queue.close()
  }
}
