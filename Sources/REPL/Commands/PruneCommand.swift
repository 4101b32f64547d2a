import ArgumentParser
import Daybook
import Events

struct PruneCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune",
    abstract: "Removes old bytes that only people need; a dry run unless --execute.",
    discussion: """
      Kinds are pages (of polls), items (objects; pages and bodies that are put together of \
      them go with them), bodies (of notifications), requests (header fields that were sent) \
      and responses (answers). Events, digests and what deciding needs stay, and so does what \
      is still to be delivered; `verify` says what was removed. On a terminal it asks; \
      elsewhere it needs --yes and --reason.

      EXAMPLE
        daybook prune --kind pages,responses --older-than 90d
      """)

  static let answersAsOf = false

  @OptionGroup var shared: SharedOptions
  @Option(help: "pages, items, bodies, requests, responses: one or more, with commas.")
  var kind: EvidenceKinds
  @Option(help: "Only what was recorded longer ago, such as 90d.") var olderThan: DurationText
  @Flag(help: "Remove, instead of telling what would be removed.") var execute = false
  @OptionGroup var consent: ConsentOptions

  var writes: Bool { execute }

  @MainActor func perform(_ session: Session) async throws {
    let kinds = try kind.kinds()
    guard let age = Duration(unit: olderThan.text) else {
      throw Failure.usage(
        "--older-than: \(visible(olderThan.text)) is no duration such as 12h or 90d")
    }
    let before = session.world.now() - age
    let choice = RemovalChoice.aged(kinds, before: before)
    let plan = try await session.journal().retention.plan(choice)
    guard execute else {
      try await session.showRemoval(plan, isExecuted: false)
      return session.remarkDryRun(plan)
    }
    try await session.confirm(
      "Remove \(kind.text) recorded before \(before.rfc3339)", isAgreed: consent.yes,
      reason: consent.reason
    ) { [session.consequence(plan)] }
    let done = try await session.writing().retention.remove(choice, reason: consent.reason.given)
    try await session.showRemoval(done, isExecuted: true)
  }
}

/// Kinds of evidence with commas between them.
struct EvidenceKinds: TextOperand {
  static let kind = OperandKind.words(EvidenceKind.allCases.map(\.rawValue))
  let text: String

  func kinds() throws(Failure) -> [EvidenceKind] {
    var kinds: [EvidenceKind] = []
    for name in text.split(separator: ",").map({ String($0).trimmedBlanks }) {
      guard let kind = EvidenceKind(rawValue: name) else {
        let known = EvidenceKind.allCases.map(\.rawValue).joined(separator: ", ")
        throw .usage("--kind: there is no kind \(visible(name)); there are \(known)")
      }
      if !kinds.contains(kind) { kinds.append(kind) }
    }
    guard !kinds.isEmpty else { throw .usage("--kind: name one or more") }
    return kinds
  }
}
