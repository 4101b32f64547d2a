import Domain
import HTTPTypes
import Testing

@testable import Daybook

/// A request as it is handed to whoever supplies the network.
@Suite struct ExchangeTests {
  private static let bounds = ExchangeBounds(
    connect: .seconds(1), total: .seconds(2), keptBytesMax: 3, readBytesMax: 4, mayCut: true)

  private func request(_ url: String, _ headers: [Header] = []) -> Request {
    Request(
      .post, url, headers: headers, body: [1, 2], reach: .callback, bounds: Self.bounds)
  }

  @Test(arguments: [
    ("https://a.example:8443/x%20y?z=1#w", "https", "a.example:8443", "/x%20y?z=1"),
    ("http://a.example?z", "http", "a.example", "/?z"),
    ("http://[::1]:80", "http", "[::1]:80", "/"),
  ])
  func `a URL is cut into the parts that HTTP sends`(
    url: String, scheme: String, authority: String, path: String
  ) throws {
    let made = try HTTPExchange(request(url)).request
    #expect(made.method == .post)
    #expect(made.scheme == scheme && made.authority == authority && made.path == path)
  }

  @Test func `fields keep their order, body and bounds come along`() throws {
    let headers = [Header("X-B", "1"), Header("X-A", "2"), Header("X-B", "3")]
    let made = try HTTPExchange(request("http://a.example/", headers))
    #expect(made.request.headerFields.map(\.name.rawName) == ["X-B", "X-A", "X-B"])
    #expect(made.request.headerFields.map(\.value) == ["1", "2", "3"])
    #expect(made.body == [1, 2] && made.isCallback && made.mayCut)
    #expect(made.connectTimeout == .seconds(1) && made.timeout == .seconds(2))
    #expect(made.keptBytesMax == 3 && made.readBytesMax == 4)
  }

  @Test(arguments: [Header("X A", "1"), Header("X-A", "1\r\nX-B: 2")])
  func `what no request can hold is a failure before anything is sent`(header: Header) {
    #expect(throws: HTTPFailure.self) {
      try HTTPExchange(request("http://a.example/", [header]))
    }
  }
}
