import Domain
import GoogleFake
import TestSupport
import Testing

/// One answer of a batch, as a client takes it apart.
private struct BatchAnswer: Equatable {
  var id: String?
  var status: String
  var body: String
}

extension GoogleSession {
  /// A batch with `boundary` "x", its parts as a client writes them.
  fileprivate mutating func batch(
    _ parts: [String], path: String = "/batch", type: String = "multipart/mixed; boundary=\"x\"",
    lineEnd: String = "\r\n"
  ) -> FakeAnswer {
    var lines: [String] = []
    for (place, part) in parts.enumerated() {
      lines += ["--x", "Content-Type: application/http", "Content-ID: <a + \(place)>", "", part]
    }
    lines += ["--x--", ""]
    let body = lines.joined(separator: "\n").split(
      separator: "\n", omittingEmptySubsequences: false
    )
    .joined(separator: lineEnd)
    return send("POST", path, body, headers: [Header("Content-Type", type)])
  }
}

private func answers(in whole: FakeAnswer) throws -> [BatchAnswer] {
  let type = try #require(whole.headers.first { $0.name == "Content-Type" }?.value)
  let boundary = try #require(type.split(separator: "=").last)
  let text = String(decoding: whole.body, as: UTF8.self)
  try #require(text.hasSuffix("--\(boundary)--\r\n"))
  return try text.components(around: "--\(boundary)\r\n").dropFirst().map { part in
    let pieces = part.components(around: "\r\n\r\n")
    try #require(pieces.count >= 3 && pieces[0].hasPrefix("Content-Type: application/http\r\n"))
    let id = pieces[0].components(around: "Content-ID: ").dropFirst().first
    let status = try #require(pieces[1].components(around: "\r\n").first)
    return BatchAnswer(id: id, status: status, body: pieces[2])
  }
}

extension String {
  fileprivate func components(around separator: String) -> [String] {
    split(separator: separator, omittingEmptySubsequences: false).map(String.init)
  }
}

private let profile = "GET /gmail/v1/users/me/profile HTTP/1.1\nAccept: application/json\n"

@Suite struct FakeBatchTests {
  @Test(arguments: ["\n", "\r\n"])
  func `each request of a batch is answered by itself, in their order`(lineEnd: String) throws {
    var session = try GoogleSession()
    let label = "{\"name\":\"Team\"}"
    let whole = session.batch(
      [
        profile, "GET /gmail/v1/users/me/messages/0123456789abcdef HTTP/1.1\n",
        "POST /gmail/v1/users/me/labels HTTP/1.1\nContent-Type: application/json\n\n\(label)",
        "GET /gmail/v1/users/me/labels HTTP/1.1\n",
      ], lineEnd: lineEnd)
    #expect(whole.status == 200)
    let found = try answers(in: whole)
    #expect(found.map(\.id) == (0..<4).map { "<response-a + \($0)>" })
    #expect(
      found.map(\.status) == [
        "HTTP/1.1 200 OK", "HTTP/1.1 404 Not Found", "HTTP/1.1 200 OK", "HTTP/1.1 200 OK",
      ])
    #expect(found[0].body.contains("team@example.com"))
    #expect(found[3].body.contains("Team"))
  }

  @Test func `a part has the whole's authorization unless it brings its own`() throws {
    var session = try GoogleSession()
    let own = "GET /gmail/v1/users/me/profile HTTP/1.1\nAuthorization:\n Bearer none\n"
    let found = try answers(in: session.batch([profile, own]))
    #expect(found.map(\.status) == ["HTTP/1.1 200 OK", "HTTP/1.1 401 Unauthorized"])
  }

  @Test func `a fault strikes one request of a batch, and a reset the whole`() throws {
    var session = try GoogleSession()
    let refusal = FakeFault.refuse(
      status: 403, reason: "userRateLimitExceeded", retryAfter: nil, message: nil)
    session.google.faults.add(.init(refusal, path: "/gmail/"))
    let found = try answers(in: session.batch([profile, profile]))
    #expect(found.map(\.status) == ["HTTP/1.1 403 Forbidden", "HTTP/1.1 200 OK"])
    session.google.faults.add(.init(.delay(.seconds(2)), path: "/gmail/"))
    session.google.faults.add(.init(.resetAfter, path: "/gmail/"))
    let whole = session.batch([profile, profile, profile])
    #expect(whole.delay == .seconds(2) && whole.manner == .reset)
  }

  @Test func `an endpoint takes its own service, and no batch within a batch`() throws {
    var session = try GoogleSession()
    let list = "GET /calendar/v3/calendars/primary/events HTTP/1.1\n"
    let nested = "POST /batch HTTP/1.1\n"
    func statuses(_ path: String) throws -> [String] {
      try answers(in: session.batch([profile, list, nested], path: path)).map {
        String($0.status.split(separator: " ")[1])
      }
    }
    #expect(try statuses("/batch") == ["200", "200", "404"])
    #expect(try statuses("/batch/gmail/v1") == ["200", "404", "404"])
    #expect(try statuses("/batch/calendar/v3") == ["404", "200", "404"])
    #expect(session.batch([profile], path: "/batch/drive/v3").status == 404)
  }

  @Test func `a batch has a bound, and has to be one`() throws {
    var session = try GoogleSession()
    let many = Array(repeating: profile, count: 101)
    #expect(session.batch(many).status == 400)
    #expect(try answers(in: session.batch(Array(many.dropFirst()))).count == 100)
    #expect(session.batch(Array(many.prefix(51)), path: "/batch/calendar/v3").status == 400)
    #expect(session.batch([]).status == 400)
    #expect(session.batch([profile], type: "application/json").status == 400)
    #expect(session.batch([profile], type: "multipart/mixed").status == 400)
    #expect(session.batch([profile], type: "multipart/mixed; boundary=y").status == 400)
    #expect(session.batch(["profile"]).status == 400)
  }
}
