import CEdit
import Glibc

/// libedit and all that it points to; made, used and ended on the editor's thread only.
final class EditorSession {
  let handle: OpaquePointer
  /// The terminal, whatever standard output is led to meanwhile.
  let terminal: Int32
  let mailbox: EditorMailbox
  var settings: LineEditorSettings
  var input: TerminalInput
  /// The line that is being asked for.
  var current: EditorRequest?
  /// The lines of the command before the one that is edited, each with its break.
  var begun = ""
  var wasInterrupted = false
  /// True once the mark of a paste was met and its text follows.
  var isPasteComing = false
  /// Stands for that mark, as Ctrl-\, which is free. Bound as the sequence it is, it would take
  /// Escape away from vi's insert mode.
  static let pasteKey: UInt32 = 0x1C
  /// True where the terminal understands cursor movements.
  let canMove: Bool

  private let past: OpaquePointer
  private var lastRemembered: String?
  private(set) var promptText: UnsafeMutablePointer<CChar>?

  /// Nil where libedit has no memory or no terminal; `errno` says why.
  init?(_ settings: LineEditorSettings, mailbox: EditorMailbox) {
    guard let past = history_init() else { return nil }
    let terminal = fcntl(1, F_DUPFD_CLOEXEC, 3)
    guard terminal >= 0, let handle = cedit_open(settings.program, terminal) else {
      history_end(past)
      return nil
    }
    self.handle = handle
    self.terminal = terminal
    self.past = past
    self.settings = settings
    self.mailbox = mailbox
    input = TerminalInput(wakeReader: mailbox.wakeReader)
    let term = getenv("TERM").map { String(cString: $0) } ?? ""
    canMove = term != "" && term != "dumb" && term != "unknown"
    cedit_set_client(handle, Unmanaged.passUnretained(self).toOpaque())
    cedit_set_prompt(
      handle, { handle in handle.flatMap { EditorSession.of($0) }?.promptText },
      CChar(bitPattern: LineEditor.promptMark.utf8.first ?? 1))
    cedit_set_reader(handle) { handle, character in
      guard let handle, let session = EditorSession.of(handle) else { return 0 }
      guard let scalar = session.nextScalar() else { return 0 }
      character?.pointee = wchar_t(bitPattern: scalar)
      return 1
    }
    bindKeys()
    recall()
    _ = cedit_watch_window(mailbox.wakeWriter)
  }

  deinit {
    _ = cedit_watch_window(-1)
    cedit_close(handle)
    history_end(past)
    free(promptText)
  }

