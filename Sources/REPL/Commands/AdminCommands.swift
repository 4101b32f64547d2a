import ArgumentParser
import Daybook
import Events

struct SQLCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "sql", abstract: "Read-only SQL over the journal and its projections.",
    discussion: "EXAMPLE\n  daybook sql 'SELECT type, count(*) AS n FROM events GROUP BY type'")

  @OptionGroup var shared: SharedOptions
  @Argument(help: "One SELECT.") var statement: String

  @MainActor func perform(_ session: Session) async throws {
    let journal = try session.journal()
    let names = try await journal.columns(of: statement)
    try await session.show(names) { write in
      // The next rows are read when those before are printed.
      try await journal.sql(statement) { @MainActor _, rows in
        for row in rows { try write(Record(row)) }
        return !Task.isCancelled
      }
    }
  }
}

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
  @Option(help: "A position and its digest: P:HEX.") var head: String?

  @MainActor func perform(_ session: Session) async throws {
    var kept: (position: Int64, digest: String)?
    if let head {
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

struct RebuildCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "rebuild", abstract: "Builds the projections anew beside the old, and swaps.",
    discussion: """
      --check builds them elsewhere, compares, and changes nothing: rows, tables, indices, views, \
      triggers, and each table with its indices. What differs, a rebuild mends.

      EXAMPLE
        daybook rebuild --check
      """)

  @OptionGroup var shared: SharedOptions
  @Flag(help: "Compare, change nothing.") var check = false

  @MainActor func perform(_ session: Session) async throws {
    if check {
      let differences = try await session.journal().rebuildDifferences()
      let texts = differences.map { found -> String in
        let table = quotedJSON(found["table"]?.string ?? "")
        let (missing, surplus) = (found["missing"]?.integer ?? 0, found["surplus"]?.integer ?? 0)
        let example = found["example"]?.string ?? "null"
        return #"{"table":\#(table),"missing":\#(missing),"#
          + #""surplus":\#(surplus),"example":\#(example)}"#
      }.joined(separator: ",")
      try await session.showOne([
        "ok": .boolean(differences.isEmpty), "differences": .json("[\(texts)]"),
      ])
      guard differences.isEmpty else {
        var names: [String] = []
        for name in differences.compactMap({ $0["table"]?.string }) where !names.contains(name) {
          names.append(name)
        }
        throw Failure.failed(
          "the projections differ from the log (\(visible(names.joined(separator: ", "))));"
            + " `daybook rebuild` mends them")
      }
      return
    }
    let folded = try await session.writing().rebuild()
    try await session.showOne(["events": .integer(folded), "ok": .boolean(true)])
  }
}

struct CallbackCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "callback", abstract: "Which URLs take deliveries.",
    subcommands: [List.self, Enable.self, Disable.self])

  struct List: SessionCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "Lists callbacks.",
      discussion: "EXAMPLE\n  daybook callback list")

    @OptionGroup var shared: SharedOptions

    @MainActor func perform(_ session: Session) async throws {
      try await session.report(session.journal().callbacks)
    }
  }

  struct Enable: SessionCommand {
    static let configuration = CommandConfiguration(
      commandName: "enable", abstract: "Lets a URL take deliveries again; what is held is due.",
      discussion: "EXAMPLE\n  daybook callback enable https://example.com/hook")

    @OptionGroup var shared: SharedOptions
    @Argument(help: "The URL.") var url: String
    @Option(help: "Why.") var reason = "asked"

    @MainActor func perform(_ session: Session) async throws {
      guard try await session.journal().callbacks.knows(url) else {
        throw Failure.failed(
          "no instance names \(visible(url)), and no delivery goes there; `callback list` shows what"
            + " there is")
      }
      try await session.writing().callbacks.enable(url, reason: reason)
      session.remark("\(url) takes deliveries")
    }
  }

  struct Disable: SessionCommand {
    static let configuration = CommandConfiguration(
      commandName: "disable", abstract: "Holds what would go to a URL.",
      discussion: "EXAMPLE\n  daybook callback disable https://example.com/hook")

    @OptionGroup var shared: SharedOptions
    @Argument(help: "The URL.") var url: String
    @Option(help: "Why.") var reason = "asked"

    @MainActor func perform(_ session: Session) async throws {
      do throws(Refusal) {
        _ = try CallbackURL(url)
      } catch {
        throw Failure.failed("\(visible(url)): \(error.text)")
      }
      try await session.writing().callbacks.disable(url, reason: reason)
      session.remark("what would go to \(url) is held")
    }
  }
}
