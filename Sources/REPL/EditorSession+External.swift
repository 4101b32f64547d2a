import CEdit
import Glibc
import Synchronization

/// A line in the person's own editor.
extension EditorSession {
  /// True while the person is in another program, whose Ctrl-C is none of ours.
  static let isElsewhere = Atomic(false)

  /// Hands the line to an editor in a file of its own, and takes back what it holds then; nothing
  /// runs before Enter. The editor is `$VISUAL`, else `$EDITOR`, else `vi`, else `nano`.
  func editElsewhere() -> Int32 {
    guard let (row, _) = typed() else { return CC_REFRESH_BEEP }
    let line = begun + row
    guard let editor = editorCommand(settings.environment) else {
      printAbove(
        "no editor: VISUAL and EDITOR name none, and neither vi nor nano is installed; set EDITOR"
          + " to one and start again")
      return CC_NORM
    }
    guard !settings.isSecret(line) else {
      printAbove("a line that holds a secret is not put into a file")
      return CC_NORM
    }
    let folder = settings.environment["TMPDIR"] ?? "/tmp"
    // mkstemp(3) puts letters of its own in place of these six, and makes the file with mode 0600.
    let place = String(repeating: "X", count: 6)
    var template = Array("\(folder)/daybook-line-\(place)".utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else {
      let why = String(cString: strerror(errno))
      printAbove("no file can be made in \(folder): \(why); TMPDIR names another folder")
      return CC_NORM
    }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { unlink(path) }
    let bytes = Array((line + "\n").utf8)
    let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    close(descriptor)
    guard count == bytes.count else {
      printAbove("\(path): there is no room for the line; it stays as it is")
      return CC_NORM
    }
    let status = runEditor(editor, on: path)
    guard status == 0, let edited = try? readInput(path, most: TerminalLimits.pasteBytesMax) else {
      writeTerminal(visible("\(editor) did not give the line back; it stays") + "\n")
      _ = cedit_refresh(handle)
      return CC_NORM
    }
    if !begun.isEmpty, let current {
      // All of it is edited from here on.
      begun = ""
      setPrompt(current.prompt)
    }
    replaceLine(with: pastedText(String(decoding: edited, as: UTF8.self)))
    _ = cedit_refresh(handle)
    return CC_NORM
  }

  /// - Returns: The exit status as `waitpid` has it.
  private func runEditor(_ editor: String, on path: String) -> Int32 {
    moveBelowLine(mark: "")
    if canMove { writeTerminal("\u{1B}[?2004l") }
    _ = cedit_prepare_terminal(handle, 0)
    defer {
      _ = cedit_prepare_terminal(handle, 1)
      if canMove { writeTerminal("\u{1B}[?2004h") }
      el_resize(handle)
    }
    // The terminal's signals are the editor's meanwhile, as with system(3).
    EditorSession.isElsewhere.store(true, ordering: .relaxed)
    let before = signal(SIGQUIT, SIG_IGN)
    defer {
      signal(SIGQUIT, before)
      EditorSession.isElsewhere.store(false, ordering: .relaxed)
    }
    guard
      let child = spawnShell(
        "\(editor) \"$1\"", [path], environment: settings.environment, input: 0)
    else { return -1 }
    var status: Int32 = -1
    while waitpid(child, &status, 0) < 0 && errno == EINTR {}
    return status
  }

  private func replaceLine(with text: String) {
    guard let line = el_line(handle)?.pointee, let start = line.buffer else { return }
    // Counted in characters: libedit keeps the line in wide ones.
    let whole = UnsafeRawBufferPointer(start: start, count: start.distance(to: line.lastchar))
    let before = UnsafeRawBufferPointer(start: start, count: start.distance(to: line.cursor))
    let all = String(decoding: whole, as: UTF8.self).unicodeScalars.count
    let left = String(decoding: before, as: UTF8.self).unicodeScalars.count
    _ = el_cursor(handle, Int32(all - left))
    el_deletestr(handle, Int32(all))
    if !text.isEmpty { _ = el_insertstr(handle, text) }
  }
}

/// The editor’s command line, nil where there is none.
func editorCommand(_ environment: [String: String]) -> String? {
  for name in ["VISUAL", "EDITOR"] {
    if let named = environment[name], !named.trimmedBlanks.isEmpty { return named }
  }
  return ["vi", "nano"].first { isFound($0, environment) }
}
