import CCurl
import Glibc

/// Starts the thread that owns libcurl; it ends once the queue is closed.
func startHTTPThread(_ queue: HTTPQueue, _ settings: HTTPSettings) {
  let start = Unmanaged.passRetained(ThreadStart(queue: queue, settings: settings))
  var thread = pthread_t()
  let status = pthread_create(&thread, nil, runHTTPThread, start.toOpaque())
  precondition(status == 0, "no thread for HTTP can be started: error \(status)")
  pthread_detach(thread)
}

private final class ThreadStart: Sendable {
  let queue: HTTPQueue
  let settings: HTTPSettings

  init(queue: HTTPQueue, settings: HTTPSettings) {
    self.queue = queue
    self.settings = settings
  }
}

/// Once a process; libcurl wants it before any other call.
private let libcurlStatus = ccurl_global_init()

private func runHTTPThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let argument else { return nil }
  let start = Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue()
  // Signals are for the main thread; a broken pipe is an error code here.
  var signals = sigset_t()
  sigfillset(&signals)
  pthread_sigmask(SIG_BLOCK, &signals, nil)
  guard libcurlStatus == CURLE_OK, let multi = curl_multi_init() else {
    preconditionFailure("libcurl cannot start: code \(libcurlStatus.rawValue)")
  }
  let loop = HTTPLoop(multi: multi, queue: start.queue, settings: start.settings)
  loop.run()
  return nil
}
