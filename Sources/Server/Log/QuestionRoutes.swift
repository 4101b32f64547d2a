import Daybook
import DaybookLive
import Events
import HTTPTypes
import RawJSON

/// Questions that are asked of the journal as a whole.
enum QuestionRoutes {
  static let all = [head, difference, sql, verify, checkRebuild, version]

  private static let head = Route(
    .get, "/daybook/v1/head", .client,
    "The last event: its position and the digest to be kept elsewhere and held against later.",
    answer: .json(.object(["position": .whole, "digest": .text, "recordedAt": .time]))
  ) { call in
    let row = try await call.journal.events.row(try await call.journal.head())
    return .json([
      "position": .number(row["position"]?.integer ?? 0),
      "digest": .string(row["digest"]?.string ?? ""),
      "recordedAt": .string(row["recordedAt"]?.moment?.rfc3339 ?? ""),
    ])
  }

  private static let difference = Route(
    .get, "/daybook/v1/diff", .owner,
    "What changed in instances, cursors and deliveries between two events.",
    parameters: [
      .query("from", .text, "The earlier position.", isRequired: true),
      .query("to", .text, "The later position.", isRequired: true),
    ], answer: .json(.list(of: .row(.difference)))
  ) { call in
    let start = try await call.required("from")
    let end = try await call.required("to")
    let rows = try await call.lookLong { journal in
      try await journal.difference(from: start, to: end)
    }
    let list = Rows()
    await list.add(rows)
    return .json(await list.json)
  }

  private static let sql = Route(
    .post, "/daybook/v1/sql", .owner,
    "Runs one SELECT over the journal and its tables, for 10 s and 10,000 rows at most.",
    parameters: [Filters.at], body: .form(["statement": .words], required: ["statement"]),
    answer: .json(.list(of: .anything))
  ) { call in
    let statement = try Form(call, ["statement"]).text("statement")
    let rows = BoundedRows()
    let world = call.site.world
    do {
      try await call.walk(try await Filters.journal(call)) { journal in
        try await within(ServerLimits.sqlTime, in: world) {
          try await journal.sql(statement) { _, batch in try await rows.add(batch) }
        }
      }
    } catch DaybookError.failed(let text) {
      throw Refusal(at: "statement", text)
    } catch DaybookError.damaged(let text) {
      // SQLite has one code for what is no SQL and for tables that it cannot read.
      throw Refusal(at: "statement", text)
    }
    return .json(await rows.json)
  }

  private static let verified = Schema.object([
    "events": Schema.whole.orNull, "head": Schema.whole.orNull, "digest": Schema.text.orNull,
    "ok": .flag, "problems": .list(of: .text),
    "removed": .list(of: .anything),
  ])

  private static let verify = Route(
    .post, "/daybook/v1/verify", .owner,
    "Walks the chain of digests and every invariant; `head` is P:HEX, kept elsewhere.",
    body: .form(["head": .words]), answer: .json(verified)
  ) { call in
    let kept = try keptHead(try Form(call, ["head"]).optionalText("head"))
    var found: VerifiedJournal?
    var problems: [String]
    do {
      found = try await call.walk(call.journal) { try await $0.verify(against: kept) }
      problems = found?.problems ?? []
    } catch let error as DaybookError where error.isDamage {
      problems = [error.description]
    }
    return .json([
      "events": found.map { .number($0.events) } ?? .null,
      "head": found.map { .number($0.head) } ?? .null,
      "digest": found.map { .string($0.digest) } ?? .null, "ok": .bool(problems.isEmpty),
      "problems": .array(problems.map { .string($0) }),
      "removed": .array((found?.removals ?? []).compactMap { try? JSON.parse($0.json) }),
    ])
  }

  private static func keptHead(
    _ text: String?
  ) throws(Refusal) -> (position: Int64, digest: String)? {
    guard let text else { return nil }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let position = Int64(parts[0]), position > 0, parts[1].count == 64,
      parts[1].allSatisfy({ $0.isASCII && $0.isHexDigit })
    else { throw Refusal(at: "head", "\(text) is not P:HEX with 64 digits") }
    return (position, String(parts[1]))
  }

  private static let checkRebuild = Route(
    .post, "/daybook/v1/rebuild/check", .owner,
    "Builds the tables made of the log elsewhere, and compares; changes nothing.",
    body: .form([:]),
    answer: .json(
      .object([
        "ok": .flag,
        "differences": .list(
          of: .object([
            "table": .text, "missing": .whole, "surplus": .whole, "example": .anything,
          ])),
      ]))
  ) { call in
    _ = try Form(call, [])
    let rows = try await call.walk(call.journal) { try await $0.rebuildDifferences() }
    let list = Rows()
    await list.add(rows)
    let isFine = await list.isEmpty
    return .json(
      Array("{\"ok\":\(isFine),\"differences\":".utf8) + (await list.json) + Array("}".utf8))
  }

  private static let version = Route(
    .get, "/daybook/v1/version", .client, "Versions of the program and its libraries.",
    answer: .json(
      .object(
        [
          "daybook": .text, "format": .whole, "sqlite": .text, "walResetFix": .flag,
          "libcurl": .text, "libedit": .text, "swift": .text,
        ], required: ["daybook", "format", "sqlite", "walResetFix", "libcurl"]))
  ) { call in
    var members = Members([
      ("daybook", .string(call.site.settings.version)), ("format", 0),
      ("sqlite", .string(Journal.sqliteVersion)), ("walResetFix", .bool(Journal.hasWALResetFix)),
      ("libcurl", .string(HTTPClient.libcurlVersion)),
    ])
    for (name, version) in call.site.settings.versions { members[name] = .string(version) }
    return .json(.object(members))
  }
}

extension Call {
  /// A position that has to be in the query.
  fileprivate func required(_ name: String) async throws -> Int64 {
    guard let text = query[name] else { throw Refusal(at: name, "is missing") }
    return try await position(text, at: name)
  }
}

/// Rows of an answer that has a bound.
private actor BoundedRows {
  private var list: [UInt8] = []
  private var count = 0

  /// - Throws: `Trouble` for more than an answer holds.
  func add(_ rows: [Row]) throws -> Bool {
    for row in rows {
      list += (list.isEmpty ? "[\n" : ",\n").utf8
      list += row.json
      count += 1
      guard count <= ServerLimits.sqlRowsMax, list.count <= ServerLimits.sqlBytesMax else {
        throw Refusal(
          .tooLarge,
          "an answer has at most \(ServerLimits.sqlRowsMax) rows and \(ServerLimits.sqlBytesMax)"
            + " bytes; add a LIMIT", at: "statement")
      }
    }
    return !Task.isCancelled
  }

  var json: [UInt8] { list.isEmpty ? Array("[]\n".utf8) : list + "\n]\n".utf8 }
}

/// Does something, and stops it where it takes too long.
private func within(
  _ most: Duration, in world: World, _ work: @escaping @Sendable () async throws -> Void
) async throws {
  try await withThrowingTaskGroup(of: Bool.self) { group in
    group.addTask {
      try await work()
      return true
    }
    group.addTask {
      await world.sleep(most)
      return false
    }
    defer { group.cancelAll() }
    guard try await group.next() == true else {
      // Whoever asked went away, or the server stops.
      try Task.checkCancellation()
      throw Refusal(
        .tooLarge, "it took longer than \(most.wholeMilliseconds / 1_000) s", at: "statement")
    }
  }
}
