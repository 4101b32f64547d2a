import ArgumentParser
import Daybook
import Events

struct ProveCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "prove", abstract: "Shows to others that an event stands in the log.",
    discussion: """
      Prints one JSON object, to be kept in a file: the event, of a delivery also the bytes that \
      were sent and answered, and the hashes that lead from it to the signed head. Nothing else of \
      the log can be learned from it. docs/check_proof.py checks it without Daybook.

      EXAMPLE
        daybook prove head
      """)

  @OptionGroup var shared: SharedOptions
  @Argument(help: EventPlace.help) var position: EventPlace
  @Option(
    help: """
      Also show that the log continues an earlier head: P, P:HEX, or a file of `head --sign`.
      """)
  var since: HeadText?
  @Flag(help: "Show digests of bytes only, not the bytes.") var withoutBytes = false

  @MainActor func perform(_ session: Session) async throws {
    let position = try await session.position(position.text, flag: "prove")
    var earlier: EarlierHead?
    if let since = since?.text { earlier = try EarlierHead(typed: since, flag: "--since") }
    let proof = try await session.journal().proofs.prove(
      position, since: earlier, hasBytes: !withoutBytes)
    if session.output == .auto { session.output = .json }
    try await session.showOne(Record(proof))
  }
}
