import Foundation

/// A server that speaks TLS on loopback, with a certificate that nobody else trusts.
///
/// The `openssl` command serves; it answers any page with status 200. The certificate is for
/// `localhost` and 127.0.0.1.
package final class TLSServer {
  package let port: UInt16
  private let folder: URL
  private let process = Process()

  /// Why there is no server.
  package struct Failure: Error { let output: String }

  package init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    _ = try run(
      "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
      "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "2", "-subj", "/CN=localhost",
      "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", in: folder)
    let pipe = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "openssl", "s_server", "-accept", "127.0.0.1:0", "-www", "-naccept", "16",
      "-cert", "cert.pem", "-key", "key.pem",
    ]
    process.currentDirectoryURL = folder
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    // It says where it listens: ACCEPT 127.0.0.1:42617
    var output = ""
    while !output.contains("ACCEPT") || !output.hasSuffix("\n") {
      let bytes = pipe.fileHandleForReading.availableData
      output += String(decoding: bytes, as: UTF8.self)
      if bytes.isEmpty { throw Failure(output: output) }
    }
    let digits = output.reversed().dropFirst().prefix { $0.isNumber }.reversed()
    guard let port = UInt16(String(digits)) else { throw Failure(output: output) }
    self.port = port
  }

  deinit {
    if process.isRunning { process.terminate() }
    // A folder left behind in the temporary one does no harm.
    try? FileManager.default.removeItem(at: folder)
  }

  /// The certificate, which is its own authority.
  package var certificateFile: String { folder.appending(path: "cert.pem").path }
}
