import CEdit
import Glibc

/// Keys beyond libedit's own bindings.
///
///     Tab         completes a word               Ctrl-C      drops the line
///     Ctrl-R, -S  searches back, forward         Ctrl-Z      suspends the program
///     Ctrl-U      deletes to the line's start    Ctrl-W      deletes the word before the cursor
///     Ctrl-X Ctrl-E  opens the line in an editor
///     Delete, Home, End, Ctrl-arrows             as on other terminals
///
/// A paste is taken as one piece of text: nothing in it is a key, and nothing runs before Enter.
extension EditorSession {
  /// `.editrc` may change the habits, but `bind -v` in it wipes whatever was bound before.
  func bindKeys() {
    _ = cedit_set_editor(handle, "emacs")
    bindControls()
    bindSequences()
    // Fails where the person has none.
    _ = el_source(handle, nil)
    if cedit_editor(handle).map({ String(cString: $0) }) == "vi" { bindControls() }
    bindNeeds()
  }

  private func bindControls() {
    let keys = [
      ("^R", "em-inc-search-prev"), ("^S", "em-inc-search-next"), ("^U", "vi-kill-line-prev"),
      ("^W", "ed-delete-prev-word"),
    ]
    for (key, command) in keys { _ = cedit_bind(handle, key, command) }
  }

  /// Not for vi, where a key bound to a sequence would take Escape away from the insert mode.
  private func bindSequences() {
    let keys = [
      ("\u{1B}[3~", "ed-delete-next-char"), ("\u{1B}[1;5D", "ed-prev-word"),
      ("\u{1B}[1;5C", "em-next-word"), ("\u{1B}[H", "ed-move-to-beg"),
      ("\u{1B}OH", "ed-move-to-beg"), ("\u{1B}[1~", "ed-move-to-beg"),
      ("\u{1B}[F", "ed-move-to-end"), ("\u{1B}OF", "ed-move-to-end"),
      ("\u{1B}[4~", "ed-move-to-end"),
    ]
    for (key, command) in keys { _ = cedit_bind(handle, key, command) }
  }

  private func bindNeeds() {
    _ = cedit_add(handle, "daybook-complete", "completes the word before the cursor") {
      handle, _ in EditorSession.act(handle) { $0.completeWord() }
    }
    _ = cedit_add(handle, "daybook-interrupt", "drops the line") { handle, _ in
      EditorSession.act(handle) { $0.interrupt() }
    }
    _ = cedit_add(handle, "daybook-suspend", "suspends the program") { handle, _ in
      EditorSession.act(handle) { $0.suspend() }
    }
    _ = cedit_add(handle, "daybook-paste", "inserts what is pasted") { handle, _ in
      EditorSession.act(handle) { $0.paste() }
    }
    _ = cedit_add(handle, "daybook-edit", "opens the line in an editor") { handle, _ in
      EditorSession.act(handle) { $0.editElsewhere() }
    }
    _ = cedit_bind(handle, "^I", "daybook-complete")
    _ = cedit_bind(handle, "^X^E", "daybook-edit")
    for bind in [cedit_bind, cedit_bind_alternative] {
      _ = bind(handle, "^C", "daybook-interrupt")
      _ = bind(handle, "^Z", "daybook-suspend")
      _ = bind(handle, "\\034", "daybook-paste")
    }
    // Signals become keys, and Ctrl-S no longer stops the output.
    for flag in ["-isig", "-ixon"] { _ = cedit_set_terminal(handle, "-d", flag) }
  }

  private static func act(
    _ handle: OpaquePointer?, _ action: (EditorSession) -> Int32
  ) -> UInt8 {
    guard let handle, let session = EditorSession.of(handle) else { return UInt8(CC_ERROR) }
    return UInt8(action(session))
  }

  private func interrupt() -> Int32 {
    wasInterrupted = true
    moveBelowLine(mark: "^C")
    return CC_NEWLINE
  }

  /// The signal is raised in this thread, so that it has stopped the program before the next line.
  /// The thread inherited its signals blocked from the pool that started it.
  private func suspend() -> Int32 {
    moveBelowLine(mark: "^Z")
    if canMove { writeTerminal("\u{1B}[?2004l") }
    _ = cedit_prepare_terminal(handle, 0)
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGTSTP)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    raise(SIGTSTP)
    _ = cedit_prepare_terminal(handle, 1)
    if canMove { writeTerminal("\u{1B}[?2004h") }
    el_resize(handle)
    _ = cedit_refresh(handle)
    return CC_NORM
  }

  /// Takes all up to the end mark, line breaks and tabs included; other controls are left out.
  private func paste() -> Int32 {
    guard isPasteComing else { return CC_REFRESH_BEEP }
    isPasteComing = false
    let end: [UInt8] = Array("\u{1B}[201~".utf8)
    var bytes: [UInt8] = []
    var tail: [UInt8] = []
    while let byte = nextByte() {
      // The way out where the end mark got lost.
      if byte == 3 { return interrupt() }
      tail.append(byte)
      if tail.count > end.count { tail.removeFirst() }
      if bytes.count < TerminalLimits.pasteBytesMax + end.count { bytes.append(byte) }
      if tail == end { break }
    }
    if bytes.suffix(end.count).elementsEqual(end) { bytes.removeLast(end.count) }
    let isCut = bytes.count >= TerminalLimits.pasteBytesMax
    let text = String(decoding: bytes.prefix(TerminalLimits.pasteBytesMax), as: UTF8.self)
    if isCut { printAbove("the paste was cut to \(TerminalLimits.pasteBytesMax) bytes") }
    let line = pastedText(text)
    guard !line.isEmpty else { return CC_REFRESH }
    return el_insertstr(handle, line) == 0 ? CC_REFRESH : CC_REFRESH_BEEP
  }
}

/// A paste without what no command holds: line breaks become LF, those at the ends go.
func pastedText(_ text: String) -> String {
  var pasted = String.UnicodeScalarView()
  var last: Unicode.Scalar?
  for scalar in text.unicodeScalars {
    defer { last = scalar }
    switch scalar {
    case "\n" where last == "\r": continue
    case "\n", "\r": pasted.append("\n")
    case "\t": pasted.append(scalar)
    case _ where scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value): continue
    default: pasted.append(scalar)
    }
  }
  // Copying whole lines brings the last one's break along.
  while pasted.last == "\n" { pasted.removeLast() }
  return String(String.UnicodeScalarView(pasted.drop { $0 == "\n" }))
}
