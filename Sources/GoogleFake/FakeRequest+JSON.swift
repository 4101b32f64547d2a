import Domain

extension FakeRequest {
  /// A request with a body of JSON.
  package static func json(_ method: String, _ path: String, _ body: String) -> FakeRequest {
    FakeRequest(
      method, path, headers: [Header("Content-Type", "application/json")], body: Array(body.utf8))
  }
}
