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

  /// False where there is no `openssl` to serve.
  package static let isAvailable = (try? run("openssl", "version")) != nil

  /// - Parameters:
  ///   - options: More options of `openssl s_server`, with `cert.pem`, `key.pem` and `other.pem`, a
  ///     key of nobody’s, at hand.
  ///   - days: How long the certificate holds; 0: it has expired.
  package init(_ options: [String] = [], days: Int = 2) throws {
    folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    _ = try run(
      "openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
      "-keyout", "key.pem", "-out", "request.pem", "-subj", "/CN=localhost",
      "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", in: folder)
    _ = try run(
      "openssl", "x509", "-req", "-in", "request.pem", "-signkey", "key.pem", "-out", "cert.pem",
      "-days", "\(days)", "-copy_extensions", "copyall", in: folder)
    _ = try run(
      "openssl", "genpkey", "-algorithm", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-out",
      "other.pem", in: folder)
    let pipe = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments =
      [
        "openssl", "s_server", "-accept", "127.0.0.1:0", "-www", "-naccept", "16",
        "-cert", "cert.pem", "-key", "key.pem",
      ] + options
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
  package var certificateFile: String { path("cert.pem") }

  /// The path of one of its files.
  package func path(_ name: String) -> String { folder.appending(path: name).path }
}
