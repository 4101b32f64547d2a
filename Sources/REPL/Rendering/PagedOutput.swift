import Glibc

/// Standard output that goes through a pager where a person would otherwise lose the beginning.
///
/// Into a file or pipe it writes at once. On a terminal it holds text back until more than a screen
/// is there; only then the pager starts. The pager is `$PAGER` run by `sh`, else `less -FRX` where
/// `PATH` has it; an empty `PAGER` or `cat` means none. Where it is not there, fails or is killed,
/// all that it was given is printed without it, under one line on standard error that says so.
///
/// `write` and `finish` block while a person reads, so they belong on a thread that may.
package final class PagedOutput {
  private let file: OutputFile
  private let destination: Destination
  private let environment: [String: String]
  private let command: String?
  private let complain: (String) -> Void
  private var phase: Phase
  private var held = ""
  private var heldRows = 0

  private enum Phase {
    case holding
    case direct
    case paging(Pager)
  }

  /// - Parameters:
  ///   - descriptor: Where text goes that needs no pager; it stays open.
  ///   - complain: Told in one sentence that a pager failed.
  package init(
    descriptor: Int32 = 1, destination: Destination, environment: [String: String],
    complain: @escaping (String) -> Void = { Console.complain("daybook: \(visible($0))") }
  ) {
    self.complain = complain
    file = OutputFile(descriptor: descriptor)
    self.destination = destination
    // What is printed is UTF-8 whatever the locale; less would show its bytes as <E6><97><A5>.
    self.environment = environment.merging(
      // As the pager is called where none is named: it shows styles, and leaves a short text alone.
      ["LESSCHARSET": "utf-8", "LESS": "FRX"], uniquingKeysWith: { given, _ in given })
    command = destination.isTerminal ? pagerCommand(environment) : nil
    phase = command == nil ? .direct : .holding
  }

  /// True once a pager has taken over.
  package var isPaging: Bool {
    if case .paging = phase { true } else { false }
  }

  /// Prints text, now or when it is known whether it fits.
  ///
  /// - Throws: `OutputError.closed` when the person has left the pager; `finish` is not needed
  ///   then.
  package func write(_ text: String) throws(OutputError) {
    Console.note(text)
    switch phase {
    case .direct: try file.write(text)
    case .paging(let pager): try use(pager) { pager throws(OutputError) in try pager.write(text) }
    case .holding:
      held += text
      heldRows += rows(of: text)
      if heldRows >= destination.rows ?? 24 { try startPager() }
    }
  }

  /// Prints at once what was written, for who waits for more; what is held back for a pager stays.
  package func flush() throws(OutputError) {
    switch phase {
    case .direct: try file.flush()
    case .paging(let pager): try use(pager) { pager throws(OutputError) in try pager.flush() }
    case .holding: break
    }
  }

  /// Prints what is left and waits until the pager has ended.
  package func finish() throws(OutputError) {
    switch phase {
    case .direct: try file.flush()
    case .holding:
      try file.write(held)
      held = ""
      try file.flush()
    case .paging(let pager):
      phase = .direct
      try use(pager) { pager throws(OutputError) in try pager.finish() }
      try file.flush()
    }
  }

  /// Goes on without a pager that failed, from the beginning.
  private func use(
    _ pager: Pager, _ body: (Pager) throws(OutputError) -> Void
  ) throws(OutputError) {
    do throws(OutputError) {
      try body(pager)
      guard pager.failure != nil else { return }
    } catch {
      guard error == .closed else { throw error }
      pager.end()
      guard pager.failure != nil else { throw error }
    }
    phase = .direct
    complain("the pager \(pager.command) \(pager.failure ?? ""); here is all of it without one")
    try pager.kept.write(to: file)
  }

  private func startPager() throws(OutputError) {
    let text = held
    held = ""
    // The screen is the pager’s.
    Console.speak()
    if let command, isFound(command, environment),
      let pager = Pager(command: command, environment: environment)
    {
      phase = .paging(pager)
      try use(pager) { pager throws(OutputError) in try pager.write(text) }
      return
    }
    phase = .direct
    complain("the pager \(command ?? "") is not there; here is all of it without one")
    try file.write(text)
  }

  /// Rows of the screen that a text takes, wrapped lines counted; styles count as text.
  private func rows(of text: String) -> Int {
    let columns = max(1, destination.columns ?? 80)
    return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().reduce(0) {
      $0 + max(1, (displayWidth(String($1)) + columns - 1) / columns)
    }
  }
}
