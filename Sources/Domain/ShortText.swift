/// The beginning of a text, with `…` at its end where something was left out.
///
/// A character may be made of any number of code points, so bytes have a bound as well: eight for
/// each character.
///
/// - Parameter characters: At most so many, the `…` among them; 1 or more.
package func shortened(_ text: String, to characters: Int) -> String {
  precondition(characters >= 1, "a text is not shortened to \(characters) characters")
  let bytes = text.utf8.count
  if bytes <= characters { return text }
  guard bytes > 8 * characters || text.count > characters else { return text }
  let short = text.prefix(characters - 1)
  guard short.utf8.count > 8 * characters else { return short + "…" }
  return String(String.UnicodeScalarView(text.unicodeScalars.prefix(characters - 1))) + "…"
}
