package import Foundation
import Glibc

/// A command that ended with another status than 0.
package struct CommandFailure: Error {
  let name: String
  let status: Int32
}

/// Runs a command of the system’s and gives what it prints to standard output.
///
/// Spawned and waited for by its own id: Foundation’s `waitUntilExit` spins for ever on Linux now
/// and then where several threads run processes.
package func run(_ name: String, _ arguments: String..., in folder: URL? = nil) throws -> Data {
  var ends: [Int32] = [0, 0]
  guard pipe(&ends) == 0 else { throw CommandFailure(name: name, status: errno) }
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
  posix_spawn_file_actions_addclose(&actions, ends[0])
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
  let place = folder.map { ["-C", $0.path] } ?? []
  var words: [UnsafeMutablePointer<CChar>?] =
    (["env"] + place + [name] + arguments).map { strdup($0) } + [nil]
  defer { for word in words { free(word) } }
  var process: pid_t = 0
  let code = posix_spawnp(&process, "env", &actions, nil, &words, environ)
  close(ends[1])
  defer { close(ends[0]) }
  guard code == 0 else { throw CommandFailure(name: name, status: code) }
  let output = readAll(ends[0])
  var status: Int32 = 0
  while waitpid(process, &status, 0) < 0 && errno == EINTR {}
  guard status == 0 else { throw CommandFailure(name: name, status: status >> 8) }
  return output
}

private func readAll(_ descriptor: Int32) -> Data {
  var bytes = Data()
  var buffer = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = read(descriptor, &buffer, buffer.count)
    if count > 0 {
      bytes.append(contentsOf: buffer[..<count])
    } else if count == 0 || errno != EINTR {
      return bytes
    }
  }
}
