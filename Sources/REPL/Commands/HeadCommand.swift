import ArgumentParser
import Daybook
import Events

struct HeadCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "head", abstract: "Shows the last event and its digest, or signs them.",
    discussion: """
      Kept elsewhere, a head shows later whether the log still is what it was. --sign prints a \
      note with the root of the Merkle tree over all digests, signed by a key beside the \
      journal; `verify --head` and `prove --since` read it. --rotate-key makes another \
      signing key and signs with both, once, in a note that is also kept in \
      <journal>.signing.notes; the key that seals secrets is another one, which \
      `key rotate` changes. docs/proofs.md has the form.

      EXAMPLE
        daybook head --sign
      """)

  @OptionGroup var shared: SharedOptions
  @Flag(help: "Print the head as a signed note.") var sign = false
  @Flag(help: "Make another signing key, and sign with both.") var rotateKey = false

  var writes: Bool { rotateKey }

  @MainActor func perform(_ session: Session) async throws {
    guard sign || rotateKey else {
      return try await session.showOne(Record(try await session.journal().proofs.head()))
    }
    if rotateKey { try session.checkOutput() }
    let journal = try rotateKey ? session.writing() : session.journal()
    let signed =
      try await rotateKey ? journal.proofs.rotateKey() : journal.proofs.sign()
    switch session.output {
    case .json, .jsonl, .csv, .line, .markdown:
      let keys = signed.verifiers.map { quotedJSON($0) }.joined(separator: ",")
      try await session.showOne([
        "position": .integer(signed.checkpoint.size), "digest": .text(signed.checkpoint.digest),
        "journal": .text(signed.checkpoint.journal), "note": .text(signed.note),
        "verifiers": .json("[\(keys)]"),
      ])
    case .auto, .table:
      // The note is what is kept, byte by byte.
      Console.say(String(signed.note.dropLast()))
      for verifier in signed.verifiers {
        session.remark("\(verifier) is the public key that checks it")
      }
    }
  }
}

extension EarlierHead {
  /// Reads a head as it was typed: `P`, `P:HEX`, or the path of a signed note.
  init(typed text: String, flag: String) throws(Failure) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    if let position = Int64(parts[0]), position > 0, parts.count <= 2 {
      let digest = parts.count == 2 ? String(parts[1]) : nil
      if let digest, digest.count != 64 || !digest.allSatisfy({ $0.isASCII && $0.isHexDigit }) {
        throw .usage("\(flag): \(visible(text)) is not P:HEX with 64 digits")
      }
      self.init(position: position, digest: digest)
      return
    }
    let bytes: [UInt8]
    do {
      bytes = try readInput(text, most: 65_536)
    } catch {
      throw .usage(
        "\(flag): \(visible(text)) is neither P:HEX with 64 digits nor a file that `head --sign`"
          + " printed: \(error.message)")
    }
    guard let checkpoint = Checkpoint(note: String(decoding: bytes, as: UTF8.self)) else {
      throw .failed("\(flag): \(visible(text)) is no note of `head --sign`")
    }
    self.init(checkpoint)
  }
}
