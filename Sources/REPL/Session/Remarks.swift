import Synchronization

/// Remarks of the library on the journal, beside its answers: during one command the same once.
final class Remarks: Sendable {
  private let said = Mutex<Set<String>>([])

  func say(_ text: String) {
    guard said.withLock({ $0.insert(text).inserted }) else { return }
    Console.complain("daybook: \(visible(text))")
  }

  /// Another command begins.
  func forget() { said.withLock { $0 = [] } }
}
