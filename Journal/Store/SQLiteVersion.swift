import CSQLite

/// Which SQLite is linked.
package enum SQLiteVersion {
  /// Such as `3.40.1`.
  package static var text: String { String(cString: sqlite3_libversion()) }

  /// True with the fix of the bug by which a checkpoint that meets a writer can lose commits.
  ///
  /// Source: sqlite.org/wal.html, section 11: fixed in 3.51.3, 3.50.7 and 3.44.6.
  package static var hasResetFix: Bool {
    let number = sqlite3_libversion_number()
    return number >= 3_051_003 || (3_050_007..<3_051_000).contains(number)
      || (3_044_006..<3_045_000).contains(number)
  }
}
