import Domain
import GoogleFake

// Faults and scripts as JSON.
extension SandboxWorld {
  func faultList() -> FakeAnswer {
    let text = JSONText.object { text in
      text.arrayField("queue") { text in
        for order in google.faults.queue {
          text.element()
          text.object { text in
            text.field("kind", order.fault.kind)
            text.field("times", order.times)
            write(order, to: &text)
          }
        }
      }
      text.arrayField("chances") { text in
        for chance in google.faults.chances {
          text.element()
          text.object { text in
            text.field("kind", chance.order.fault.kind)
            text.field("permille", chance.permille)
            write(chance.order, to: &text)
          }
        }
      }
    }
    return .json(200, text)
  }

  mutating func addFaults(_ body: LooseJSON) throws(Refusal) -> FakeAnswer {
    var orders: [FakeFaults.Order] = []
    var chances: [FakeFaults.Chance] = []
    for item in body["faults"]?.items ?? [body] {
      var order = FakeFaults.Order(
        try fault(item), path: item["path"]?.string ?? "/", method: item["method"]?.string,
        parameter: item["parameter"]?.string, without: item["without"]?.string)
      if let permille = item["permille"]?.integer {
        guard (0...1_000).contains(permille) else {
          throw .unreadable("\"permille\" is 0 to 1000.")
        }
        chances.append(.init(Int(permille), order))
      } else {
        let times = item["times"]?.integer ?? 1
        guard (1...1_000_000).contains(times) else { throw .unreadable("\"times\" is 1 or more.") }
        order.times = Int(times)
        orders.append(order)
      }
    }
    guard google.faults.queue.count + orders.count <= FakeLimits.faultsMax,
      google.faults.chances.count + chances.count <= FakeLimits.faultsMax
    else { throw .unreadable("At most \(FakeLimits.faultsMax) faults wait at a time.") }
    for order in orders { google.faults.add(order) }
    google.faults.chances += chances
    return faultList()
  }

  private func write(_ order: FakeFaults.Order, to text: inout JSONText) {
    text.field("path", order.path)
    if let method = order.method { text.field("method", method) }
    if let parameter = order.parameter { text.field("parameter", parameter) }
    if let without = order.without { text.field("without", without) }
  }

  private func retryAfter(_ item: LooseJSON) throws(Refusal) -> FakeFault.RetryAfter? {
    if item["retryAfterDate"] != nil {
      return .date(after: .seconds(try number(item, "retryAfterDate", 0...10_000_000, 0)))
    }
    guard let text = item["retryAfter"].flatMap({ $0.string ?? $0.integer.map { "\($0)" } }) else {
      return nil
    }
    guard !text.utf8.contains(where: { $0 < 32 }) else {
      throw .unreadable("\"retryAfter\" is a text without control characters.")
    }
    return .text(text)
  }

  private func fault(_ item: LooseJSON) throws(Refusal) -> FakeFault {
    let kind = item["kind"]?.string ?? ""
    switch kind {
    case "status":
      return .refuse(
        status: try status(item, 503), reason: item["reason"]?.string,
        retryAfter: try retryAfter(item), message: item["message"]?.string)
    case "html": return .html(status: try status(item, 502))
    case "empty": return .empty(status: try status(item, 200))
    case "cut": return .cut
    case "truncated": return .truncated
    case "wrongGzip": return .wrongGzip
    case "resetBefore": return .resetBefore
    case "resetAfter": return .resetAfter
    case "drip":
      let bytes = try number(item, "bytes", 1...1_000_000, 16)
      return .drip(bytes: Int(bytes), every: .milliseconds(try delay(item, 100)))
    case "endless": return .endless
    case "huge":
      let most = Int64(FakeLimits.hugeBytesMax)
      return .huge(bytes: Int(try number(item, "bytes", 0...most, 32 << 20)))
    case "delay": return .delay(.milliseconds(try delay(item, 1_000)))
    case "short": return .short(items: Int(try number(item, "items", 0...2_500, 0)))
    case "omit":
      guard let id = item["id"]?.string else { throw .unreadable("omit needs \"id\".") }
      return .omit(id: id)
    case "skip": return .skip(items: Int(try number(item, "items", 0...2_500, 1)))
    case "again": return .again(items: Int(try number(item, "items", 0...2_500, 1)))
    case "end": return .end
    case "miss": return .miss(pick: Int(try number(item, "pick", 0...1_000_000, 0)))
    case "double": return .double(pick: Int(try number(item, "pick", 0...1_000_000, 0)))
    case "vanish": return .vanish
    default: throw .unreadable("No such fault: \(kind)")
    }
  }

