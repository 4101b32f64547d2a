import Domain
import EventStore
import Events
import RawJSON

/// A feed folded from its events in plain Swift, to be held against the tables that SQL folds.
struct FoldedFeed: Equatable {
  struct Object: Equatable {
    var revision: String
    var series: String?
    var isGone: Bool
  }

  var instance: InstanceID = 0
  var resource = ""
  var kind = ""
  var collection = ""
  var state = "open"
  var mode = "baseline"
  var cursor: String?
  var failures = 0
  var objects: [String: Object] = [:]
  /// What the last baseline found.
  var baseline: [String: Object] = [:]
  /// Where in the log.
  var baselinePosition: Int64 = 0

  /// Folds all feeds of a journal.
  ///
  /// - Parameter manifest: The bytes kept under a digest.
  static func fold(
    _ rows: [RecordedEvent], manifest: (String) async throws -> [UInt8]
  ) async throws -> [FeedID: FoldedFeed] {
    var feeds: [FeedID: FoldedFeed] = [:]
    for row in rows {
      switch try row.event() {
      case .feedOpened(let body):
        feeds[body.feed] = FoldedFeed(
          instance: body.instance, resource: body.resource, kind: body.collectionKind ?? "",
          collection: body.collection ?? "")
      case .feedClosed(let body):
        feeds[body.feed]?.state = "closed"
        feeds[body.feed]?.objects = [:]
      case .feedDisabled(let body): feeds[body.feed]?.state = "disabled"
      case .feedEnabled(let body):
        feeds[body.feed]?.state = "open"
        feeds[body.feed]?.failures = 0
      case .pollFailed(let body): feeds[body.feed]?.failures = body.failures
      case .cursorExpired(let body): feeds[body.feed]?.mode = "comparison"
      case .cursorReset(let body): feeds[body.feed]?.mode = body.mode.stored
      case .pollCompleted(let body):
        if body.mode.known == .baseline {
          var found: [String: Object] = [:]
          for digest in body.manifests { read(try await manifest(digest), into: &found) }
          feeds[body.feed]?.objects = found
          feeds[body.feed]?.baseline = found
          feeds[body.feed]?.baselinePosition = row.position
        }
        feeds[body.feed]?.mode = "changes"
        if let cursor = body.cursorAfter { feeds[body.feed]?.cursor = cursor }
        feeds[body.feed]?.failures = 0
      case .changeObserved(let body): feeds[body.feed]?.take(body)
      default: break
      }
    }
    return feeds
  }

  private mutating func take(_ change: ChangeObserved) {
    let isGone = change.kind == .deleted
    if isGone, change.series.map({ objects[$0] == nil }) ?? true {
      objects[change.object] = nil
      // A series takes its cancelled occurrences with it.
      objects = objects.filter { !($0.value.series == change.object && $0.value.isGone) }
    } else {
      objects[change.object] = Object(
        revision: change.revision, series: change.series, isGone: isGone)
    }
  }

  private static func read(_ manifest: [UInt8], into found: inout [String: Object]) {
    let items = (try? JSON.parse(manifest))?.elements ?? []
    for item in items.compactMap(\.elements) where item.count == 4 {
      guard let id = item[0].text, let revision = item[1].text else { continue }
      found[id] = Object(revision: revision, series: item[2].text, isGone: item[3].integer == 1)
    }
  }

  /// Its rows as `JournalDump` shows those of `objects`.
  func rows(of feed: FeedID) -> [String] {
    objects.map { id, object in
      let series = object.series.map { "3 \($0)" } ?? "5 "
      let isGone = object.isGone ? 1 : 0
      // No feed here names another field as the id.
      return "1 \(feed) | 3 \(id) | 3 \(object.revision) | \(series) | 1 \(isGone) | 5 "
    }
  }
}
