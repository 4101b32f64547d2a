import Foundation

/// Reads a JSON object, by another reader than the one under test.
func parsed(_ json: String) throws -> [String: Any] {
  try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any] ?? [:]
}

/// The bytes of a JSON object.
func bytes(_ object: [String: Any]) throws -> [UInt8] {
  Array(try JSONSerialization.data(withJSONObject: object))
}
