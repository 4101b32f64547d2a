/// The name nearest to a mistyped word, which was probably meant; nil where none is near.
///
/// Near means at most two insertions, deletions, substitutions or swaps of neighbours, and at most
/// a third of the word’s letters, or one. Of names equally near the first wins.
///
///     suggestion(for: "delivreies", among: ["deliver", "deliveries"])    // deliveries
///
/// Source of the measure: optimal string alignment, the restricted Damerau–Levenshtein distance.
package func suggestion(for word: String, among names: [String]) -> String? {
  let typed = Array(word.lowercased().unicodeScalars.prefix(64))
  var best: (name: String, distance: Int)?
  for name in names where name != word {
    let letters = Array(name.lowercased().unicodeScalars)
    guard abs(letters.count - typed.count) <= 2 else { continue }
    let distance = editDistance(typed, letters)
    guard distance <= min(2, max(1, typed.count / 3)) else { continue }
    if distance < best?.distance ?? Int.max { best = (name, distance) }
  }
  return best?.name
}

private func editDistance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
  var older: [Int] = []
  var previous = Array(0...right.count)
  for row in 0..<left.count {
    var current = [row + 1]
    for column in 0..<right.count {
      let change = previous[column] + (left[row] == right[column] ? 0 : 1)
      var cost = min(change, previous[column + 1] + 1, current[column] + 1)
      if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
        cost = min(cost, older[column - 1] + 1)
      }
      current.append(cost)
    }
    older = previous
    previous = current
  }
  return previous[right.count]
}
