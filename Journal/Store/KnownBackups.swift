package import Events
import Glibc
import RawJSON

/// The backups that were made of a journal on this machine, in `<journal>.backups`: a line each
/// time.
///
///     {"backup":"/var/backups/daybook.backup","takenAtMs":1764000000000}
///
/// The file is a help for `forget` and no more: it can be taken away, and goes with no copy.
package struct KnownBackups {
  private let file: String

  package init(of journal: String) { file = journal + ".backups" }

  /// Notes a backup, by its whole path.
  ///
  /// Where it cannot be noted, the backup is whole all the same, and will not be named.
  package func add(_ path: String, at now: Moment) {
    guard let whole = realpath(path, nil) else { return }
    defer { free(whole) }
    let line: JSON = [
      "backup": .string(String(cString: whole)), "takenAtMs": .number(now.milliseconds),
    ]
    let descriptor = open(
      file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    let bytes = line.bytes() + [10]
    _ = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
  }

  /// Paths where a backup is still, each once; the latest first.
  package func paths() -> [String] {
    guard let lines = try? LineFile(file) else { return [] }
    var paths: [String] = []
    while let line = try? lines.next() {
      guard let path = (try? JSON.parse(Array(line)))?["backup"]?.text, access(path, F_OK) == 0
      else { continue }
      paths.removeAll { $0 == path }
      paths.insert(path, at: 0)
    }
    return paths
  }
}
