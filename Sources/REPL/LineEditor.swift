import Glibc

/// A person’s answer to a prompt.
package enum LineInput: Equatable, Sendable {
  /// A line without its line break; a command may have several.
  case line(String)
  /// Ctrl-C: the half-typed line is dropped, the session stays.
  case interrupted
  /// Ctrl-D on an empty line, a terminal that hung up, a closed editor, or a cancelled task.
  case ended
}

/// Why there is no line editor.
package enum LineEditorError: Error, Equatable {
  /// Standard input or output is not a terminal; read commands with `ScriptReader`.
  case notATerminal
  /// The system's number of the error; without an editor there is no REPL.
  case unavailable(errno: Int32)
}

/// One way to go on with the word under the cursor.
package struct Completion: Equatable, Sendable {
  /// The whole word as it is meant; the editor quotes it where that is needed.
  package var text: String
  /// A few words beside it in the list.
  package var note: String
  /// True where more of the same word may follow (`folder/`), so that no blank is put after it.
  package var isPartial: Bool

  /// Inserted with a blank after it, unless it says otherwise.
  package init(_ text: String, note: String = "", isPartial: Bool = false) {
    self.text = text
    self.note = note
    self.isPartial = isPartial
  }
}

/// Settings that hold as long as a line editor is open.
package struct LineEditorSettings: Sendable {
  /// The name for which `.editrc` may have lines.
  package var program: String
  /// Where lines are remembered; nil keeps them until the editor closes.
  package var history: HistoryFile?
  /// Judges whether a line holds a secret and must be forgotten at once.
  package var isSecret: @Sendable (String) -> Bool
  /// Judges whether a text ends within a command: the next line belongs to it then.
  package var isOpen: @Sendable (String) -> Bool
  /// The program’s variables: `EDITOR` opens a line, in a file in `TMPDIR`.
  package var environment: [String: String]
  /// Ways to go on, given the line and the cursor's offset in UTF-8 bytes. Called on the editor's
  /// thread while the person waits: answer within some 50 ms, from what is at hand.
  package var complete: @Sendable (_ line: String, _ cursor: Int) -> [Completion]

  /// Without completion, secrets or a file, unless given.
  package init(
    program: String = "daybook", history: HistoryFile? = nil,
    isSecret: @escaping @Sendable (String) -> Bool = { _ in false },
    isOpen: @escaping @Sendable (String) -> Bool = { CommandAssembler.isOpen($0) },
    environment: [String: String] = [:],
    complete: @escaping @Sendable (_ line: String, _ cursor: Int) -> [Completion] = { _, _ in [] }
  ) {
    self.program = program
    self.history = history
    self.isSecret = isSecret
    self.isOpen = isOpen
    self.environment = environment
    self.complete = complete
  }
}

/// Lines from a person at the terminal, edited with libedit.
///
/// libedit blocks and belongs to one thread, so it lives on a thread of its own; this object only
/// passes messages. While it waits for a line the terminal is in raw mode: a program that ends
/// meanwhile, on SIGTERM for one, calls `close()` first.
///
/// Ctrl-C is a key here and never a signal. While a command runs it is a signal as usual.
package final class LineEditor: Sendable {
  /// Encloses what takes no cell in a prompt, such as a colour.
  package static let promptMark = "\u{1}"

  private let mailbox: EditorMailbox

  private init(mailbox: EditorMailbox) {
    self.mailbox = mailbox
  }

  deinit {
    mailbox.close(nil)
  }

  /// Starts the thread and libedit on it. One at a time: libedit's terminal is the process's.
  package static func open(
    _ settings: LineEditorSettings
  ) async throws(LineEditorError) -> LineEditor {
    guard isatty(0) == 1, isatty(1) == 1 else { throw .notATerminal }
    useUTF8()
    guard let mailbox = EditorMailbox() else { throw .unavailable(errno: errno) }
    let failure = await withCheckedContinuation { started in
      startThread(EditorStart(settings: settings, mailbox: mailbox, started: started))
    }
    if let failure { throw .unavailable(errno: failure) }
    return LineEditor(mailbox: mailbox)
  }

  /// Asks for a command: with completion and history, which it enters.
  ///
  /// - Parameter prompt: One row. Where it is coloured, `Palette.prompt` sets the marks.
  package func readLine(prompt: String) async -> LineInput {
    await read(prompt, as: .command)
  }

  /// Asks for something that is no command, a confirmation for one: nothing is remembered.
  package func readAnswer(prompt: String) async -> LineInput {
    await read(prompt, as: .answer)
  }

  /// Asks without echo; nothing is remembered.
  package func readSecret(prompt: String) async -> LineInput {
    await read(prompt, as: .secret)
  }

  /// Prints whole lines above the prompt, if one is shown; the half-typed line stays.
  ///
  /// Control bytes are shown as escapes, but for line breaks.
  package func announce(_ text: String) {
    mailbox.announce(text)
  }

  /// Gives the terminal back as it was; a waiting read ends.
  package func close() async {
    await withCheckedContinuation { mailbox.close($0) }
  }

  private func read(_ prompt: String, as kind: EditorRequest.Kind) async -> LineInput {
    let id = mailbox.nextID()
    return await withTaskCancellationHandler {
      await withCheckedContinuation { answer in
        mailbox.request(EditorRequest(id: id, kind: kind, prompt: prompt, answer: answer))
      }
    } onCancel: {
      mailbox.cancel(id)
    }
  }
}

/// Swift programs start in the C locale, where libedit drops every letter that is not ASCII. Only
/// the class of characters is set, so that numbers keep their point.
private func useUTF8() {
  setlocale(LC_CTYPE, "")
  guard String(cString: nl_langinfo(nl_item(CODESET))) != "UTF-8" else { return }
  setlocale(LC_CTYPE, "C.UTF-8")
}

private func startThread(_ start: EditorStart) {
  let context = Unmanaged.passRetained(start)
  var attributes = pthread_attr_t()
  pthread_attr_init(&attributes)
  pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
  defer { pthread_attr_destroy(&attributes) }
  var thread = pthread_t()
  let status = pthread_create(
    &thread, &attributes,
    { context in
      if let context {
        Unmanaged<EditorStart>.fromOpaque(context).takeRetainedValue().run()
      }
      return nil
    }, context.toOpaque())
  guard status != 0 else { return }
  context.release()
  start.started.resume(returning: status)
}

/// Everything that the editor’s thread starts with.
private final class EditorStart: Sendable {
  let settings: LineEditorSettings
  let mailbox: EditorMailbox
  /// Answered with an error number, or nil where all is well.
  let started: CheckedContinuation<Int32?, Never>

  init(
    settings: LineEditorSettings, mailbox: EditorMailbox,
    started: CheckedContinuation<Int32?, Never>
  ) {
    self.settings = settings
    self.mailbox = mailbox
    self.started = started
  }

  func run() {
    do {
      guard let session = EditorSession(settings, mailbox: mailbox) else {
        started.resume(returning: errno)
        return
      }
      started.resume(returning: nil)
      session.run()
    }
    // The session is gone and the terminal as it was.
    mailbox.end()
  }
}
