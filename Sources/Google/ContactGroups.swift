import Domain

extension GoogleSuite {
  /// The contact groups of the account, which has one collection of them.
  func contactGroups(_ path: PlatformPath) -> Collection? {
    guard path.segments == ["changed-groups"] else { return nil }
    return Collection(kind: CollectionKind.contactGroups.rawValue, id: "me")
  }

  /// Every page asks the same but for `pageToken`; a sync token has to come with the fields that it
  /// was given for, so these never change.
  func groupsRequest(_ ask: PageRequest, token: String) -> Request {
    let place = PagePlace(ask, pageSizeMax: GoogleLimits.groupsMax)
    var query = [(name: "pageSize", value: String(place.pageSize)), groupFields]
    if case .changes(let cursor) = ask.mode { query.append(("syncToken", cursor)) }
    if let pageToken = place.pageToken { query.append(("pageToken", pageToken)) }
    return get("\(peopleURL)/contactGroups?\(queryText(query))", token: token)
  }

  func groupRequest(_ object: String, token: String) -> Request {
    get(
      "\(peopleURL)/contactGroups/\(percentEncoded(object))?\(queryText([groupFields]))",
      token: token)
  }

  func readGroups(_ reply: Reply, to ask: PageRequest) -> PageOutcome {
    let error = GoogleError(reply)
    // People says 400 for a dead sync token, and has been seen to say 410; the reason decides, and
    // where there is none, the message. Source: People API guide, “List the user's contacts”.
    switch reply.status {
    case 400 where error.words.contains(deadToken) || error.says(deadTokenMessage),
      410 where error.isGoogles:
      return .cursorExpired(reason: error.words.contains(deadToken) ? deadToken : error.reason)
    default: return readList(.groups, reply, to: ask, pageSizeMax: GoogleLimits.groupsMax)
    }
  }
}

private let deadToken = "EXPIRED_SYNC_TOKEN"
private let deadTokenMessage = "sync token is expired"

/// All that a group has.
let groupFields = (
  name: "groupFields", value: "clientData,groupType,memberCount,metadata,name"
)
