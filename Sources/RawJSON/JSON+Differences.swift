/// A part of a JSON value that is other in a later version of it.
///
///     field                            before      after
///     start.dateTime                   "…T09:00"   "…T10:00"
///     attendees[1].responseStatus      "tentative" "accepted"
///     extendedProperties["a.b"]        nil         "new"
package struct JSONDifference: Sendable, Equatable {
  /// Names between dots, places in brackets; a name that is no plain word stands in brackets and
  /// quotes. Empty for the whole value.
  package var field: String
  /// nil where it was not there.
  package var before: JSON?
  /// nil where it is there no longer.
  package var after: JSON?

  package init(_ field: String, _ before: JSON?, _ after: JSON?) {
    self.field = field
    self.before = before
    self.after = after
  }
}

extension JSON {
  /// Finds every part of a value that is other in another one, down to what is no object or array
  /// of both.
  ///
  /// Members are compared by name, in the order of the earlier version and then of the later one.
  /// Of arrays, elements that are the same at the beginning and at the end are passed over; those
  /// between are compared by place, and what is left over was added or removed. Texts are compared
  /// byte for byte and numbers by their digits: what was written in another way is other.
  ///
  /// - Returns: Nothing where the two are equal.
  package static func differences(from before: JSON, to after: JSON) -> [JSONDifference] {
    var comparison = JSONComparison()
    comparison.compare(before, after, at: "")
    return comparison.found
  }
}

/// A walk through two values side by side, as deep as both go.
private struct JSONComparison {
  var found: [JSONDifference] = []

  mutating func compare(_ before: JSON, _ after: JSON, at path: String) {
    switch (before, after) {
    case (.object(let old), .object(let new)): compare(old, new, at: path)
    case (.array(let old), .array(let new)): compare(old, new, at: path)
    case _ where before == after: break
    default: found.append(JSONDifference(path, before, after))
    }
  }

  private mutating func compare(_ before: Members, _ after: Members, at path: String) {
    let old = Self.byName(before)
    let new = Self.byName(after)
    for member in before {
      let place = Self.path(path, member.name)
      if let value = new[Array(member.name.utf8)] {
        compare(member.value, value, at: place)
      } else {
        found.append(JSONDifference(place, member.value, nil))
      }
    }
    for member in after where old[Array(member.name.utf8)] == nil {
      found.append(JSONDifference(Self.path(path, member.name), nil, member.value))
    }
  }

  private mutating func compare(_ before: [JSON], _ after: [JSON], at path: String) {
    let least = min(before.count, after.count)
    let start = (0..<least).first { before[$0] != after[$0] } ?? least
    let end =
      (0..<least - start).first { before[before.count - 1 - $0] != after[after.count - 1 - $0] }
      ?? least - start
    let old = start..<before.count - end
    let new = start..<after.count - end
    for place in start..<max(old.upperBound, new.upperBound) {
      let field = "\(path)[\(place)]"
      switch (old.contains(place), new.contains(place)) {
      case (true, true): compare(before[place], after[place], at: field)
      case (true, false): found.append(JSONDifference(field, before[place], nil))
      case (false, true): found.append(JSONDifference(field, nil, after[place]))
      case (false, false): break
      }
    }
  }

  /// By bytes: in Swift `é` in one code point equals `é` in two.
  private static func byName(_ members: Members) -> [[UInt8]: JSON] {
    Dictionary(members.map { (Array($0.name.utf8), $0.value) }, uniquingKeysWith: { $1 })
  }

  private static func path(_ path: String, _ name: String) -> String {
    let isPlain = !name.isEmpty && name.utf8.allSatisfy(isPlain)
    guard isPlain else { return "\(path)[\(quoted(name))]" }
    return path.isEmpty ? name : "\(path).\(name)"
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
      UInt8(ascii: "$"):
      true
    // Letters of other alphabets need no quotes.
    case 0x80...: true
    default: false
    }
  }
}
