import Events
import RawJSON

/// Bodies as they are stored: JSON with sorted keys and plain slashes.
struct JSONBody: BodySource {
  let text: String

  func decode<Body: EventBody>(_ type: Body.Type) throws -> Body {
    try BodyDecoder.decode(Body.self, from: text)
  }

  /// The stored text of a body.
  static func text(of body: some EventBody) -> String {
    do {
      return try BodyEncoder.text(of: body)
    } catch {
      preconditionFailure("a \(type(of: body)) that JSON cannot hold: \(error)")
    }
  }

  /// A value that stands in a table as JSON; nil where it is of another shape.
  static func value<Value: Decodable>(_ text: String) -> Value? {
    try? BodyDecoder.decode(Value.self, from: text)
  }

  /// A JSON array of texts.
  static func array(_ words: [String]) -> String {
    String(decoding: JSON.array(words.map { .string($0) }).bytes(), as: UTF8.self)
  }
}

/// A body as its row will hold it.
struct StoredBody: Sendable {
  let type: String
  let revision: Int
  let text: String

  init(_ body: some EventBody) {
    type = Swift.type(of: body).type
    revision = Swift.type(of: body).revision
    text = JSONBody.text(of: body)
  }
}
