import ArgumentParser
import Daybook
import Events
import Glibc
import RawJSON

/// An authorization on this machine, and the instance that comes of it.
struct ConnectCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "connect",
    abstract: "Connects a Google account through the browser, and creates an instance.",
    discussion: """
      Prints an address to open in a browser on this machine, and waits until Google sends the \
      browser back. $BROWSER, where it is set, is started with the address. The client is one for \
      desktop apps, from Google's console. Its secret is asked for on a terminal, or read from a \
      file: the secret alone, or the JSON that the console gives.

      EXAMPLE
        daybook connect googlesuite --client-id ID --callback https://example.com/
      """)

  @OptionGroup var shared: SharedOptions
  @Argument(help: "What to connect to: googlesuite.") var element: ElementName
  @Option(help: "The id of the client.") var clientId: FreeText
  @Option(help: "A file with the client's secret, or - for standard input.")
  var clientSecretFile: InputFile?
  @Option(help: "Where notifications go.") var callback: CallbackAddress
  @Option(
    parsing: .upToNextOption,
    help: "What to watch, such as changed-groups; all four where nothing is named.")
  var resource: [ResourceKey] = []
  @Option(help: "Minutes between two polls; 15 where nothing is said.") var interval: Int?
  @Option(help: "The name of the instance.") var name: FreeText?
  @Option(help: "How long to wait for the browser, at most 1h.") var `for`: DurationText = "5m"

  /// How long anybody waits for a browser.
  private static let waitMax = Duration.seconds(3_600)
  /// Bytes of the console's JSON, which has some hundred.
  private static let secretFileBytesMax = 64 << 10
  /// Bytes of a client's secret; Google's have 35.
  private static let secretBytesMax = 1_024

  func validate() throws {
    guard element.text == "googlesuite" else {
      throw ValidationError("there is no element \(visible(element.text)); use googlesuite")
    }
  }

  var writes: Bool { true }

  @MainActor func perform(_ session: Session) async throws {
    let most = `for`.text
    guard let wait = Duration(unit: most), wait > .zero, wait <= Self.waitMax else {
      throw Failure.usage("--for: \(visible(most)) is no duration such as 30s or 5m, at most 1h")
    }
    let form = ConnectForm(
      clientID: clientId.text, callback: callback.text, resources: resource.map(\.text),
      intervalMinutes: interval, name: name?.text)
    try session.checkOutput()
    // Once before anybody is asked for anything.
    let instances = try session.writing().instances
    _ = try await instances.connect(form, secret: "to come", port: 1)
    let secret = try await secret(session)
    var begun: Connecting?
    let redirect = try await session.extra.redirect(within: wait) { port in
      let connecting = try await instances.connect(form, secret: secret, port: port)
      begun = connecting
      Console.complain("Open this address in a browser on this machine:\n\(connecting.url)")
      Browser.open(connecting.url, session.settings.environment)
      return { connecting.read($0) }
    }
    guard let begun, let agreement = try agreement(redirect) else { return }
    try await session.showCreated(try await begun.finish(agreement))
  }

  /// Names the resources that are not watched.
  ///
  /// - Throws: `Failure` with status 5 where there are any.
  static func tell(leftOut resources: [String]) throws(Failure) {
    guard !resources.isEmpty else { return }
    throw .partly(
      "not watched, because what they need was not granted: "
        + resources.map { visible($0) }.joined(separator: ", "))
  }

  private func agreement(
    _ redirect: Connecting.Redirect?
  ) throws(Failure) -> Connecting.Agreement? {
    switch redirect {
    case .agreed(let agreement): return agreement
    case .refused("access_denied"):
      throw .failed("the authorization was refused; nothing was created")
    case .refused(let reason):
      throw .failed("Google refused the authorization: \(reason); nothing was created")
    case nil, .elsewhere, .foreign:
      throw .failed("no browser came back within \(visible(`for`.text)); nothing was created")
    }
  }

  @MainActor private func secret(_ session: Session) async throws -> String {
    let bytes: [UInt8]
    if let clientSecretFile = clientSecretFile?.text, clientSecretFile != "-" || isatty(0) == 0 {
      bytes = try readInput(clientSecretFile, most: Self.secretFileBytesMax)
    } else {
      bytes = Array(try await session.askSecret("The client's secret: ").utf8)
    }
    return try ConnectCommand.secret(bytes)
  }

  /// The secret alone, or within the JSON that Google's console gives:
  ///
  ///     {"installed": {"client_id": "…", "client_secret": "…", …}}
  static func secret(_ bytes: [UInt8]) throws(Failure) -> String {
    var secret = String(decoding: bytes, as: UTF8.self).trimmedBlanks
    if secret.hasPrefix("{") {
      let json = try? JSON.parse(bytes)
      let client = json?["installed"] ?? json?["web"]
      secret = client?["client_secret"]?.text ?? ""
    }
    guard (1...secretBytesMax).contains(secret.utf8.count),
      secret.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else {
      throw .failed(
        "the client's secret has to be one word, or the JSON that Google's console gives")
    }
    return secret
  }
}
