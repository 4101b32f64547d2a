import Glibc

/// The person's browser.
enum Browser {
  /// Starts what `$BROWSER` names, with an address as its last argument; without it, nothing.
  ///
  /// It is a command for `sh`, as `$PAGER` is. Its output goes nowhere, and nobody waits for it.
  static func open(_ url: String, _ environment: [String: String]) {
    guard let browser = environment["BROWSER"], !browser.isEmpty else { return }
    let command = "\(browser) \"$1\" </dev/null >/dev/null 2>&1 &"
    guard let shell = spawnShell(command, [url], environment: environment, input: 0) else { return }
    // The shell ends at once, and leaves the browser behind.
    while waitpid(shell, nil, 0) < 0, errno == EINTR {}
  }
}
