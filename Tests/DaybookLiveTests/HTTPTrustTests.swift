import Domain
import Events
import TestSupport
import Testing

@testable import DaybookLive

/// Whom a TLS connection trusts, whom it shows itself to, and what a person is told of a failure.
@Suite(.timeLimit(.minutes(10)), .enabled(if: TLSServer.isAvailable, "there is no openssl here"))
struct HTTPTrustTests {
  private static let rules = AddressRules(allow: [.name("localhost")])

  private func failure(
    _ server: TLSServer, _ files: TLSFiles, _ request: Request
  ) async -> NetworkFailure? {
    await HTTPClient(rules: Self.rules, files: files).perform(request).failure
  }

  /// The sentence of a failure behind where it went to.
  private func reason(
    _ server: TLSServer, trusted: Bool = true, _ files: TLSFiles = TLSFiles()
  ) async -> String? {
    var files = files
    if trusted { files.authorities = server.certificateFile }
    let failure = await failure(server, files, .probe(server.port))
    #expect(failure?.kind == .tls)
    let prefix = "No trusted TLS connection to https://localhost:\(server.port): "
    #expect(failure?.text.hasPrefix(prefix) == true, "\(failure?.text ?? "none")")
    return failure.map { String($0.text.dropFirst(prefix.count)) }
  }

  @Test func `an authority that is given is trusted`() async throws {
    let server = try TLSServer()
    let trusting = HTTPClient(
      rules: AddressRules(), files: TLSFiles(authorities: server.certificateFile))
    for host in ["localhost", "127.0.0.1"] {
      let outcome = await trusting.perform(.page("https://\(host):\(server.port)/"))
      #expect(outcome.reply?.status == 200)
      let times = outcome.reply?.times
      #expect(times?.tls ?? 0 > times?.connect ?? .max)
    }
  }

  @Test func `an unknown authority is refused`() async throws {
    let server = try TLSServer()
    let client = HTTPClient(rules: AddressRules())
    let failure = await client.perform(.page("https://localhost:\(server.port)/?secret")).failure
    #expect(failure?.address == "127.0.0.1")
    #expect(failure?.text.contains("secret") == false)
    #expect(
      await reason(server, trusted: false)
        == "its certificate is signed by itself alone; DAYBOOK_CA_FILE can name it as trusted")
  }

  @Test func `a certificate for another name is refused`() async throws {
    let server = try TLSServer()
    let trusting = HTTPClient(
      rules: AddressRules(), files: TLSFiles(authorities: server.certificateFile))
    let failure = await trusting.perform(
      .page("https://example.com:\(server.port)/"),
      names: ["example.com:\(server.port):127.0.0.1"]
    ).failure
    #expect(failure?.kind == .tls)
    #expect(
      failure?.text
        == "No trusted TLS connection to https://example.com:\(server.port): its certificate is for"
        + " another name")
  }

  @Test func `a certificate that has expired is refused`() async throws {
    #expect(await reason(try TLSServer(days: 0)) == "its certificate has expired")
  }

  @Test func `a server that speaks nothing newer than TLS 1.1 is refused, one of 1.2 is not`()
    async throws
  {
    let old = try TLSServer(["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"])
    #expect(await reason(old) == "it does not speak TLS 1.2 or newer")
    let enough = try TLSServer(["-tls1_2"])
    let files = TLSFiles(authorities: enough.certificateFile)
    #expect(await failure(enough, files, .probe(enough.port)) == nil)
  }

  private static let asking = ["-Verify", "1", "-CAfile", "cert.pem", "-verify_return_error"]

  @Test(arguments: ["-tls1_2", "-tls1_3"])
  func `a receiver that wants a client certificate is shown it, and Google is not`(
    version: String
  ) async throws {
    let server = try TLSServer(Self.asking + [version])
    let files = TLSFiles(
      authorities: server.certificateFile, certificate: server.certificateFile,
      key: server.path("key.pem"))
    #expect(await failure(server, files, .probe(server.port)) == nil)
    let page = Request.page("https://localhost:\(server.port)/")
    #expect(await failure(server, files, page)?.kind == .tls)
    #expect(
      await reason(server)?.hasSuffix(
        "wants a client certificate; DAYBOOK_CLIENT_CERTIFICATE names one") == true
        || version == "-tls1_2")
  }

  @Test(arguments: ["other.pem", "missing.pem"])
  func `a certificate without its own key is told as that`(key: String) async throws {
    let server = try TLSServer(Self.asking)
    let files = TLSFiles(certificate: server.certificateFile, key: server.path(key))
    #expect(
      await reason(server, files)
        == "the client certificate cannot be used; DAYBOOK_CLIENT_CERTIFICATE and"
        + " DAYBOOK_CLIENT_KEY have to name a certificate in PEM and its own key, without a"
        + " passphrase")
  }

  @Test func `a file of authorities that cannot be read is named by its setting`() async throws {
    let server = try TLSServer()
    let failure = await failure(
      server, TLSFiles(authorities: server.path("key.pem")), .probe(server.port))
    #expect(failure?.kind == .tls)
    #expect(failure?.text.contains("DAYBOOK_CA_FILE") == true)
  }
}

extension Request {
  /// What asks as callbacks do, and is answered by `openssl s_server -www`.
  fileprivate static func probe(_ port: UInt16) -> Request {
    Request(.get, "https://localhost:\(port)/", reach: .callback, bounds: .answer(read: 1 << 20))
  }
}