  /// The session to which libedit's callbacks belong.
  static func of(_ handle: OpaquePointer) -> EditorSession? {
    cedit_client(handle).map { Unmanaged<EditorSession>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Answers requests until the editor is closed.
  func run() {
    while !mailbox.isClosing {
      mailbox.takeAnnouncements().forEach(printAbove)
      if let request = mailbox.takeRequest() {
        let answer = read(request)
        mailbox.finish(request.id)
        request.answer.resume(returning: answer)
      } else {
        input.awaitWake()
      }
    }
    mailbox.takeAnnouncements().forEach(printAbove)
  }

  private func read(_ request: EditorRequest) -> LineInput {
    guard !mailbox.isOver(request.id) else { return .ended }
    current = request
    defer { current = nil }
    if request.kind == .secret { return readSecret(request.prompt) }
    begun = ""
    defer { begun = "" }
    setPrompt(request.prompt)
    while true {
      wasInterrupted = false
      let line = readRow()
      if wasInterrupted { return .interrupted }
      guard let line else {
        // Ctrl-D in the middle of a command drops it, and does not leave.
        return begun.isEmpty || mailbox.isOver(request.id) ? .ended : .interrupted
      }
      let text = begun + line
      guard request.kind == .command else { return .line(text) }
      if settings.isOpen(text) {
        begun = text + "\n"
        setPrompt(continuationPrompt(under: request.prompt))
        continue
      }
      remember(text)
      return .line(text)
    }
  }

  /// One line as far as Enter; nil where there is none.
  private func readRow() -> String? {
    // A window that changed while nothing was read.
    el_resize(handle)
    // libedit does this only after the prompt, and what is typed in between would be shown twice.
    _ = cedit_prepare_terminal(handle, 1)
    if canMove { writeTerminal("\u{1B}[?2004h") }
    var count: Int32 = 0
    let bytes = el_gets(handle, &count)
    if canMove { writeTerminal("\u{1B}[?2004l") }
    if wasInterrupted { return nil }
    guard let bytes, count > 0 else {
      writeTerminal("\n")
      return nil
    }
    let raw = UnsafeRawBufferPointer(start: bytes, count: Int(count))
    var line = String(decoding: raw, as: UTF8.self)
    if line.utf8.last == 10 { line.unicodeScalars.removeLast() }
    return line
  }

  /// A mark at the end would be dropped with the colour it holds, so something visible follows it.
  func setPrompt(_ prompt: String) {
    free(promptText)
    promptText = strdup(prompt.hasSuffix(LineEditor.promptMark) ? prompt + " " : prompt)
  }

  // MARK: Input

  /// The next byte typed; nil when the read is over. Prints announcements while it waits.
  func nextByte() -> UInt8? {
    while let current, !mailbox.isOver(current.id) {
      switch input.next() {
      case .byte(let byte): return byte
      case .ended: return nil
      case .woken(let windowChanged):
        if windowChanged { redrawForWindow() }
        mailbox.takeAnnouncements().forEach(printAbove)
      }
    }
    return nil
  }

  /// The next character typed, U+FFFD for bytes that are none; nil when the read is over.
  private func nextScalar() -> UInt32? {
    guard let first = nextByte() else { return nil }
    if first == 0x1B, input.take(Array("[200~".utf8)) {
      isPasteComing = true
      return EditorSession.pasteKey
    }
    guard first >= 0x80 else { return UInt32(first) }
    let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
    var bytes = [first]
    while bytes.count < length {
      guard let byte = nextByte() else { return nil }
      guard byte & 0xC0 == 0x80 else {
        input.putBack(byte)
        return 0xFFFD
      }
      bytes.append(byte)
    }
    return String(validating: bytes, as: UTF8.self)?.unicodeScalars.first?.value ?? 0xFFFD
  }

  // MARK: History

  private func recall() {
    _ = cedit_history_bound(past, Int32(TerminalLimits.historyLinesMax))
    _ = cedit_history_unique(past, 1)
    _ = cedit_set_history(handle, past)
    do {
      for line in try settings.history?.load() ?? [] {
        _ = cedit_history_enter(past, line)
        lastRemembered = line
      }
    } catch {
      forgoHistory(error)
    }
  }

  /// Enters a command unless it is empty, begins with a blank, repeats the last or is secret.
  private func remember(_ typed: String) {
    guard let first = typed.unicodeScalars.first, first != " ", first != "\t" else { return }
    // Completion leaves a blank at the end, which would make two of one command.
    let line = withoutTrailingBlanks(typed)
    guard line != lastRemembered, !settings.isSecret(line) else { return }
    lastRemembered = line
    _ = cedit_history_enter(past, line)
    do {
      try settings.history?.append(line)
    } catch {
      forgoHistory(error)
    }
  }

  /// A session without a file is better than none; the person is told once.
  private func forgoHistory(_ error: HistoryError) {
    settings.history = nil
    mailbox.announce(error.description)
  }
}

/// `...> `, flush with the prompt of the first line.
func continuationPrompt(under prompt: String) -> String {
  let mark = "...> "
  let width = displayWidth(withoutMarked(prompt))
  return String(repeating: " ", count: max(0, width - mark.utf8.count)) + mark
}

private func withoutTrailingBlanks(_ line: String) -> String {
  var scalars = line.unicodeScalars
  while scalars.last == " " { scalars.removeLast() }
  return String(scalars)
}
