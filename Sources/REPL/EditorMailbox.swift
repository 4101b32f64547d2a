import Glibc
import Synchronization

/// One line that somebody waits for.
struct EditorRequest: Sendable {
  enum Kind { case command, answer, secret }

  let id: Int
  let kind: Kind
  let prompt: String
  let answer: CheckedContinuation<LineInput, Never>
}

/// Requests and answers between the editor's thread and everybody else; a byte in a pipe wakes the
/// thread.
final class EditorMailbox: Sendable {
  private struct State {
    var lastID = 0
    var requests: [EditorRequest] = []
    var cancelled: Set<Int> = []
    var announcements: [String] = []
    var dropped = 0
    var isClosing = false
    var isOver = false
    var closers: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())
  /// Readable when there is something new, or the window has changed.
  let wakeReader: Int32
  /// Where a byte wakes the thread; signal handlers write here too.
  let wakeWriter: Int32

  /// Nil where no pipe is to be had; `errno` says why.
  init?() {
    guard let ends = makePipe(isBlocking: false) else { return nil }
    wakeReader = ends.reader
    wakeWriter = ends.writer
  }

  deinit {
    Glibc.close(wakeReader)
    Glibc.close(wakeWriter)
  }

  // MARK: Called from anywhere

  func nextID() -> Int {
    state.withLock { state in
      state.lastID += 1
      return state.lastID
    }
  }

  func request(_ request: EditorRequest) {
    let isTaken = state.withLock { state in
      if state.isClosing || state.cancelled.remove(request.id) != nil { return false }
      state.requests.append(request)
      return true
    }
    if isTaken { wake() } else { request.answer.resume(returning: .ended) }
  }

  func cancel(_ id: Int) {
    state.withLock { state in _ = state.cancelled.insert(id) }
    wake()
  }

  func announce(_ text: String) {
    state.withLock { state in
      state.announcements.append(text)
      guard state.announcements.count > TerminalLimits.announcementsMax else { return }
      state.announcements.removeFirst()
      state.dropped += 1
    }
    wake()
  }

  /// - Parameter closer: Resumed when the terminal has been given back.
  func close(_ closer: CheckedContinuation<Void, Never>?) {
    let isOver = state.withLock { state in
      state.isClosing = true
      if let closer, !state.isOver { state.closers.append(closer) }
      return state.isOver
    }
    if isOver { closer?.resume() } else { wake() }
  }

  // MARK: Called on the editor's thread

  func takeRequest() -> EditorRequest? {
    state.withLock { state in state.requests.isEmpty ? nil : state.requests.removeFirst() }
  }

  func takeAnnouncements() -> [String] {
    state.withLock { state in
      guard !state.announcements.isEmpty else { return [] }
      let lost = state.dropped > 0 ? ["… \(state.dropped) earlier lines"] : []
      defer {
        state.announcements = []
        state.dropped = 0
      }
      return lost + state.announcements
    }
  }

  /// True where a read has to end without an answer.
  func isOver(_ id: Int) -> Bool {
    state.withLock { $0.isClosing || $0.cancelled.contains(id) }
  }

  func finish(_ id: Int) {
    state.withLock { state in _ = state.cancelled.remove(id) }
  }

  var isClosing: Bool { state.withLock { $0.isClosing } }

  /// The terminal is given back: whoever still waits is answered.
  func end() {
    let (requests, closers) = state.withLock { state in
      state.isOver = true
      defer {
        state.requests = []
        state.closers = []
      }
      return (state.requests, state.closers)
    }
    requests.forEach { $0.answer.resume(returning: .ended) }
    closers.forEach { $0.resume() }
  }

  private func wake() {
    var byte = UInt8(ascii: "m")
    // A full pipe wakes as well.
    _ = write(wakeWriter, &byte, 1)
  }
}
