/// Figures in Prometheus’ text format, version 0.0.4.
///
///     # HELP daybook_attempts_total Attempts to deliver, by the class of the answer.
///     # TYPE daybook_attempts_total counter
///     daybook_attempts_total{class="2xx",outcome="succeeded"} 12
///
/// Source: Prometheus, “Exposition formats” and “Metric and label naming”.
struct MetricsText {
  enum Kind: String { case counter, gauge, histogram }

  static let type = "text/plain; version=0.0.4; charset=utf-8"

  private(set) var text = ""

  /// Adds one name with its samples, in an order that is always the same.
  mutating func add(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
    guard !samples.isEmpty else { return }
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    let lines = samples.map { "\(name)\($0.suffix)\($0.labels) \($0.value)\n" }
    text += (kind == .histogram ? lines : lines.sorted()).joined()
  }

  mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: some Numeric) {
    add(name, kind, help, [Sample(value)])
  }

  struct Sample {
    let suffix: String
    let labels: String
    let value: String

    /// - Parameter labels: Names and values; values may be any text.
    init(
      _ value: some Numeric, _ labels: KeyValuePairs<String, String> = [:], suffix: String = ""
    ) {
      self.suffix = suffix
      self.value = "\(value)"
      let pairs = labels.map { "\($0.key)=\"\(Sample.escaped($0.value))\"" }
      self.labels = pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}"
    }

    private static func escaped(_ text: String) -> String {
      text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
  }
}
