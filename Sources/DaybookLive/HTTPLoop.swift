import CCurl
import Domain

/// Runs the transfers; lives on its thread alone.
final class HTTPLoop {
  private let multi: UnsafeMutableRawPointer
  private let queue: HTTPQueue
  private let settings: HTTPSettings
  private var waiting: [HTTPJob] = []
  /// By the address of the easy handle, which is how libcurl names a transfer.
  private var running: [UnsafeMutableRawPointer: HTTPTransfer] = [:]
  /// Outcomes by who asked, until all that come together are handed out.
  private var ended: [ObjectIdentifier: (HTTPReceiver, [(place: Int, outcome: Outcome)])] = [:]
  /// Handles to use again: making one costs more than a request.
  private var idle: [UnsafeMutableRawPointer] = []

  /// Where callbacks lead, by their URLs: they come again and again.
  private var origins: [String: Origin] = [:]

  private static let originsMax = 256
  private static let idleMax = 64
  /// How long to sleep without a wake-up; any number would do.
  private static let sleepMilliseconds: Int32 = 60_000

  init(multi: UnsafeMutableRawPointer, queue: HTTPQueue, settings: HTTPSettings) {
    self.multi = multi
    self.queue = queue
    self.settings = settings
    ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, settings.connectionsMax)
    queue.setMulti(UInt(bitPattern: multi))
  }

  deinit {
    queue.setMulti(0)
    idle.forEach { curl_easy_cleanup($0) }
    curl_multi_cleanup(multi)
  }

  func run() {
    while true {
      let work = queue.takeWork()
      waiting += work.jobs
      if work.isClosed { break }
      if work.isCut { endAll() }
      admit()
      var count: Int32 = 0
      check(curl_multi_perform(multi, &count))
      collect()
      handOut()
      // What has just ended may have made room; then nobody would wake us.
      if waiting.isEmpty || running.count >= settings.connectionsMax {
        check(curl_multi_poll(multi, nil, 0, Self.sleepMilliseconds, nil))
      }
    }
    endAll()
  }

  private func endAll() {
    for transfer in running.values { end(transfer, transfer.stoppedOutcome()) }
    for job in waiting { finish(job, .failed(stopped())) }
    waiting = []
    handOut()
  }

  private func finish(_ job: HTTPJob, _ outcome: Outcome) {
    ended[ObjectIdentifier(job.receiver), default: (job.receiver, [])].1
      .append((job.place, outcome))
  }

  /// Tells whoever waits what came of their exchanges.
  private func handOut() {
    guard !ended.isEmpty else { return }
    for (receiver, outcomes) in ended.values { receiver.receive(outcomes) }
    ended.removeAll(keepingCapacity: true)
  }

  /// Starts what waits, as far as there is room.
  private func admit() {
    let jobs = waiting.prefix(settings.connectionsMax - running.count)
    waiting.removeFirst(jobs.count)
    for job in jobs { start(job) }
  }

  private func start(_ job: HTTPJob) {
    let origin: Origin
    let url = job.request.url
    let known = origins[url]
    switch admission(of: job.request, settings.rules, known: known) {
    case .success(let admitted): origin = admitted
    case .failure(let refusal): return finish(job, .failed(refusal.failure))
    }
    if known == nil, job.request.reach == .callback {
      if origins.count >= Self.originsMax { origins = [:] }
      origins[url] = origin
    }
    guard let easy = idle.popLast() ?? curl_easy_init() else {
      let failure = NetworkFailure(.other, "libcurl has no memory for another exchange")
      return finish(job, .failed(failure))
    }
    let transfer = HTTPTransfer(job, to: origin, on: easy, settings)
    let code = transfer.configure()
    guard code == CURLE_OK else {
      retire(easy)
      return finish(job, .failed(transfer.failure(code)))
    }
    check(curl_multi_add_handle(multi, easy))
    running[easy] = transfer
  }

  /// Takes what libcurl says is over.
  private func collect() {
    var left: Int32 = 0
    while let message = curl_multi_info_read(multi, &left) {
      guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle,
        let transfer = running[easy]
      else { continue }
      // The message is gone once the handle is removed.
      let code = message.pointee.data.result
      if transfer.wantsFreshConnection {
        check(curl_multi_remove_handle(multi, easy))
        transfer.useFreshConnection()
        check(curl_multi_add_handle(multi, easy))
      } else {
        end(transfer, transfer.outcome(code))
      }
    }
  }

  private func end(_ transfer: HTTPTransfer, _ outcome: Outcome) {
    check(curl_multi_remove_handle(multi, transfer.easy))
    running[transfer.easy] = nil
    retire(transfer.easy)
    finish(transfer.job, outcome)
  }

  private func retire(_ easy: UnsafeMutableRawPointer) {
    if idle.count < Self.idleMax {
      curl_easy_reset(easy)
      idle.append(easy)
    } else {
      curl_easy_cleanup(easy)
    }
  }

  /// These calls fail only where we hand libcurl something wrong, or memory is out.
  private func check(_ code: CURLMcode) {
    precondition(code == CURLM_OK, "libcurl’s multi handle failed with code \(code.rawValue)")
  }
}
