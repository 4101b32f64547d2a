/// Versions of the program and of the compiler that made it.
package enum Version {
  /// The program’s own version.
  package static let daybook = "0.1.0"
  #if swift(>=6.3)
    package static let swift = "6.3"
  #else
    package static let swift = "6.2"
  #endif
}
