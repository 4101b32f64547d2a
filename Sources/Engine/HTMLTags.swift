/// Takes HTML out of a name: its tags and comments, not what stands between them.
///
///     <b>Sales</b> &amp; more       Sales &amp; more
///     <a href="x">Team</a>          Team
///     <INSTANCE_NAME>  a < b        stay: HTML has no such element
///
/// Only elements that HTML has are tags: a name in angle brackets is a placeholder that somebody
/// left, and is kept as given. Source: the platform’s own tests, whose instances lose their tags.
enum HTMLTags {
  /// The name without them; taken out again where what is left is a tag once more.
  static func removed(from name: String) -> String {
    var text = name
    while true {
      let shorter = once(text)
      if shorter.count == text.count { return text }
      text = shorter
    }
  }

  private static func once(_ text: String) -> String {
    var plain = ""
    var rest = Substring(text)
    while let start = rest.firstIndex(of: "<") {
      plain += rest[..<start]
      rest = rest[start...]
      if let end = end(of: rest) {
        rest = rest[end...]
      } else {
        plain += rest.prefix(1)
        rest = rest.dropFirst()
      }
    }
    return plain + rest
  }

  /// Where the tag or comment ends that a text begins with; nil where it begins with none.
  private static func end(of text: Substring) -> Substring.Index? {
    if text.hasPrefix("<!--") { return text.dropFirst(4).firstRange(of: "-->")?.upperBound }
    var inner = text.dropFirst()
    if inner.first == "/" { inner = inner.dropFirst() }
    let name = inner.prefix { $0.isASCII && ($0.isLetter || $0.isNumber) }
    guard elements.contains(name.lowercased()) else { return nil }
    inner = inner[name.endIndex...]
    guard let next = inner.first, next == ">" || next == "/" || next.isWhitespace else {
      return nil
    }
    var quote: Character?
    for place in inner.indices {
      let letter = inner[place]
      if let open = quote {
        if letter == open { quote = nil }
      } else if letter == "\"" || letter == "'" {
        quote = letter
      } else if letter == ">" {
        return inner.index(after: place)
      }
    }
    return nil
  }

  /// Source: HTML Living Standard, “Elements”, and “Non-conforming features”.
  private static let elements = Set(
    """
    a abbr acronym address applet area article aside audio b base basefont bdi bdo bgsound big
    blink blockquote body br button canvas caption center cite code col colgroup data datalist dd
    del details dfn dialog dir div dl dt em embed fieldset figcaption figure font footer form frame
    frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe img input ins isindex kbd keygen
    label legend li link listing main map mark marquee math menu menuitem meta meter nav nobr
    noembed noframes noscript object ol optgroup option output p param picture plaintext pre
    progress q rb rp rt rtc ruby s samp script search section select slot small source span strike
    strong style sub summary sup svg table tbody td template textarea tfoot th thead time title tr
    track tt u ul var video wbr xmp
    """.split(whereSeparator: \.isWhitespace).map(String.init))
}
