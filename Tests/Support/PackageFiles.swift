import Foundation

/// The folder with Package.swift, above this file.
package func packageFolder(from file: String = #filePath) -> String? {
  var folder = URL(filePath: file)
  while folder.path != "/" {
    folder.deleteLastPathComponent()
    let manifest = folder.appending(path: "Package.swift").path
    if FileManager.default.fileExists(atPath: manifest) { return folder.path }
  }
  return nil
}

package func contents(of folder: String) throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: folder)
}

package func text(of file: String) throws -> String {
  try String(contentsOfFile: file, encoding: .utf8)
}
