import Domain
import Events

/// One thing that goes wrong with one answer.
package enum FakeFault: Sendable, Equatable {
  /// The API's error body for a status and reason, perhaps with `Retry-After` or other words.
  case refuse(status: Int, reason: String?, retryAfter: RetryAfter?, message: String? = nil)
  /// A page of HTML, as Google's front end sends it with a 5xx.
  case html(status: Int)
  /// A status and no body.
  case empty(status: Int)
  /// The right status and length, half the body.
  case cut
  /// Half the JSON with the length of that half: complete as HTTP, broken as JSON.
  case truncated
  /// `Content-Encoding: gzip` on what is no gzip.
  case wrongGzip
  /// The connection is reset before the request is worked on.
  case resetBefore
  /// The request is worked on, and then the connection is reset.
  case resetAfter
  case drip(bytes: Int, every: Duration)
  case endless
  /// The answer with so many blanks before it: still JSON, only very long.
  case huge(bytes: Int)
  case delay(Duration)
  /// A list's page holds at most so many items, perhaps none, although more follow.
  case short(items: Int)
  /// A list's page leaves out one object that is there.
  case omit(id: String)
  /// A list's page leaves out its first items, as if they had moved to a page read before.
  case skip(items: Int)
  /// A list's page shows its last items, and the next page shows them again.
  case again(items: Int)
  /// A list ends with this page, as if nothing followed.
  case end
  /// A list's page leaves out one of its objects, the one on which `pick` falls counted around; one
  /// that changed since a cursor last came back where there are any.
  case miss(pick: Int)
  /// A list's page shows one of its objects once more, the one on which `pick` falls.
  case double(pick: Int)
  /// The object that the request is for is deleted before the request is worked on.
  case vanish
}

/// The faults that are due, and for which requests: a queue made to order, and chance.
package struct FakeFaults: Sendable {
  /// A fault in the queue.
  package struct Order: Sendable, Equatable {
    package var fault: FakeFault
    /// How many requests it still hits.
    package var times: Int
    /// Only requests whose target begins so.
    package var path: String
    /// Only requests of this method.
    package var method: String?
    /// Only requests with a query parameter of this name, such as `pageToken`.
    package var parameter: String?
    /// Only requests without a query parameter of this name; `syncToken` means: full listings.
    package var without: String?
    /// It hides no object but those that whoever follows the list must know: what was there by the
    /// last cursor that came back. So all that it hides can be missed. Where the stand-in keeps no
    /// versions, nothing is known.
    package var sparesUnknown: Bool

    package init(
      _ fault: FakeFault, times: Int = 1, path: String = "/", method: String? = nil,
      parameter: String? = nil, without: String? = nil, sparesUnknown: Bool = false
    ) {
      self.fault = fault
      self.times = times
      self.path = path
      self.method = method
      self.parameter = parameter
      self.without = without
      self.sparesUnknown = sparesUnknown
    }

    var distortion: PageDistortion {
      var distortion = fault.distortion
      distortion.sparesUnknown = sparesUnknown
      return distortion
    }
  }

  /// A fault that strikes by chance, so many of a thousand requests that its order is for.
  package struct Chance: Sendable, Equatable {
    package var permille: Int
    /// Its `times` are not counted.
    package var order: Order

    package init(_ permille: Int, _ order: Order) {
      self.permille = permille
      self.order = order
    }
  }

  /// Faults drawn by chance, in the order in which chance is asked.
  package var chances: [Chance] = []
  package private(set) var queue: [Order] = []
  private var random: FakeRandom

  package init(seed: UInt64) {
    random = FakeRandom(seed: seed)
  }

  /// Puts a fault at the end of the queue.
  ///
  /// - Returns: Whether there was room.
  @discardableResult
  package mutating func add(_ order: Order) -> Bool {
    guard queue.count < FakeLimits.faultsMax else { return false }
    if order.times > 0 { queue.append(order) }
    return true
  }

  /// Forgets the queue and the chances.
  package mutating func clear() {
    queue = []
    chances = []
  }

  /// The fault for a request, used up by it: the first that fits, else what chance says.
  mutating func take(_ request: FakeRequest, _ target: Target) -> Order? {
    guard !queue.isEmpty || !chances.isEmpty else { return nil }
    if let place = queue.firstIndex(where: { $0.fits(request, target) }) {
      let order = queue[place]
      queue[place].times -= 1
      if queue[place].times <= 0 { queue.remove(at: place) }
      return order
    }
    for chance in chances where chance.order.fits(request, target) {
      if random.next() % 1_000 < UInt64(max(0, chance.permille)) { return chance.order }
    }
    return nil
  }
}

