import Domain
import EventStore
import Events
import RawJSON

extension Journal.Polls {
  /// One JSON object for each thing that an instance polls, in the order in which they were opened;
  /// what is configured no longer has none.
  ///
  ///     {"id":3,"elementInstanceId":7,"objectName":"changed-groups","status":"open",
  ///      "cursor":"CAAQ…","lastPollDate":"2026-11-23T09:05:00Z",
  ///      "nextPollDate":"2026-11-23T09:20:00Z","failures":0,"reason":null}
  ///
  /// `status` is `open`, `disabled` after too many failures, or `unsupported`; dates and cursor are
  /// null where there is none.
  ///
  /// - Throws: `refused` where there is no such instance.
  public func records(of instance: Int64) async throws(DaybookError) -> [String] {
    try await translated {
      _ = try await InstanceObject.row(InstanceID(instance), from: journal.reader())
      var part = Selection()
      part.instance = instance
      let rows = try await journal.cursors.rows(part)
      return rows.filter { $0["state"] != .text("closed") }.map { row in
        func text(_ name: String) -> JSON { row[name]?.string.map { .string($0) } ?? .null }
        func number(_ name: String) -> JSON { .number(row[name]?.integer ?? 0) }
        func date(_ name: String) -> JSON {
          row[name]?.moment.map { .string($0.isoSeconds) } ?? .null
        }
        let record: JSON = [
          "id": number("feed"), "elementInstanceId": .number(instance),
          "objectName": text("resource"), "status": text("state"), "cursor": text("cursor"),
          "lastPollDate": date("movedAt"), "nextPollDate": date("nextAt"),
          "failures": number("failures"), "reason": text("reason"),
        ]
        return String(decoding: record.bytes(), as: UTF8.self)
      }
    }
  }
}
