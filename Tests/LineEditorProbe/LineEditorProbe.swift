import Glibc
import REPL

/// A small program with a line editor, which tests drive through a pseudo-terminal.
///
/// It prints `line TEXT`, `interrupted` or `ended` for each answer. Lines that begin with `:` act.
/// What is written into the FIFO named by `PROBE_NEWS` is announced.
@main struct LineEditorProbe {
  static let words = ["deliver", "deliveries", "diff", "events", "höhle", "höher", "two words"]

  static func main() async {
    let history = getenv("PROBE_HISTORY").map { HistoryFile(path: String(cString: $0)) }
    var given: [String: String] = [:]
    for name in ["EDITOR", "VISUAL", "PATH", "TMPDIR"] {
      given[name] = getenv(name).map { String(cString: $0) }
    }
    let settings = LineEditorSettings(
      program: "probe", history: history, isSecret: { $0.contains("secret") },
      environment: given,
      complete: { line, cursor in
        let before = String(decoding: line.utf8.prefix(cursor), as: UTF8.self)
        let start = CommandAssembler.openWord(before)?.value ?? ""
        return words.filter { $0.hasPrefix(start) }.map { Completion($0) }
      })
    let palette = Palette(
      .always, destination: Destination(isTerminal: true), environment: [:])
    let editor: LineEditor
    do {
      editor = try await LineEditor.open(settings)
    } catch {
      say("\(error)")
      return
    }
    if let path = getenv("PROBE_NEWS") { announce(from: open(path, O_RDWR), editor) }
    while true {
      let input = await editor.readLine(prompt: palette.prompt("probe", .place) + "> ")
      guard case .line(let line) = input else {
        say(input == .interrupted ? "interrupted" : "ended")
        if input == .ended { break }
        continue
      }
      await answer(line, editor)
    }
    await editor.close()
    say("closed")
  }

  private static func answer(_ line: String, _ editor: LineEditor) async {
    switch line {
    case ":secret":
      if case .line(let secret) = await editor.readSecret(prompt: "secret? ") {
        say("secret of \(secret.count)")
      }
    case ":cancel":
      let reading = Task { await editor.readLine(prompt: "cancelled> ") }
      reading.cancel()
      say("cancelled \(await reading.value == .ended)")
    default: say("line \(visible(line))")
    }
  }

  private static func announce(from descriptor: Int32, _ editor: LineEditor) {
    let news = ScriptReader(descriptor: descriptor)
    Task {
      while let line = try await news.next() { editor.announce(line.text) }
    }
  }

  private static func say(_ text: String) {
    let bytes = Array("\(text)\n".utf8)
    _ = bytes.withUnsafeBytes { write(1, $0.baseAddress, $0.count) }
  }
}
