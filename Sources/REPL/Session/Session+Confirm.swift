import Glibc

extension Session {
  /// True where a person is there to be asked.
  var canAsk: Bool { editor != nil || (isatty(0) == 1 && isatty(1) == 1) }

  /// Asks once before something is done that cannot be taken back.
  ///
  ///     instance 1 (Team): 3 feeds close, 2 pending deliveries are skipped, …
  ///     Delete instance 1? [y/N]
  ///
  /// - Parameters:
  ///   - isAgreed: True where `--yes` stands for the answer; it needs a reason beside it.
  ///   - act: Imperative, as it begins the question: `Delete instance 1`.
  ///   - word: What is to be typed in full; nil: `y` or `yes` do.
  ///   - otherwise: The message where the answer is another.
  ///   - consequences: A line each; they are looked for only where a person is asked.
  /// - Throws: `Failure` 4 where there is nobody to ask and no `--yes --reason TEXT`.
  func confirm(
    _ act: String, isAgreed: Bool = false, reason: ReasonText? = nil, typing word: String? = nil,
    otherwise: String = "nothing was done",
    _ consequences: () async throws -> [String]
  ) async throws {
    if isAgreed {
      guard reason.given != nil else { throw Failure.answerNeeded("--yes needs --reason TEXT") }
      return
    }
    guard canAsk else {
      throw Failure.answerNeeded(
        "\(act.prefix(1).lowercased())\(act.dropFirst()): this needs a confirmation;"
          + " --yes --reason TEXT gives it")
    }
    for line in try await consequences() { remark(line) }
    let question = word.map { "Type \(visible($0)) to go on: " } ?? "\(visible(act))? [y/N] "
    let answer = try await ask(question).trimmedBlanks
    let isYes = word.map { answer == $0 } ?? ["y", "yes"].contains(answer.lowercased())
    guard isYes else { throw Failure.failed(otherwise) }
  }
}

/// A number of things in words: `1 delivery`, `2 deliveries`.
func counted(_ count: some BinaryInteger, _ one: String, _ many: String? = nil) -> String {
  "\(grouped(count)) \(count == 1 ? one : many ?? one + "s")"
}

/// A number with its thousands apart: `188,746`.
func grouped(_ number: some BinaryInteger) -> String {
  let digits = Array(String(number.magnitude))
  var text = number < 0 ? "-" : ""
  for (place, digit) in digits.enumerated() {
    if place > 0, (digits.count - place) % 3 == 0 { text += "," }
    text.append(digit)
  }
  return text
}
