package import Domain

/// A request as the stand-ins see it, from a socket or made in memory.
package struct FakeRequest: Sendable, Equatable {
  package var method: String
  /// The request target as sent: percent-encoded, with its query, such as `/token?x=1`.
  package var path: String
  package var headers: [Header]
  package var body: [UInt8]

  package init(
    _ method: String = "GET", _ path: String, headers: [Header] = [], body: [UInt8] = []
  ) {
    self.method = method
    self.path = path
    self.headers = headers
    self.body = body
  }

  /// The first value of a header, its name compared without case.
  package func header(_ name: String) -> String? {
    let wanted = name.lowercased()
    return headers.first { $0.name.lowercased() == wanted }?.value
  }
}

/// The answer of a stand-in, and how its bytes should reach the caller.
package struct FakeAnswer: Sendable, Equatable {
  package var status: Int
  /// Without `Content-Length` and `Transfer-Encoding`, which follow from body and manner.
  package var headers: [Header]
  package var body: [UInt8]
  /// How long the answer is held back.
  package var delay: Duration
  package var manner: Manner

  package init(
    status: Int, headers: [Header] = [], body: [UInt8] = [], delay: Duration = .zero,
    manner: Manner = .plain
  ) {
    self.status = status
    self.headers = headers
    self.body = body
    self.delay = delay
    self.manner = manner
  }
}

/// The way from an answer to its reader; everything but `plain` is a fault.
package enum Manner: Sendable, Equatable {
  case plain
  /// The connection is reset and nothing is sent.
  case reset
  /// The connection is closed in order and nothing is sent.
  case close
  /// `Content-Length` tells the truth about the body, of which half comes before the close.
  case cut
  /// The body comes in slices of so many bytes, one after every interval.
  case drip(bytes: Int, every: Duration)
  /// The body, and then blanks until the reader leaves or the bound is reached.
  case endless
}

extension FakeAnswer {
  /// An answer of JSON.
  package static func json(_ status: Int, _ text: JSONText, headers: [Header] = []) -> FakeAnswer {
    let type = Header("Content-Type", "application/json; charset=UTF-8")
    return FakeAnswer(status: status, headers: [type] + headers, body: text.bytes)
  }

  /// A page of HTML with a title, as Google's front end answers.
  package static func html(_ status: Int, _ title: String) -> FakeAnswer {
    let page = "<!DOCTYPE html>\n<html lang=en>\n<title>\(title)</title>\n<p><b>\(status)</b>\n"
    return FakeAnswer(
      status: status, headers: [Header("Content-Type", "text/html; charset=UTF-8")],
      body: Array(page.utf8))
  }
}
