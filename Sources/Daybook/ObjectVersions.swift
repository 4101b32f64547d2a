import EventStore
import Events
import RawJSON

/// Versions of an object: their bytes, and what is other in one than in the one before.
struct ObjectVersions: Sendable {
  let reader: JournalReader

  /// A change as JSON to be shown.
  struct Told: Sendable {
    /// The object’s bytes; nil where there never were any, or they are not kept.
    var object: String?
    /// `[{"field":"start.dateTime","before":…,"after":…}]`; nil where nothing can be compared.
    var differences: String?
    /// Why nothing is compared, where that is not plain.
    var note: String?
  }

  /// The row of an event with `object`, `differences` and `note` where it is a change.
  func added(to row: Row) async throws(JournalError) -> Row {
    guard let position = row["position"]?.integer, case .changeObserved(let body)? = row.event
    else { return row }
    let told = try await told(position, body)
    return row.adding("object", Field(json: told.object))
      .adding("differences", Field(json: told.differences)).adding("note", Field(text: told.note))
  }

  /// The row of a change by the columns of `RowTable.history`.
  func version(_ change: Row) async throws(JournalError) -> Row {
    let position = change["position"]?.integer ?? 0
    let (event, deliveries) = try await reader.read { snapshot throws(JournalError) in
      (try snapshot.event(at: position), try snapshot.deliveries(telling: position))
    }
    var told = Told()
    if case .changeObserved(let body)? = try event?.event() {
      told = try await self.told(position, body)
    }
    let list = deliveries.map { String(decoding: $0.json, as: UTF8.self) }
    return [
      "position": .integer(position),
      "recordedAt": event.map { .moment($0.recordedAt) } ?? .null,
      "date": change["date"] ?? .null, "eventType": change["eventType"] ?? .null,
      "title": change["title"] ?? .null, "changes": Field(json: told.differences),
      "deliveries": .json("[\(list.joined(separator: ","))]"), "note": Field(text: told.note),
      "instance": change["instance"] ?? .null, "resource": change["resource"] ?? .null,
      "objectId": change["objectId"] ?? .null,
    ]
  }
}

extension ObjectVersions {
  private static let unknownBefore =
    "the state before this first change is not in the log: a baseline keeps which objects there"
    + " are, and not what they hold"

  private func told(
    _ position: Int64, _ body: ChangeObserved
  ) async throws(JournalError) -> Told {
    try await reader.read { snapshot throws(JournalError) in
      let bytes = try snapshot.kept(body.item)
      var told = Told(object: bytes.flatMap(Self.nested))
      guard let bytes else {
        told.note =
          body.item == nil
          ? "it was found missing, and the provider gave no bytes of it"
          : "the bytes of this version are no longer kept"
        return told
      }
      guard let before = try snapshot.version(before: position, body), !before.isDeletion else {
        if body.kind != .created { told.note = Self.unknownBefore }
        return told
      }
      guard let old = try snapshot.kept(before.item) else {
        told.note = "the bytes of the version before, \(before.position), are no longer kept"
        return told
      }
      told.differences = Self.differences(from: old, to: bytes)
      if told.differences == nil { told.note = "the bytes of the two versions are no JSON" }
      return told
    }
  }

  /// The bytes as JSON, where they are some.
  private static func nested(_ bytes: [UInt8]) -> String? {
    var scanner = JSONScanner(bytes)
    guard (try? scanner.value()) != nil, (try? scanner.end()) != nil else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func differences(from before: [UInt8], to after: [UInt8]) -> String? {
    guard let before = try? JSON.parse(before), let after = try? JSON.parse(after) else {
      return nil
    }
    let list = JSON.array(
      JSON.differences(from: before, to: after).map { difference in
        [
          "field": .string(difference.field), "before": difference.before ?? .null,
          "after": difference.after ?? .null,
        ]
      })
    return String(decoding: list.bytes(), as: UTF8.self)
  }
}

extension JournalSnapshot {
  /// The bytes under a digest; nil where there is none, or they are not kept any more.
  fileprivate func kept(_ digest: String?) throws(JournalError) -> [UInt8]? {
    guard let digest else { return nil }
    do throws(JournalError) {
      return try payload(digest)
    } catch .noPayload {
      return nil
    }
  }
}

extension Field {
  /// Null where there is no JSON.
  init(json: String?) { self = json.map { .json($0) } ?? .null }
}
