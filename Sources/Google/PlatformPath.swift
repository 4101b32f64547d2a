/// A configured `url` at the platform, cut into segments; its hub is left out, because the platform
/// pays no heed to it.
///
///     /hubs/general/calendars/primary/changed-events     calendars  primary  changed-events
///     /hubs/general/messages?where=q='in:inbox'          messages, and a query
///     /changed-groups                                    changed-groups
///
/// Source: the platform's own tests, which ask the same resource under any hub.
struct PlatformPath {
  /// As written, percent-encoded or not.
  let segments: [String]
  /// The text behind the first question mark.
  let query: String?

  init(_ url: String) {
    let halves = url.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    query = halves.count > 1 ? String(halves[1]) : nil
    var parts = halves[0].split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    if parts.first == "" { parts.removeFirst() }
    if parts.count > 2, parts[0] == "hubs" { parts.removeFirst(2) }
    segments = parts
  }

  /// An id that stands as a segment, decoded; nil where it cannot be one. Whatever is in it is
  /// percent-encoded where it is asked for.
  static func id(_ segment: String) -> String? {
    let id = percentDecoded(segment)
    // A dot or two as a segment would name another path, percent-encoded or not.
    guard !["", ".", ".."].contains(id), id.utf8.count <= GoogleLimits.idBytesMax else {
      return nil
    }
    return id
  }
}
