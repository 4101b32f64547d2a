import HTTPTypes

extension Call {
  /// The one of these media types that the caller likes best; the first where it says nothing.
  ///
  /// - Throws: `Trouble` where it takes none of them.
  func form(of offered: [String]) throws(Trouble) -> String {
    guard let accept = request.headerFields[.accept] else { return offered[0] }
    let ranges = accept.split(separator: ",").compactMap(MediaRange.init)
    let rated = offered.enumerated().map { place, type in
      (type: type, place: place, quality: MediaRange.quality(of: type, in: ranges))
    }
    let best = rated.filter { $0.quality > 0 }
      .max { ($0.quality, -$0.place) < ($1.quality, -$1.place) }
    guard let best else {
      throw Trouble(
        .notAcceptable, "notAcceptable", "this is served as \(offered.joined(separator: " or "))")
    }
    return best.type
  }
}

/// A range of media types with how much it is liked. Source: RFC 9110, §12.5.1.
private struct MediaRange {
  let type: Substring
  let subtype: Substring
  let quality: Double

  init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ";").map { Substring($0.filter { $0 != " " }) }
    guard let names = parts.first?.split(separator: "/"), names.count == 2 else { return nil }
    type = names[0]
    subtype = names[1]
    let rating = parts.dropFirst().first { $0.hasPrefix("q=") }
    quality = rating.flatMap { Double($0.dropFirst(2)) } ?? 1
  }

  /// The rating by the range that says most of a type.
  static func quality(of type: String, in ranges: [MediaRange]) -> Double {
    let names = type.split(separator: "/")
    let fitting = ranges.filter { range in
      (range.type == "*" || range.type == names[0])
        && (range.subtype == "*" || range.subtype == names[1])
    }
    func detail(_ range: MediaRange) -> Int {
      (range.type == "*" ? 0 : 1) + (range.subtype == "*" ? 0 : 1)
    }
    return fitting.max { detail($0) < detail($1) }?.quality ?? 0
  }
}
