import ArgumentParser
import Daybook
import Events

struct SignatureCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "signature",
    abstract: "Changes and checks the keys that notifications are signed with.",
    subcommands: [Rotate.self, Verify.self])

  struct Rotate: SessionCommand {
    static let configuration = CommandConfiguration(
      commandName: "rotate",
      abstract: "Puts another signature key in place; both sign for a while.",
      discussion: """
        The key is made of 32 random bytes and printed this once, or read from a file. Until the \
        overlap ends, webhook-signature holds a signature by each key, so that receivers may \
        change over one by one; Elements-Webhook-Signature has room for the new one alone. \
        Keys of rotations before go on to their own ends, three at most.

        EXAMPLE
          daybook signature rotate 1 --overlap 24h
        """)

    @OptionGroup var shared: SharedOptions
    @Argument(help: InstanceID.help) var id: InstanceID
    @Option(help: "A file with the key, or - for standard input; without one a key is made.")
    var keyFile: InputFile?
    @Option(help: "How long the key before goes on signing, at most 7d.")
    var overlap: DurationText = "24h"

    var writes: Bool { true }

    @MainActor func perform(_ session: Session) async throws {
      guard let overlap = Duration(unit: overlap.text) else {
        throw Failure.usage("--overlap: \(visible(overlap.text)) is no duration such as 24h or 7d")
      }
      var key: String?
      if let keyFile {
        let bytes = try readInput(keyFile.text, most: 4_096)
        guard let text = String(validating: bytes, as: UTF8.self) else {
          throw Failure.failed(
            "\(visible(keyFile.text)): it is no text in UTF-8; give a key of bytes as whsec_ and"
              + " their base64")
        }
        key = text.trimmedBlanks
      } else {
        try session.checkOutput()
      }
      let id = try await session.instance(id)
      let rotated = try await session.writing().signatures.rotate(
        of: id, to: key, overlap: overlap)
      try await session.showOne([
        "instance": .integer(id), "key": key == nil ? .text(rotated.key) : .text("********"),
        "previousUntil": rotated.until.map { .moment($0) } ?? .null,
      ])
    }
  }

  struct Verify: SessionCommand {
    static let configuration = CommandConfiguration(
      commandName: "verify", abstract: "Checks a signature that a receiver got.",
      discussion: """
        The body is a file with the bytes as they came, before anything parses them. Exits with 1 \
        where a signature is not right, and says what is probably the cause.

        EXAMPLE
          daybook signature verify 1 --body body.json --header 'webhook-id: 42' --header \
        'webhook-timestamp: 1795424701' --header 'webhook-signature: v1,KcyTQjZ…'
        """)

    @OptionGroup var shared: SharedOptions
    @Argument(help: InstanceID.help) var id: InstanceID
    @Option(help: "A file with the body, or - for standard input.") var body: InputFile
    @Option(help: "A header as it came, NAME: VALUE.") var header: [FreeText]
    @Flag(help: "Pass over the age of webhook-timestamp.") var ignoreAge = false

    @MainActor func perform(_ session: Session) async throws {
      let headers = try header.map { text throws(Failure) in
        let parts = text.text.split(separator: ":", maxSplits: 1)
        guard parts.count == 2 else {
          throw .usage("--header: \(visible(text.text)) is not NAME: VALUE")
        }
        return (name: String(parts[0]).trimmedBlanks, value: String(parts[1]).trimmedBlanks)
      }
      let bytes = try readInput(body.text, most: 8 << 20)
      let rows = try await session.journal().signatures.verify(
        of: try await session.instance(id), body: bytes, headers: headers, isAgeIgnored: ignoreAge)
      guard !rows.isEmpty else {
        throw Failure.usage(
          "--header: none is a signature; give webhook-signature with webhook-id and"
            + " webhook-timestamp, or Elements-Webhook-Signature")
      }
      try await session.show(["header", "valid", "reason"], rows.map { Record($0) })
      let wrong = rows.filter { $0["valid"] == .flag(false) }
      if !wrong.isEmpty {
        throw Failure.failed(wrong.count == 1 ? "a signature is wrong" : "signatures are wrong")
      }
    }
  }
}
