import ArgumentParser
import Daybook

struct VerifyCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Walks the chain of digests and every invariant.",
    discussion: """
      --head holds the journal against a head kept elsewhere, which shows also what was cut off or \
      rewritten.

      EXAMPLE
        daybook verify
      """)

  @OptionGroup var shared: SharedOptions
  @Option(help: "A position and its digest: P:HEX.") var head: FreeText?

  @MainActor func perform(_ session: Session) async throws {
    var kept: (position: Int64, digest: String)?
    if let head = head?.text {
      let parts = head.split(separator: ":")
      guard parts.count == 2, let position = Int64(parts[0]), parts[1].count == 64,
        parts[1].allSatisfy({ $0.isASCII && $0.isHexDigit })
      else { throw Failure.usage("--head: \(visible(head)) is not P:HEX with 64 digits") }
      kept = (position, String(parts[1]))
    }
    var found: VerifiedJournal?
    var problems: [String]
    var obstacle: DaybookError?
    do {
      found = try await session.journal().verify(against: kept)
      problems = found?.problems ?? []
    } catch let error as DaybookError where error.isDamage {
      // So much is wrong that the walk does not come to its end.
      problems = [error.description]
      obstacle = error
    }
    let list = problems.map { quotedJSON($0) }.joined(separator: ",")
    try await session.showOne([
      "events": found.map { .integer($0.events) } ?? .null,
      "head": found.map { .integer($0.head) } ?? .null,
      "digest": found.map { .text($0.digest) } ?? .null, "ok": .boolean(problems.isEmpty),
      "problems": .json("[\(list)]"),
    ])
    if let obstacle { throw obstacle }
    if !problems.isEmpty {
      throw Failure.failed("\(problems.count) problems; see problems above")
    }
  }
}