extension FakeFaults.Order {
  func fits(_ request: FakeRequest, _ target: Target) -> Bool {
    guard request.path.hasPrefix(path), method == nil || method == request.method,
      parameter.map({ target[$0] != nil }) ?? true, without.map({ target[$0] == nil }) ?? true
    else { return false }
    if fault == .vanish { return FakeFaults.isObject(request, target) }
    return !fault.isForLists || request.method == "GET" && FakeFaults.isList(target)
  }
}

extension FakeFaults {
  /// Tells the paths of lists in pages from others.
  static func isList(_ target: Target) -> Bool {
    let names = [
      "events", "instances", "calendarList", "contactGroups", "connections", "messages", "threads",
      "history",
    ]
    return target.segments.last.map(names.contains) ?? false
  }

  /// Tells requests that read one object that can be deleted from others.
  static func isObject(_ request: FakeRequest, _ target: Target) -> Bool {
    guard request.method == "GET", target.segments.count >= 3 else { return false }
    let parent = target.segments[target.segments.count - 2]
    return ["events", "contactGroups", "people", "messages", "threads"].contains(parent)
      && !(parent == "people" && target.segments.last == "me")
  }
}

extension FakeFault {
  var isForLists: Bool {
    switch self {
    case .short, .omit, .skip, .again, .end, .miss, .double: true
    default: false
    }
  }

  /// The answer in place of the right one, where the request is not worked on at all.
  func answerInstead(of target: Target, at now: Moment) -> FakeAnswer? {
    switch self {
    case .refuse(let status, let reason, let retryAfter, let message):
      var error = GoogleError.usual(status: status, reason: reason)
      if let message { error.message = message }
      var answer = error.answer(to: target)
      if target.path == "/token" {
        let usual = status < 500 ? "invalid_grant" : "internal_failure"
        answer = FakeAuthorization.refusal(status, reason ?? usual, "Bad Request")
      }
      if let retryAfter { answer.headers.append(Header("Retry-After", retryAfter.value(at: now))) }
      return answer
    case .html(let status): return .html(status, "Error \(status) (Server Error)!!1")
    case .empty(let status): return FakeAnswer(status: status)
    case .resetBefore: return FakeAnswer(status: 503, manner: .reset)
    default: return nil
    }
  }

  var distortion: PageDistortion {
    switch self {
    case .short(let items): PageDistortion(rowsMax: max(0, items))
    case .omit(let id): PageDistortion(omitted: [id])
    case .skip(let items): PageDistortion(skipped: max(0, items))
    case .again(let items): PageDistortion(repeated: max(0, items))
    case .end: PageDistortion(isLast: true)
    case .miss(let pick): PageDistortion(missed: abs(pick))
    case .double(let pick): PageDistortion(doubled: abs(pick))
    default: PageDistortion()
    }
  }

  /// The right answer, spoilt.
  func distorted(_ right: FakeAnswer) -> FakeAnswer {
    var answer = right
    switch self {
    case .cut: answer.manner = .cut
    case .truncated: answer.body = Array(right.body.prefix(right.body.count / 2))
    case .wrongGzip: answer.headers.append(Header("Content-Encoding", "gzip"))
    case .resetAfter: answer.manner = .reset
    case .drip(let bytes, let interval): answer.manner = .drip(bytes: bytes, every: interval)
    case .endless: answer.manner = .endless
    case .huge(let bytes):
      answer.body =
        [UInt8](repeating: 32, count: min(bytes, FakeLimits.hugeBytesMax)) + right.body
    case .delay(let wait): answer.delay = wait
    case .refuse, .html, .empty, .resetBefore, .short, .omit, .skip, .again, .end, .miss, .double,
      .vanish:
      break
    }
    return answer
  }
}
