package import Foundation

/// A command that ended with another status than 0.
package struct CommandFailure: Error {
  let name: String
  let status: Int32
}

/// Runs a command of the system’s and gives what it prints to standard output.
package func run(_ name: String, _ arguments: String..., in folder: URL? = nil) throws -> Data {
  let process = Process()
  let pipe = Pipe()
  process.executableURL = URL(filePath: "/usr/bin/env")
  process.arguments = [name] + arguments
  process.currentDirectoryURL = folder
  process.standardOutput = pipe
  process.standardError = FileHandle.nullDevice
  try process.run()
  let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
  process.waitUntilExit()
  guard process.terminationStatus == 0 else {
    throw CommandFailure(name: name, status: process.terminationStatus)
  }
  return output
}
