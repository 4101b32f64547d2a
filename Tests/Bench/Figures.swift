import Foundation

/// All rounds of all runs: ours, and those of the C programs under the same name.
struct Figures {
  private struct Key: Hashable {
    let run: String
    let metric: String
  }

  /// What is aimed at, as a part of what C reaches in the same minutes.
  private static let targets = [
    Key(run: "append.chain.full", metric: "append"): 0.8,
    Key(run: "group.full.64", metric: "append"): 0.5,
    Key(run: "read.scan_mmap", metric: "scan"): 0.35,
    Key(run: "fold.tables", metric: "rebuild"): 0.5,
    Key(run: "fold.follow", metric: "catch_up"): 0.8,
    Key(run: "fold.verify", metric: "verify"): 0.5,
  ]

  /// The aim of a run, whatever the size of what it works on: `fold.tables.60000`.
  private static func target(_ key: Key) -> Double? {
    let name = key.run.split(separator: ".").prefix(2).joined(separator: ".")
    return targets[key] ?? targets[Key(run: name, metric: key.metric)]
  }

  private var order: [Key] = []
  private var units: [Key: String] = [:]
  private var ours: [Key: [Double]] = [:]
  private var limits: [Key: [Double]] = [:]

  mutating func add(ours figure: Figure, _ run: String) {
    let key = Key(run: run, metric: figure.metric)
    if ours[key] == nil { order.append(key) }
    units[key] = figure.unit
    ours[key, default: []].append(figure.value)
  }

  mutating func add(limit value: Double, _ metric: String, _ run: String) {
    limits[Key(run: run, metric: metric), default: []].append(value)
  }

  /// One line a metric: the medians, ours beside the limit, and the ratio. Of what takes time, less
  /// is better, and the ratio is turned round, so that 1 always means as good as C.
  func table() -> String {
    var text = row(["run", "metric", "ours", "min", "max", "limit", "ratio", "target", "unit"])
    for key in order {
      let values = ours[key] ?? []
      let unit = units[key] ?? ""
      let limit = limits[key].map(median)
      let isCost = unit.hasPrefix("us") || unit.hasPrefix("bytes")
      let ratio = limit.map { isCost ? $0 / median(values) : median(values) / $0 }
      text += row([
        key.run, key.metric, plain(median(values)), plain(values.min() ?? 0),
        plain(values.max() ?? 0), limit.map(plain) ?? "-",
        ratio.map { String(format: "%.2f", $0) } ?? "-",
        Figures.target(key).map { String(format: "%.2f", $0) } ?? "-", unit,
      ])
    }
    return text
  }

  /// The medians as lines of run, metric and value, with tabs between.
  func lines() -> String {
    order.map { "\($0.run)\t\($0.metric)\t\(median(ours[$0] ?? []))\n" }.joined()
  }

  private func row(_ cells: [String]) -> String {
    let widths = [18, 9, 10, 10, 10, 10, 6, 6]
    var line = ""
    for (place, cell) in cells.enumerated() {
      guard place < widths.count else {
        line += cell
        break
      }
      let gap = String(repeating: " ", count: max(0, widths[place] - cell.count))
      line += (place < 2 ? cell + gap : gap + cell) + "  "
    }
    return line + "\n"
  }

  private func plain(_ value: Double) -> String {
    String(format: value < 100 ? "%.1f" : "%.0f", value)
  }

  private func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard let middle = sorted.dropFirst(sorted.count / 2).first else { return 0 }
    return sorted.count.isMultiple(of: 2) ? (middle + sorted[sorted.count / 2 - 1]) / 2 : middle
  }
}
