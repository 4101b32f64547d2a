import CEdit

/// The line editor that is linked.
package enum EditorLibrary {
  /// Such as `2.11`.
  package static var version: String { "\(LIBEDIT_MAJOR).\(LIBEDIT_MINOR)" }
}
