import Daybook
import Events
import Glibc
import Synchronization

/// The REPL: reads a line, carries it out, says where it stands.
@MainActor
package final class Conversation {
  private let session: Session
  private let interpreter: Interpreter
  /// The command under way, for Ctrl-C.
  private static var running: (task: Task<Void, any Error>, session: Session)?
  /// True once the line with the ^C of the command under way was ended.
  private static var isLineEnded = false

  package init(_ session: Session) {
    self.session = session
    interpreter = Interpreter(session)
  }

  /// Stops the command under way: it begins nothing new, and waits for what it has begun. Asked
  /// again, that is cut.
  ///
  /// - Returns: Whether there was one.
  package static func interrupt() -> Bool {
    if EditorSession.isElsewhere.load(ordering: .relaxed) { return true }
    guard let running else { return false }
    if running.task.isCancelled {
      running.session.cut()
    } else if isatty(2) == 1 {
      // Behind the ^C that the terminal shows, what comes stands on a line of its own.
      Console.complain("")
      isLineEnded = true
    }
    running.task.cancel()
    return true
  }

  /// Talks until the person leaves.
  ///
  /// - Returns: The exit status.
  package func run() async -> Int32 {
    let candidates = Completer()
    let editor: LineEditor
    do {
      editor = try await LineEditor.open(
        LineEditorSettings(
          history: HistoryFile.standard(session.settings.environment),
          isSecret: { Conversation.holdsSecret($0) },
          environment: session.settings.environment,
          complete: { candidates.complete($0, $1) }))
    } catch {
      Console.complain("daybook: the line editor does not start: \(error)")
      return 1
    }
    session.editor = editor
    session.remark("Daybook \(Version.daybook); `help` lists the commands, Ctrl-D leaves")
    for line in await session.invitation() { session.remark(line) }
    while true {
      await candidates.refresh(from: session)
      let prompt = await prompt()
      // Work beside the prompt, such as that of `serve --repl`, leaves the half-typed line whole.
      Console.announce(by: { editor.announce($0) })
      let input = await editor.readLine(prompt: prompt)
      Console.announce(by: nil)
      switch input {
      case .line(let line):
        Console.note("\(withoutMarked(prompt))\(line)\n")
        if ["exit", "quit", ".quit", "\\q"].contains(line.trimmedBlanks) {
          return await leave(editor)
        }
        await carryOut(line)
        if session.isLeaving { return await leave(editor) }
      case .interrupted: continue
      case .ended: return await leave(editor)
      }
    }
  }

  private func leave(_ editor: LineEditor) async -> Int32 {
    session.editor = nil
    if var transcript = Console.record(nil) { transcript.close() }
    await editor.close()
    return 0
  }

  private func carryOut(_ line: String) async {
    InputBell.quiet()
    let task = Task { try await interpreter.run(line: line) }
    Conversation.running = (task, session)
    Conversation.isLineEnded = false
    defer { Conversation.running = nil }
    do {
      try await withTaskCancellationHandler {
        try await task.value
      } onCancel: {
        // The whole program is to end.
        task.cancel()
      }
    } catch {
      let failure = Failure(error)
      // The terminal has shown ^C, at a question, and stands behind it.
      if failure.status == 130, !Conversation.isLineEnded { Console.complain("") }
      guard !failure.message.isEmpty else { return }
      Console.complain(visible(failure.message, keepingLines: true))
    }
  }

  /// The held and failing deliveries when the head was there.
  private var counted: (head: Int64, count: Int) = (-1, 0)

  /// `file@head` in the present, with `!3` where three deliveries are held or failing, and
  /// `restored` where nothing is sent for that;
  /// `file@4711/9120 (time)` in the past; `#` where nothing may be written.
  private func prompt() async -> String {
    let palette = session.palette
    let file = visible(
      session.settings.journal.split(separator: "/").last.map(String.init) ?? "daybook")
    let mark = session.settings.isReadOnly ? "#" : ">"
    guard let journal = try? session.journal(), let head = try? await journal.head()
    else { return "\(palette.prompt(file, .place))\(mark) " }
    guard let asOf = session.asOf else {
      let count = await failing(in: journal, at: head)
      let isHeld = (try? await journal.lineage())?.isHeld == true
      let alarm =
        (isHeld ? " " + palette.prompt("restored", .warning) : "")
        + (count > 0 ? " " + palette.prompt("!\(count)", .bad) : "")
      return "\(palette.prompt("\(file)@\(head)", .place))\(alarm)\(mark) "
    }
    let recordedAt = try? await journal.events.time(of: asOf)
    let time = recordedAt.map { "(\($0.isoSeconds))" } ?? ""
    let place = palette.prompt("\(file)@\(asOf)/\(session.present ?? head)", .warning)
    // Between two colours stands a character, or the editor drops the second.
    return "\(place)\(time.isEmpty ? "" : " ")\(palette.prompt(time, .faint))# "
  }

  /// Counted once for each head: nothing changes without an event.
  private func failing(in journal: Journal, at head: Int64) async -> Int {
    if counted.head == head { return counted.count }
    let waiting = (try? await journal.gauges())?.deliveries ?? [:]
    let count = ["held", "failed", "unknown"].reduce(0) { $0 + (waiting[$1]?.count ?? 0) }
    counted = (head, count)
    return count
  }

  /// Lines that hold, or may hold, what must not be kept: they are left out of the history.
  ///
  /// The address of who is to be forgotten, a name of a secret, the way that a known kind begins, a
  /// password in a URL, and any long word of letters of both cases and digits, which ids of objects
  /// and digests are not.
  nonisolated static func holdsSecret(_ line: String) -> Bool {
    let lower = line.lowercased()
    let isNamed = [
      "secret", "passw", "--pass", "token", "signature.key", "apikey", "api_key", "api-key", "pw:",
      "pw=", "--person", "bearer", "whsec_", "gocspx-", "ya29.", "1//0",
    ].contains { lower.contains($0) }
    if isNamed || line.contains(/:\/\/[^\/\s]*@/) { return true }
    return line.matches(of: /[A-Za-z0-9+=_-]{24,}/).contains { match in
      let word = match.output.unicodeScalars
      // The time in an occurrence's id has two.
      return word.count { $0.properties.isUppercase } > 2
        && word.contains { $0.properties.isLowercase }
        && word.contains { ("0"..."9").contains($0) }
    }
  }
}

extension String {
  var trimmedBlanks: String {
    var rest = self[...]
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
  }
}
