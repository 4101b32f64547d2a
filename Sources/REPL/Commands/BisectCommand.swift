import ArgumentParser
import Daybook
import Events

struct BisectCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "bisect",
    abstract: "The first event at which the answer of a SELECT turns.",
    discussion: """
      Asks as of fewer and fewer events, halving each time, from --after to --before: the whole \
      log where they are left out. The answer as of --before has to be another than as of \
      --after; where it turns more than once, one of the turns is found. What reads `payloads` or \
      `main.events` answers as of now, and turns nowhere.

      EXAMPLE
        daybook bisect 'SELECT count(*) > 0 FROM changes'
      """)

  @OptionGroup var shared: SharedOptions
  @Argument(help: "One SELECT.") var statement: [FreeText]
  @Option(parsing: .unconditional, help: "Where the answer is the old one still; default 1.")
  var after: EventPlace?
  @Option(parsing: .unconditional, help: "Where it is the new one; default the last event.")
  var before: EventPlace?

  func validate() throws {
    if statement.isEmpty { throw ValidationError("give it one SELECT") }
  }

  @MainActor func perform(_ session: Session) async throws {
    let text = statement.map(\.text).joined(separator: " ")
    var low: Int64 = 1
    if let after { low = try await session.position(after.text, flag: "--after") }
    var high = try await session.position(before?.text ?? "head", flag: "--before")
    guard low < high else {
      throw Failure.usage("--after: \(low) does not come before \(high)")
    }
    var search = AnswerSearch(session: session, statement: text)
    let old = try await search.answer(at: low)
    var new = try await search.answer(at: high)
    guard old != new else {
      throw Failure.failed(
        "the answer is the same as of \(low) and as of \(high); --after and --before name other"
          + " places")
    }
    let gauge = ProgressGauge()
    try await session.showing("bisect", "look", gauge) {
      while high - low > 1 {
        let middle = low + (high - low) / 2
        let answer = try await search.answer(at: middle)
        gauge.set(WorkProgress(done: Int64(search.looks)))
        if answer == old { low = middle } else { (high, new) = (middle, answer) }
      }
    }
    var row = try await session.presentJournal().events.glance(high)
    for (name, value) in [
      ("before", Field.json(old.json)), ("after", .json(new.json)),
      ("looks", .integer(Int64(search.looks))),
    ] {
      row.names.append(name)
      row.values.append(value)
    }
    try await session.showOne(Record(row))
    session.remark("found in \(counted(search.looks, "look"))")
  }
}

/// Answers of one SELECT as of several events.
@MainActor
private struct AnswerSearch {
  let session: Session
  let statement: String
  /// How often it was asked.
  var looks = 0

  /// Rows compared at most: what is longer is better counted by the statement itself.
  static let rowsMax = 10_000

  /// The rows of an answer, in order.
  struct Answer: Equatable {
    var rows: [Row] = []
    /// At most the first twenty, as an array of JSON.
    var json: String {
      let texts = rows.prefix(20).map { String(decoding: $0.json, as: UTF8.self) }
      return "[\(texts.joined(separator: ","))]"
    }
  }

  mutating func answer(at position: Int64) async throws -> Answer {
    try Task.checkCancellation()
    looks += 1
    let journal = try await session.presentJournal().at(position)
    let collected = RowBox()
    try await journal.sql(statement) { @MainActor _, rows in
      collected.rows += rows
      return collected.rows.count <= Self.rowsMax
    }
    guard collected.rows.count <= Self.rowsMax else {
      throw Failure.failed(
        "the answer as of \(position) has more than \(grouped(Self.rowsMax)) rows; have the statement"
          + " count or narrow them down")
    }
    return Answer(rows: collected.rows)
  }
}

/// Rows gathered by a closure.
@MainActor
private final class RowBox {
  var rows: [Row] = []
}
