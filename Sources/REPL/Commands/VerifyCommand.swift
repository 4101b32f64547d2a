import ArgumentParser
import Daybook
import Events

struct VerifyCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Walks the chain of digests and every invariant.",
    discussion: """
      --head holds the journal against a head kept elsewhere, which shows also what was cut off or \
      rewritten. Bytes that were removed by `forget`, `prune` or the settings are no problem: \
      `removed` says which, when and why.

      EXAMPLE
        daybook verify
      """)

  static let answersAsOf = false

  @OptionGroup var shared: SharedOptions
  @Option(help: "A position and its digest, P:HEX, or a file that `head --sign` printed.")
  var head: HeadText?

  @MainActor func perform(_ session: Session) async throws {
    var kept: (position: Int64, digest: String)?
    var note: EarlierHead?
    if let head = head?.text {
      let earlier = try EarlierHead(typed: head, flag: "--head")
      guard let digest = earlier.digest else {
        throw Failure.usage("--head: \(visible(head)) has no digest; use P:HEX with 64 digits")
      }
      kept = (earlier.position, digest)
      if earlier.checkpoint != nil { note = earlier }
    }
    var found: VerifiedJournal?
    var problems: [String]
    var obstacle: DaybookError?
    let gauge = ProgressGauge()
    do {
      found = try await session.showing("verify", "event", gauge) { [kept] in
        try await session.journal().verify(against: kept) { gauge.set($0) }
      }
      problems = found?.problems ?? []
    } catch DaybookError.cancelled {
      throw Failure.interrupted(gauge.value, "event", "nothing is kept of it: `verify` begins anew")
    } catch let error as DaybookError where error.isDamage {
      // So much is wrong that the walk does not come to its end.
      problems = [error.description]
      obstacle = error
    }
    // A note says more than the digest: whose log it is, and the root over all that came before.
    if let note, problems.isEmpty {
      do {
        try await session.journal().proofs.check(note)
      } catch let error as DaybookError {
        problems = [error.description]
      }
    }
    // One that is damaged may not tell.
    let lineage = try? await session.journal().lineage()
    let list = problems.map { quotedJSON($0) }.joined(separator: ",")
    let removals = (found?.removals ?? []).map { String(decoding: $0.json, as: UTF8.self) }
    try await session.showOne([
      "events": found.map { .integer($0.events) } ?? .null,
      "head": found.map { .integer($0.head) } ?? .null,
      "digest": found.map { .text($0.digest) } ?? .null, "ok": .boolean(problems.isEmpty),
      "problems": .json("[\(list)]"), "removed": .json("[\(removals.joined(separator: ","))]"),
      "lineage": lineage.map { .text($0.name) } ?? .null,
    ])
    if let obstacle { throw obstacle }
    if !problems.isEmpty {
      throw Failure.failed("\(counted(problems.count, "problem")); see problems above")
    }
  }
}
