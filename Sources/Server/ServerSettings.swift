package import Daybook

/// How the HTTP API is served.
package struct ServerSettings: Sendable {
  /// The address that is listened on.
  package var host: String
  /// 0: any that is free.
  package var port: Int
  /// Names by which a proxy passes requests on.
  package var outsideHosts: [String]
  /// Secrets that are kept elsewhere, in place of those that the journal keeps.
  package var secrets: [ClientSecret: String]
  /// Streams open at once.
  package var streamsMax = ServerLimits.streamsMax
  /// For which a stream may say nothing.
  package var silence = ServerLimits.streamSilence
  /// This program, such as `0.4.0`.
  package var version: String
  /// Versions of what it is made of beside, by name.
  package var versions: [(name: String, version: String)] = []

  package init(
    host: String = "127.0.0.1", port: Int = 8_080, outsideHosts: [String] = [],
    secrets: [ClientSecret: String] = [:], version: String
  ) {
    self.host = host
    self.port = port
    self.outsideHosts = outsideHosts
    self.secrets = secrets
    self.version = version
  }

  package var isLoopback: Bool { HostRule.isLoopback(host) }
}