  /// Reads the script of one path: `{"path": "/receiver/hook", "answers": [503, {"status": 200}]}`.
  mutating func script(_ body: LooseJSON) throws(Refusal) -> FakeAnswer {
    guard let path = body["path"]?.string, path.hasPrefix("/receiver/") else {
      throw .unreadable("\"path\" begins with /receiver/.")
    }
    var answers: [FakeReceiver.Answer] = []
    for item in body["answers"]?.items ?? [] {
      let item = item.integer.map { LooseJSON.object(["status": .integer($0)]) } ?? item
      answers.append(try receiverAnswer(item))
    }
    guard answers.count <= SandboxLimits.receiverAnswersMax else {
      throw .unreadable("At most \(SandboxLimits.receiverAnswersMax) answers to a path.")
    }
    receiver.script(path, answers)
    return .json(200, JSONText.object { $0.field("answers", answers.count) })
  }

  private func receiverAnswer(_ item: LooseJSON) throws(Refusal) -> FakeReceiver.Answer {
    var answer = FakeReceiver.Answer(status: try status(item, 204))
    for name in ["retryAfter", "location"] {
      guard let value = item[name] else { continue }
      guard let text = value.string ?? value.integer.map({ "\($0)" }),
        !text.utf8.contains(where: { $0 < 32 })
      else { throw .unreadable("\"\(name)\" is a text without control characters.") }
      answer.headers.append(Header(name == "location" ? "Location" : "Retry-After", text))
    }
    answer.body = Array((item["body"]?.string ?? "").utf8)
    answer.delay = .milliseconds(try delay(item, 0))
    if item["repeat"]?.boolean == true {
      answer.times = nil
    } else {
      answer.times = Int(try number(item, "times", 1...1_000_000, 1))
    }
    switch item["manner"]?.string {
    case nil, "plain": break
    case "reset": answer.manner = .reset
    case "close": answer.manner = .close
    case "cut": answer.manner = .cut
    case "endless": answer.manner = .endless
    case "drip": answer.manner = .drip(bytes: 1, every: .milliseconds(100))
    default: throw .unreadable("\"manner\" is plain, reset, close, cut, drip or endless.")
    }
    return answer
  }

  private func status(_ item: LooseJSON, _ usual: Int64) throws(Refusal) -> Int {
    Int(try number(item, "status", 200...599, usual))
  }

  private func delay(_ item: LooseJSON, _ usual: Int64) throws(Refusal) -> Int64 {
    try number(item, "delayMs", 0...SandboxLimits.delayMillisecondsMax, usual)
  }

  private func number(
    _ item: LooseJSON, _ name: String, _ range: ClosedRange<Int64>, _ usual: Int64
  ) throws(Refusal) -> Int64 {
    guard let given = item[name] else { return usual }
    guard let value = given.integer, range.contains(value) else {
      throw .unreadable("\"\(name)\" is \(range.lowerBound) to \(range.upperBound).")
    }
    return value
  }
}

extension FakeFault {
  /// Its name in the control's JSON.
  var kind: String {
    switch self {
    case .refuse: "status"
    case .html: "html"
    case .empty: "empty"
    case .cut: "cut"
    case .truncated: "truncated"
    case .wrongGzip: "wrongGzip"
    case .resetBefore: "resetBefore"
    case .resetAfter: "resetAfter"
    case .drip: "drip"
    case .endless: "endless"
    case .huge: "huge"
    case .delay: "delay"
    case .short: "short"
    case .omit: "omit"
    case .skip: "skip"
    case .again: "again"
    case .end: "end"
    case .miss: "miss"
    case .double: "double"
    case .vanish: "vanish"
    }
  }
}
