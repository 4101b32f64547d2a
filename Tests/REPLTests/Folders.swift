import Foundation

/// Runs with an empty folder, which is removed with what is in it.
func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let manager = FileManager.default
  let folder = manager.temporaryDirectory.appendingPathComponent("daybook-\(UUID())").path
  try manager.createDirectory(atPath: folder, withIntermediateDirectories: false)
  defer { try? manager.removeItem(atPath: folder) }
  return try body(folder)
}
