import HTTPTypes

/// The frame around what a page shows. Nothing in it runs, and nothing comes from elsewhere.
struct ConsolePage {
  let title: String
  let content: HTML
  var status = HTTPResponse.Status.ok
  /// nil where nobody has signed in.
  var session: ConsoleSessions.Session?

  /// What can be looked at, as the head of each page lists it.
  static let places = [
    "instances", "changes", "deliveries", "events", "notices", "callbacks", "cursors", "replays",
  ]

  var answer: Answer {
    var answer = Answer(
      status: status, type: "text/html; charset=utf-8", .bytes(Array(document.text.utf8)))
    // Forms go nowhere else, and no page of somebody else's may hold this one.
    answer.headers[.contentSecurityPolicy] =
      "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none';"
      + " frame-ancestors 'none'"
    answer.headers[.frameOptions] = "DENY"
    // The browser's Origin goes along with forms of this server alone.
    answer.headers[.referrerPolicy] = "same-origin"
    return answer
  }

  private var document: HTML {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>\(title) · Daybook</title>
    <link rel="stylesheet" href="/console/style.css">
    </head>
    <body>
    \(head)<main>
    <h1>\(title)</h1>
    \(content)
    </main>
    </body>
    </html>

    """
  }

  private var head: HTML {
    guard let session else { return "" }
    let links = Self.places.map { place -> HTML in
      "<a href=\"/console/\(place)\">\(place)</a>\n"
    }.joined()
    return """
      <header>
      <nav>
      \(links)</nav>
      <form method="post" action="/console/sign-out">
      <input type="hidden" name="form" value="\(session.formToken)">
      <button>sign out</button>
      </form>
      </header>

      """
  }

  static let style = """
    :root { color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif }
    body { margin: 0 }
    header { display: flex; gap: 1rem; align-items: center; justify-content: space-between;
      padding: .5rem 1rem; border-bottom: 1px solid #8886 }
    nav { display: flex; flex-wrap: wrap; gap: .25rem 1rem }
    main { padding: 0 1rem 2rem }
    h1 { font-size: 1.25rem }
    h2 { font-size: 1rem }
    table { border-collapse: collapse; display: block; overflow-x: auto }
    th, td { text-align: left; vertical-align: top; padding: .2rem .9rem .2rem 0;
      border-bottom: 1px solid #8883 }
    td.n { text-align: right; font-variant-numeric: tabular-nums }
    td, pre { overflow-wrap: anywhere }
    td.c { white-space: nowrap }
    pre { white-space: pre-wrap; padding: .6rem; border: 1px solid #8884 }
    .bad { color: #c22 } .warning { color: #a60 } .good { color: #282 } .faint { opacity: .65 }
    label { display: block; margin: .5rem 0 }
    input { font: inherit; width: 24rem; max-width: 100% }
    input[type=hidden] { display: none }

    """
}

extension HTTPField.Name {
  static let contentSecurityPolicy = known("Content-Security-Policy")
  static let frameOptions = known("X-Frame-Options")
  static let cookies = known("Cookie")
  static let setCookie = known("Set-Cookie")
  static let origin = known("Origin")
  static let forwardedProtocol = known("X-Forwarded-Proto")
}
