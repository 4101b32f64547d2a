import ArgumentParser
import Daybook
import Events

struct RebuildCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "rebuild", abstract: "Builds the projections anew beside the old, and swaps.",
    discussion: """
      --check builds them elsewhere, compares, and changes nothing: rows, tables, indices, views, \
      triggers, and each table with its indices. What differs, a rebuild mends.

      EXAMPLE
        daybook rebuild --check
      """)

  static let answersAsOf = false

  @OptionGroup var shared: SharedOptions
  @Flag(help: "Compare, change nothing.") var check = false

  var writes: Bool { !check }

  @MainActor func perform(_ session: Session) async throws {
    if check {
      let differences = try await differences(session)
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
    let gauge = ProgressGauge()
    do {
      let folded = try await session.showing("rebuild", "event", gauge) {
        try await session.writing().rebuild { gauge.set($0) }
      }
      try await session.showOne(["events": .integer(folded), "ok": .boolean(true)])
    } catch DaybookError.cancelled {
      throw Failure.interrupted(gauge.value, "event", "`rebuild` goes on from there")
    }
  }

  @MainActor private func differences(_ session: Session) async throws -> [Row] {
    let gauge = ProgressGauge()
    do {
      return try await session.showing("rebuild --check", "event", gauge) {
        try await session.journal().rebuildDifferences { gauge.set($0) }
      }
    } catch DaybookError.cancelled {
      throw Failure.interrupted(gauge.value, "event", "nothing was changed")
    }
  }
}
