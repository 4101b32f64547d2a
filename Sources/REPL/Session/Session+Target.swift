import Daybook
import Glibc

/// A file that takes the results of the commands that follow.
struct OutputTarget {
  let path: String
  let descriptor: Int32
}

extension Session {
  /// Leads standard output elsewhere while a command is carried out: to a file, or to a program
  /// that is waited for. The terminal itself, and the questions asked there, stay where they are.
  ///
  /// - Parameter mayBeUsual: Whether the file that `output` named takes it where there is no
  ///   target.
  /// - Throws: What the command throws, and `Failure` where its results did not get there whole.
  func directed(
    to target: TypedCommand.Target?, mayBeUsual: Bool = true,
    _ work: @MainActor () async throws(Failure) -> Void
  ) async throws(Failure) {
    switch target {
    case .file(let path, let isAppending):
      let file = try openResults(path, isAppending: isAppending)
      defer { Glibc.close(file) }
      try await led(to: file, named: path, work)
    case .command(let command): try await piped(into: command, work)
    case nil:
      guard mayBeUsual, let usual = usualOutput else { return try await work() }
      try await led(to: usual.descriptor, named: usual.path, work)
    }
  }

  /// Opens a file for results, which hold what the journal holds: it is made for its owner alone.
  func openResults(_ path: String, isAppending: Bool) throws(Failure) -> Int32 {
    // Before it is opened: closing the journal by hand would give up the locks that SQLite holds.
    try checkResults(path)
    let way = isAppending ? O_APPEND : 0
    let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | way, 0o600)
    guard file >= 0 else {
      throw .failed("\(visible(path)): \(String(cString: strerror(errno)))")
    }
    var facts = stat()
    _ = fstat(file, &facts)
    if !isAppending, facts.st_mode & S_IFMT == S_IFREG, ftruncate(file, 0) != 0 {
      let number = errno
      Glibc.close(file)
      throw .failed("\(visible(path)): \(String(cString: strerror(number)))")
    }
    return file
  }

  /// Refuses to write results into a file of the journal.
  func checkResults(_ path: String) throws(Failure) {
    let isOwn = Journal.isOwnFile(path, of: settings.journal, keyFile: settings.keyFile)
    if isOwn { throw .failed("\(visible(path)) is a file of the journal; name another one") }
  }

  private func led(
    to descriptor: Int32, named path: String,
    _ work: @MainActor () async throws(Failure) -> Void
  ) async throws(Failure) {
    var before = stat()
    _ = fstat(descriptor, &before)
    let (failure, number) = await result(on: descriptor, of: work)
    guard failure != nil || number != 0 else { return }
    var after = stat()
    _ = fstat(descriptor, &after)
    var message = failure?.message ?? ""
    if number != 0, message.isEmpty {
      message = "\(visible(path)): \(String(cString: strerror(number)))"
    }
    if after.st_mode & S_IFMT == S_IFREG, after.st_size > before.st_size, failure?.status != 5 {
      message += "; \(visible(path)) holds only a part of the result"
    }
    throw Failure(status: failure?.status ?? 1, message)
  }

  private func piped(
    into command: String, _ work: @MainActor () async throws(Failure) -> Void
  ) async throws(Failure) {
    guard let (reader, writer) = makePipe(isBlocking: true) else {
      throw .failed("no pipe can be made: \(String(cString: strerror(errno)))")
    }
    let child = spawnShell(command, environment: settings.environment, input: reader)
    Glibc.close(reader)
    guard let child else {
      Glibc.close(writer)
      throw .failed("no program can be started: \(String(cString: strerror(errno)))")
    }
    let (failure, _) = await result(on: writer, of: work)
    Glibc.close(writer)
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 && errno == EINTR {}
    // A reader that went away early wants no more; nothing is wrong with that.
    if let failure, failure.status != 0 { throw failure }
    let signal = status & 0x7F
    let code = (status >> 8) & 0xFF
    if signal == SIGINT || signal == 0 && code == 130 { throw Failure(status: 130, "") }
    if signal != 0 { throw .failed("`\(visible(command))` was ended by signal \(signal)") }
    if code != 0 { throw .failed("`\(visible(command))` ended with status \(code)") }
  }

  /// Carries out work with another standard output.
  ///
  /// - Returns: Why it failed, and the error number of what could not be said.
  private func result(
    on descriptor: Int32, of work: @MainActor () async throws(Failure) -> Void
  ) async -> (failure: Failure?, error: Int32) {
    let screen = fcntl(1, F_DUPFD_CLOEXEC, 3)
    guard screen >= 0, dup2(descriptor, 1) == 1 else {
      return (.failed("standard output is closed: \(String(cString: strerror(errno)))"), 0)
    }
    let earlier = Console.takeError()
    let transcript = Console.record(nil)
    var failure: Failure?
    do throws(Failure) {
      try await work()
    } catch {
      failure = error
    }
    let number = Console.takeError()
    Console.keepError(earlier)
    Console.record(transcript)
    dup2(screen, 1)
    Glibc.close(screen)
    return (failure, number == EPIPE ? 0 : number)
  }
}
