import Domain
import Events
import TestSupport
import Testing

@testable import DaybookLive

/// Whom a TLS connection trusts.
@Suite(.timeLimit(.minutes(1))) struct HTTPTrustTests {
  private let server: TLSServer
  private let trusting: HTTPClient

  init() throws {
    server = try TLSServer()
    trusting = HTTPClient(rules: AddressRules(), extraCAFile: server.certificateFile)
  }

  @Test func `an authority that is given is trusted`() async {
    for host in ["localhost", "127.0.0.1"] {
      let outcome = await trusting.perform(.page("https://\(host):\(server.port)/"))
      #expect(outcome.reply?.status == 200)
      let times = outcome.reply?.times
      #expect(times?.tls ?? 0 > times?.connect ?? .max)
    }
  }

  @Test func `an unknown authority is refused`() async {
    let client = HTTPClient(rules: AddressRules())
    let failure = await client.perform(.page("https://localhost:\(server.port)/?secret")).failure
    #expect(failure?.kind == .tls)
    #expect(failure?.address == "127.0.0.1")
    #expect(
      failure?.text.hasPrefix("No trusted TLS connection to https://localhost:\(server.port): ")
        == true)
    #expect(failure?.text.contains("secret") == false)
  }

  @Test func `a certificate for another name is refused`() async {
    let failure = await trusting.perform(
      .page("https://example.com:\(server.port)/"),
      names: ["example.com:\(server.port):127.0.0.1"]
    ).failure
    #expect(failure?.kind == .tls)
  }
}
