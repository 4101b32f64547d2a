package import Domain
import RawJSON

// Single objects, and resources that are one object: they are only read, and no poll watches them.

extension GoogleSuite {
  /// The id is the last segment, behind the path of its list.
  ///
  ///     /hubs/general/groups/4ae1     /hubs/general/calendars/primary/events/7v2k
  package func object(atURL url: String) -> (collection: Collection, id: String)? {
    let path = PlatformPath(url)
    guard let id = path.segments.last.flatMap(PlatformPath.id) else { return nil }
    let list = path.segments.dropLast().joined(separator: "/")
    return collection(resource: "", url: "/\(list)").map { ($0, id) }
  }

  /// A GET of a resource that is one object; nil for any other.
  ///
  ///     /hubs/general/calendars/primary     /hubs/general/profile     /hubs/general/vacations
  ///
  /// Source: the platform’s own tests of its connector for the names; Calendar and Gmail API
  /// references.
  package func wholeRequest(atURL url: String, token: String) -> Request? {
    let path = PlatformPath(url)
    switch path.segments {
    case ["profile"]: return get("\(gmailURL)/profile", token: token)
    case ["vacations"]: return get("\(gmailURL)/settings/vacation", token: token)
    default:
      guard path.segments.count == 2, path.segments[0] == "calendars",
        let id = PlatformPath.id(path.segments[1])
      else { return nil }
      return get("\(calendarURL)/calendars/\(percentEncoded(id))", token: token)
    }
  }

  /// The whole of a body that is one object.
  package func readWhole(_ reply: Reply) -> Confirmation {
    let error = GoogleError(reply)
    switch reply.status {
    case 200:
      do throws(JSONFault) {
        var scanner = JSONScanner(reply.body)
        let bytes = try scanner.value()
        try scanner.end()
        return .exists(Item(id: "", revision: "", bytes: bytes))
      } catch {
        return .refused(unreadable(reply, error.description))
      }
    case 401: return .unauthorized(reason: error.reason)
    case 404 where error.isGoogles: return .gone(nil)
    default: return .refused(error.refusal)
    }
  }
}
