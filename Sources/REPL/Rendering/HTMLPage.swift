/// The frame of a page for a browser: no network, no script, nothing beside the file itself, and
/// the page forbids itself to load anything.
enum HTMLPage {
  /// The page up to its heading, which is open text of ours and of others, escaped here.
  static func beginning(_ title: String, style: String) -> String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <meta http-equiv="Content-Security-Policy"
      content="default-src 'none'; style-src 'unsafe-inline'">
    <meta name="generator" content="daybook">
    <title>\(escaped(title))</title>
    <style>
    \(style)
    </style>
    </head>
    <body>
    <h1>\(escaped(title))</h1>

    """
  }

  static let end = "</body>\n</html>\n"

  /// Text that a browser shows and does not obey; controls and marks that turn text around are
  /// written out as on a terminal.
  static func escaped(_ text: String) -> String {
    var result = ""
    result.append(visible(text)) { scalar in
      switch scalar {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      case "\"": "&quot;"
      case "'": "&#39;"
      default: nil
      }
    }
    return result
  }
}
